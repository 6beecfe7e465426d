-- Integrations: connections to CRMs, the lists that keep tags, and the runs of their syncs.
create type connection_status as enum ('active', 'paused', 'waiting', 'removed');
create type list_status as enum ('active', 'paused', 'inactive', 'missing', 'gone', 'left');
create type sync_status as enum
  ('reading', 'comparing', 'planned', 'applying', 'held', 'done', 'failed', 'cancelled', 'superseded');
create type sync_list_status as enum ('waiting', 'read', 'frozen', 'failed', 'held', 'done');

create table connection (
  section_id   integer not null,
  id           serial  not null,
  kind         text not null,
  name         text not null,
  keyspace_id  integer not null,
  status       connection_status not null default 'active',
  attention    text,
  settings     jsonb not null,
  secrets      bytea not null,
  options      jsonb not null,
  identity     text,
  next_sync_at timestamptz(3),
  created_by   integer,
  created_at   timestamptz(3) not null default current_timestamp,

  constraint connection_pkey primary key (section_id, id)
);
select place_table('connection', 'section');
create index connection_due on connection (next_sync_at) where status = 'active';
alter table connection add constraint connection_section_id_fkey
  foreign key (section_id) references section (id) on delete restrict on update no action;
alter table connection add constraint connection_keyspace_id_fkey
  foreign key (keyspace_id) references keyspace (id) on delete restrict on update no action;

create table connection_list (
  section_id    integer not null,
  id            serial  not null,
  connection_id integer not null,
  external_id   text not null,
  name          text not null,
  kind          text not null,
  tag_id        integer not null,
  holder_id     integer not null,
  status        list_status not null default 'active',
  status_since  timestamptz(3) not null default current_timestamp,
  new_name      text,
  add_only      boolean not null default false,
  manual        text,
  definition    text,
  confirmed     boolean not null default false,
  created_at    timestamptz(3) not null default current_timestamp,

  constraint connection_list_pkey primary key (section_id, id)
);
select place_table('connection_list', 'section');
create unique index connection_list_section_id_connection_id_external_id_key
  on connection_list (section_id, connection_id, external_id);
create index connection_list_section_id_tag_id_idx on connection_list (section_id, tag_id);
alter table connection_list add constraint connection_list_section_id_connection_id_fkey
  foreign key (section_id, connection_id) references connection (section_id, id) on delete restrict on update no action;
alter table connection_list add constraint connection_list_section_id_tag_id_fkey
  foreign key (section_id, tag_id) references tag (section_id, id) on delete restrict on update no action;
alter table connection_list add constraint connection_list_section_id_holder_id_fkey
  foreign key (section_id, holder_id) references claim_holder (section_id, id) on delete restrict on update no action;

create table sync_run (
  section_id        integer not null,
  id                serial  not null,
  connection_id     integer not null,
  dry               boolean not null,
  status            sync_status not null default 'reading',
  operation_id      integer,
  started_by        integer,
  cause             text not null,
  counts            jsonb not null default '{}',
  calls             integer not null default 0,
  error             text,
  runner            text,
  leased_until      timestamptz(3),
  created_at        timestamptz(3) not null default current_timestamp,
  finished_at       timestamptz(3),

  constraint sync_run_pkey primary key (section_id, id)
);
select place_table('sync_run', 'section');
create index sync_run_section_id_connection_id_id_idx on sync_run (section_id, connection_id, id desc);
alter table sync_run add constraint sync_run_section_id_connection_id_fkey
  foreign key (section_id, connection_id) references connection (section_id, id) on delete restrict on update no action;
alter table sync_run add constraint sync_run_section_id_operation_id_fkey
  foreign key (section_id, operation_id) references operation (section_id, id) on delete restrict on update no action;

create table sync_run_list (
  section_id integer not null,
  run_id     integer not null,
  list_id    integer not null,
  status     sync_list_status not null default 'waiting',
  name       text not null,
  definition text,
  counts     jsonb not null default '{}',
  reason     text,

  constraint sync_run_list_pkey primary key (section_id, run_id, list_id)
);
select place_table('sync_run_list', 'section');
alter table sync_run_list add constraint sync_run_list_section_id_run_id_fkey
  foreign key (section_id, run_id) references sync_run (section_id, id) on delete cascade on update no action;
alter table sync_run_list add constraint sync_run_list_section_id_list_id_fkey
  foreign key (section_id, list_id) references connection_list (section_id, id) on delete restrict on update no action;

-- What was read: a row for each contact on each list.
create table sync_member (
  section_id  integer not null,
  run_id      integer not null,
  list_id     integer not null,
  key         text not null,
  name        text not null,
  emails      text[],
  mobiles     text[],
  crm_id      text,
  attributes  jsonb not null,
  fills       jsonb not null,
  active      boolean not null,
  merged_into text,
  profile_id  bigint,
  outcome     smallint not null default 0,

  constraint sync_member_pkey primary key (section_id, run_id, list_id, key)
);
select place_table('sync_member', 'section');
create index sync_member_section_id_profile_id_idx on sync_member (section_id, profile_id);
alter table sync_member add constraint sync_member_section_id_run_id_fkey
  foreign key (section_id, run_id) references sync_run (section_id, id) on delete cascade on update no action;

-- What a run changes, or would: a list's claim on a profile begins (1) or ends (-1).
create table sync_change (
  section_id integer not null,
  run_id     integer not null,
  list_id    integer not null,
  profile_id bigint not null,
  action     smallint not null,
  state      smallint not null default 0,

  constraint sync_change_pkey primary key (section_id, run_id, list_id, profile_id)
);
select place_table('sync_change', 'section');
create index sync_change_section_id_profile_id_idx on sync_change (section_id, profile_id);
alter table sync_change add constraint sync_change_section_id_run_id_fkey
  foreign key (section_id, run_id) references sync_run (section_id, id) on delete cascade on update no action;
