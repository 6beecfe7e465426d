-- Whoever would have entered while a flow was paused or needed attention: kept, to be let in or not when it goes on.
create table flow_kept (
  section_id   integer not null,
  flow_id      integer not null,
  profile_id   bigint not null,
  why          text not null,
  at           timestamptz(3) not null,
  hops         smallint not null,
  operation_id integer,

  constraint flow_kept_pkey primary key (section_id, flow_id, profile_id)
);
select place_table('flow_kept', 'section');
alter table flow_kept add constraint flow_kept_section_id_flow_id_fkey
  foreign key (section_id, flow_id) references flow (section_id, id) on delete restrict on update no action;
alter table flow_kept add constraint flow_kept_section_id_profile_id_fkey
  foreign key (section_id, profile_id) references profile (section_id, id) on delete cascade on update no action;
create index flow_kept_section_id_profile_id_idx on flow_kept (section_id, profile_id);
