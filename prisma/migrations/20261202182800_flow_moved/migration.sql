-- Whom an operation moved in a flow, took out of it or brought back: where they were, and where it left them, for its undo. Somebody who is not in it
-- has a `left` instead of a time.
create table flow_moved (
  section_id    integer not null,
  id            bigserial,
  operation_id  integer not null,
  flow_id       integer not null,
  profile_id    bigint not null,
  entry         integer not null,
  version       integer not null,
  step          text not null,
  stage         smallint not null,
  due_at        timestamptz(3),
  arrived_at    timestamptz(3) not null,
  recipient     bigint,
  "left"        text,
  to_version    integer not null,
  to_step       text not null,
  to_arrived_at timestamptz(3) not null,
  to_left       text,
  at            timestamptz(3) not null,

  constraint flow_moved_pkey primary key (section_id, id)
);
select place_table('flow_moved', 'section');
alter table flow_moved add constraint flow_moved_section_id_operation_id_fkey
  foreign key (section_id, operation_id) references operation (section_id, id) on delete restrict on update no action;
alter table flow_moved add constraint flow_moved_section_id_flow_id_fkey
  foreign key (section_id, flow_id) references flow (section_id, id) on delete restrict on update no action;
create index flow_moved_section_id_operation_id_id_idx on flow_moved (section_id, operation_id, id);
create index flow_moved_section_id_profile_id_idx on flow_moved (section_id, profile_id);
create index flow_moved_at_idx on flow_moved (at);
