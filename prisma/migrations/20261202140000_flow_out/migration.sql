-- What flows tell others: mails to colleagues, and signed calls. Sent after the transaction of the step, with the same bytes each time.
create table flow_out (
  section_id  integer not null,
  number      bigserial,
  together    bigint not null,
  flow_id     integer not null,
  step        text not null,
  profile_id  bigint not null,
  kind        text not null,
  address     text not null,
  subject     text not null default '',
  body        text not null,
  state       text not null default 'waiting',
  attempts    smallint not null default 0,
  next_at     timestamptz(3),
  lease       uuid,
  lease_until timestamptz(3),
  outcome     text,
  created_at  timestamptz(3) not null,
  ended_at    timestamptz(3),

  constraint flow_out_pkey primary key (section_id, number)
);
select place_table('flow_out', 'section');
alter table flow_out add constraint flow_out_section_id_flow_id_fkey
  foreign key (section_id, flow_id) references flow (section_id, id) on delete restrict on update no action;
create index flow_out_section_id_profile_id_idx on flow_out (section_id, profile_id);
create index flow_out_section_id_together_idx on flow_out (section_id, together);
create index flow_out_waiting on flow_out (section_id, next_at) where state = 'waiting';
