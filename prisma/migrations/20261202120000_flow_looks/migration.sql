-- Triggers that nobody signals are looked for: up to which moment that was done, and when next.
alter table flow add column looked_at timestamptz(3);
alter table flow add column look_at timestamptz(3);
create index flow_to_look on flow (look_at) where look_at is not null;

-- Who was in the segment of a flow's trigger at the last look.
create table flow_member (
  section_id integer not null,
  flow_id    integer not null,
  profile_id bigint not null,

  constraint flow_member_pkey primary key (section_id, flow_id, profile_id)
);
select place_table('flow_member', 'section');
alter table flow_member add constraint flow_member_section_id_flow_id_fkey
  foreign key (section_id, flow_id) references flow (section_id, id) on delete restrict on update no action;
create index flow_member_section_id_profile_id_idx on flow_member (section_id, profile_id);
