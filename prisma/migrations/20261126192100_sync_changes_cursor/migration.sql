-- Reads of the contacts that have changed, between two reads of all lists.
alter table connection
  add column next_changes_at timestamptz(3),
  add column changes_cursor text;
alter table sync_run add column changes_cursor text;
