-- Many are due at the same moment, such as nine o'clock: a batch takes the first of them in the order of the index, and does not sort all of them.
create index flow_run_due_by_profile on flow_run (section_id, flow_id, due_at, profile_id) where due_at is not null;
drop index flow_run_due;
alter index flow_run_due_by_profile rename to flow_run_due;
