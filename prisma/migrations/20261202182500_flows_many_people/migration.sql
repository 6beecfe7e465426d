-- Syncs start no flows unless somebody has chosen that for the list.
alter table connection_list add column starts_flows boolean not null default false;

-- The entries that an operation started, for its undo.
create index flow_run_of_operation on flow_run (section_id, operation_id) where operation_id is not null;
