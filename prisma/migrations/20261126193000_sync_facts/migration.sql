-- Runs by the schedule that changed nothing, so that pages can fold them; what the removal guard looked at, and who answered it.
alter table sync_run add column quiet boolean not null default false;
alter table sync_run_list
  add column hold text,
  add column taken_off boolean,
  add column answered_by integer,
  add column answered_at timestamptz(3);
