-- A send to those for whom earlier ones of its message failed: their newest row is the one that counts.
alter table send add column of_failed boolean not null default false;
