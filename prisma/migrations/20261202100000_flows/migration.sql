-- Flows, their versions, who is in them, where each person has been, and the numbers of that.
create table flow (
  section_id   integer not null,
  id           serial,
  name         text not null,
  name_key     text not null,
  document     jsonb not null,
  settings     jsonb not null,
  revision     integer not null default 1,
  version      integer,
  state        text not null default 'draft',
  created_by   integer,
  created_at   timestamptz(3) not null,
  changed_by   integer,
  changed_at   timestamptz(3) not null,
  published_at timestamptz(3),
  deleted_at   timestamptz(3),

  constraint flow_pkey primary key (section_id, id)
);
select place_table('flow', 'section');
alter table flow add constraint flow_section_id_fkey
  foreign key (section_id) references section (id) on delete restrict on update no action;
create unique index flow_section_id_name_key_key on flow (section_id, name_key) where deleted_at is null;

-- What was published: never changed, as people are in it.
create table flow_version (
  section_id integer not null,
  flow_id    integer not null,
  version    integer not null,
  document   jsonb not null,
  created_by integer,
  created_at timestamptz(3) not null,

  constraint flow_version_pkey primary key (section_id, flow_id, version)
);
select place_table('flow_version', 'section');
alter table flow_version add constraint flow_version_section_id_flow_id_fkey
  foreign key (section_id, flow_id) references flow (section_id, id) on delete restrict on update no action;

-- One row for a person and a flow: where they are in it, or how they left it. `due_at` is null for those who are not in it.
create table flow_run (
  section_id   integer not null,
  flow_id      integer not null,
  profile_id   bigint not null,
  entry        integer not null,
  version      integer not null,
  step         text,
  stage        smallint not null default 0,
  due_at       timestamptz(3),
  arrived_at   timestamptz(3) not null,
  entered_at   timestamptz(3) not null,
  left_at      timestamptz(3),
  outcome      text,
  hops         smallint not null default 0,
  operation_id integer,
  attempts     smallint not null default 0,
  error        text,

  constraint flow_run_pkey primary key (section_id, flow_id, profile_id)
);
select place_table('flow_run', 'section');
alter table flow_run add constraint flow_run_section_id_flow_id_version_fkey
  foreign key (section_id, flow_id, version) references flow_version (section_id, flow_id, version) on delete restrict on update no action;
alter table flow_run add constraint flow_run_section_id_profile_id_fkey
  foreign key (section_id, profile_id) references profile (section_id, id) on delete cascade on update no action;
create index flow_run_due on flow_run (section_id, flow_id, due_at) where due_at is not null;
create index flow_run_at_step on flow_run (section_id, flow_id, version, step, profile_id) where due_at is not null;
create index flow_run_failed on flow_run (section_id, flow_id, left_at) where outcome = 'failed';
create index flow_run_section_id_profile_id_idx on flow_run (section_id, profile_id);
-- Rows are written at each stop, and a look for those that are due must not pass dead ones.
alter table flow_run set (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05);

-- Each step that a person has been through, in the order in which it happened.
create table flow_visit (
  section_id integer not null,
  id         bigserial,
  flow_id    integer not null,
  profile_id bigint not null,
  entry      integer not null,
  version    integer not null,
  step       text,
  what       text not null,
  note       text,
  at         timestamptz(3) not null,

  constraint flow_visit_pkey primary key (section_id, id)
);
select place_table('flow_visit', 'section');
create index flow_visit_section_id_profile_id_at_id_idx on flow_visit (section_id, profile_id, at, id);

-- How many came to each step and how they went on, in slots by connection.
create table flow_count (
  section_id integer not null,
  flow_id    integer not null,
  version    integer not null,
  step       text not null,
  what       text not null,
  slot       integer not null,
  number     bigint not null,

  constraint flow_count_pkey primary key (section_id, flow_id, version, step, what, slot)
);
select place_table('flow_count', 'section');
alter table flow_count add constraint flow_count_section_id_flow_id_fkey
  foreign key (section_id, flow_id) references flow (section_id, id) on delete restrict on update no action;

-- Flows use tags, attributes, events and segments.
alter table "use"
  add column user_flow int generated always as (case when user_kind = 'flow' then user_id end) stored;
alter table "use" drop constraint use_known_kinds;
alter table "use" add constraint use_known_kinds check (
  num_nonnulls(user_segment, user_import, user_list, user_message, user_form, user_flow) = 1
  and num_nonnulls(used_tag, used_attribute, used_event, used_segment, used_topic) = 1
);
create index "use_section_id_user_flow_idx" on "use" (section_id, user_flow);
alter table "use" add constraint use_section_id_user_flow_fkey
  foreign key (section_id, user_flow) references flow (section_id, id) on delete cascade on update no action;
