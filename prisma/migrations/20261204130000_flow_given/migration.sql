-- What a call gave along with somebody who enters a flow: from the inbox to their stay, and to who came while it was paused.
alter table signal add column given jsonb;
alter table flow_run add column given jsonb;
alter table flow_kept add column given jsonb;

-- Of those who have left, it is removed with their history.
create index flow_run_given_idx on flow_run (section_id, left_at) where given is not null and due_at is null;
