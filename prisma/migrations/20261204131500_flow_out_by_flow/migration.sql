-- By flow: what a paused flow has to tell is not looked at, and no flow waits for another one.
create index flow_out_due on flow_out (section_id, flow_id, next_at) where state = 'waiting';
drop index flow_out_waiting;
