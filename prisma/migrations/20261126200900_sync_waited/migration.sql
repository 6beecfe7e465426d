-- How long runs have waited for a person, which is no part of how long they took.
alter table sync_run add column waited_seconds integer not null default 0;
