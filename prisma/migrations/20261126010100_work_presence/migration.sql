-- A worker is there for as long as PostgreSQL holds its locks: no time of its last sign of life is kept.
alter table operation drop column heartbeat;
