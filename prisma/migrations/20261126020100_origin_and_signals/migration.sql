-- What a change of a tag came through, read by its source: the import's id, the operation's, the API key's. The ledger is
-- append-only, so older rows have null, and are read by their operation_id and api_key_id.
alter table tag_change add column origin_id integer;

-- Who wants to hear of changes, and the inbox of those that they have not handled yet (lib/signals).
create table listener (
  section_id integer not null,
  topic smallint not null,
  subject_id integer not null,
  consumer text not null,
  consumer_id integer not null,
  purpose text not null,
  starts boolean not null,
  constraint listener_pkey primary key (section_id, topic, subject_id, consumer, consumer_id, purpose)
);
create index listener_section_id_consumer_consumer_id_idx on listener (section_id, consumer, consumer_id);

-- No foreign keys: a signal lives for seconds, and its consumer looks whether the profile is still there.
create table signal (
  section_id integer not null,
  id bigserial not null,
  consumer text not null,
  consumer_id integer not null,
  purpose text not null,
  topic smallint not null,
  subject_id integer not null,
  profile_id bigint not null,
  hops smallint not null,
  operation_id integer,
  at timestamptz(3) not null,
  leased_until timestamptz(3),
  attempts smallint not null default 0,
  constraint signal_pkey primary key (section_id, id)
);
create index signal_section_id_consumer_id_idx on signal (section_id, consumer, id);
-- Rows come and go all the time: dead ones are removed early, so that a look at the inbox does not have to pass them.
alter table signal set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05);
