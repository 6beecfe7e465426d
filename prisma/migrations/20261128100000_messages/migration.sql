-- Messages, their sends, one row for each recipient, and what recipients do.
create table message (
  section_id integer not null,
  id         serial,
  channel    text not null,
  kind       text not null,
  name       text not null,
  name_key   text not null,
  topic_ids  integer[] default array[]::integer[],
  sender_id  integer,
  api_send_id integer,
  content    jsonb not null,
  audience   jsonb not null,
  settings   jsonb not null,
  created_by integer,
  created_at timestamptz(3) not null,
  changed_by integer,
  changed_at timestamptz(3) not null,
  deleted_at timestamptz(3),

  constraint message_pkey primary key (section_id, id)
);
select place_table('message', 'section');
alter table message add constraint message_section_id_fkey
  foreign key (section_id) references section (id) on delete restrict on update no action;
alter table message add constraint message_section_id_sender_id_fkey
  foreign key (section_id, sender_id) references sender (section_id, id) on delete restrict on update no action;
create unique index message_section_id_name_key_key on message (section_id, name_key) where deleted_at is null;
create index message_section_id_changed_at_idx on message (section_id, changed_at);

-- What was sent, for good.
create table message_version (
  section_id integer not null,
  message_id integer not null,
  version    integer not null,
  content    jsonb not null,
  compiled   jsonb not null,
  created_at timestamptz(3) not null,

  constraint message_version_pkey primary key (section_id, message_id, version)
);
select place_table('message_version', 'section');
alter table message_version add constraint message_version_section_id_message_id_fkey
  foreign key (section_id, message_id) references message (section_id, id) on delete restrict on update no action;

create table send (
  section_id   integer not null,
  id           serial,
  message_id   integer not null,
  origin       text not null default 'broadcast',
  version      integer not null,
  status       text not null,
  wish         jsonb not null,
  starts_at    timestamptz(3) not null,
  sender_id    integer not null,
  kind         text not null,
  topic_ids    integer[],
  audience     jsonb not null,
  settings     jsonb not null,
  promised     integer,
  counts       jsonb,
  pause_kind   text,
  pause_reason text,
  brakes       boolean not null default true,
  approval     text,
  decided_by   integer,
  decided_at   timestamptz(3),
  decided_note text not null default '',
  ab           jsonb,
  ab_ends_at   timestamptz(3),
  ab_result    jsonb,
  winner       smallint,
  winner_by    integer,
  winner_at    timestamptz(3),
  created_by   integer,
  created_at   timestamptz(3) not null,
  started_at   timestamptz(3),
  frozen_at    timestamptz(3),
  ended_at     timestamptz(3),

  constraint send_pkey primary key (section_id, id)
);
select place_table('send', 'section');
create index send_section_id_message_id_idx on send (section_id, message_id);
create index send_open on send (section_id, starts_at) where status in ('scheduled', 'preparing', 'sending', 'paused');
create index send_asked on send (section_id, id) where status = 'asked';
create index send_decided on send (section_id, created_by, decided_at) where decided_at is not null;
alter table send add constraint send_section_id_message_id_version_fkey
  foreign key (section_id, message_id, version) references message_version (section_id, message_id, version)
  on delete restrict on update no action;

-- One row for each person of a send: the only truth about who got it.
create table recipient (
  section_id   integer not null,
  send_id      integer not null,
  profile_id   bigint not null,
  number       bigserial,
  occurrence   bigint not null default 0,
  given        jsonb,
  state        text not null,
  why          text,
  address      text,
  address_key  text collate "C",
  lane         smallint not null default 0,
  variant      smallint not null default 0,
  in_test      boolean not null default false,
  attempts     smallint not null default 0,
  next_at      timestamptz(3),
  tried_at     timestamptz(3),
  lease        uuid,
  ended_at     timestamptz(3),
  code         smallint,
  status       text,
  answer       text,
  parts        smallint,
  opened_at    timestamptz(3),
  clicked_at   timestamptz(3),
  left_at      timestamptz(3),
  delivered_at timestamptz(3),
  bounced_at   timestamptz(3),
  complained_at timestamptz(3),
  opens        integer not null default 0,
  machine_opens integer not null default 0,
  clicks       integer not null default 0,
  machine_clicks integer not null default 0,

  constraint recipient_pkey primary key (section_id, send_id, profile_id, occurrence)
) with (fillfactor = 70);
select place_table('recipient', 'section');
create unique index recipient_section_id_send_id_address_key_occurrence_key on recipient (section_id, send_id, address_key, occurrence);
create unique index recipient_section_id_number_key on recipient (section_id, number);
create index recipient_section_id_profile_id_idx on recipient (section_id, profile_id);
create index recipient_waiting on recipient (section_id, send_id, lane, next_at, profile_id) where state = 'waiting';
create index recipient_ended on recipient (section_id, send_id, state, profile_id, occurrence)
  where state in ('refused', 'unknown', 'skipped', 'failed', 'cancelled') or bounced_at is not null;
create index recipient_leased on recipient (section_id, lease) where state in ('claimed', 'handing');
alter table recipient add constraint recipient_section_id_send_id_fkey
  foreign key (section_id, send_id) references send (section_id, id) on delete restrict on update no action;

-- Who works off a sender's mails. What the holder of a lease has claimed is its own for as long as the lease stands here.
create table sender_lease (
  section_id integer not null,
  sender_id  integer not null,
  slot       smallint not null,
  lease      uuid not null,
  until      timestamptz(3) not null,

  constraint sender_lease_pkey primary key (section_id, sender_id, slot)
);
select place_table('sender_lease', 'section');
alter table sender_lease add constraint sender_lease_section_id_sender_id_fkey
  foreign key (section_id, sender_id) references sender (section_id, id) on delete cascade on update no action;

-- What holds up the mails of a sender: a mailbox provider that asks for less, or (lane -1) its own server.
create table sender_lane (
  section_id integer not null,
  sender_id  integer not null,
  lane       smallint not null,
  step       smallint not null,
  until      timestamptz(3) not null,
  answer     text not null,

  constraint sender_lane_pkey primary key (section_id, sender_id, lane)
);
select place_table('sender_lane', 'section');
alter table sender_lane add constraint sender_lane_section_id_sender_id_fkey
  foreign key (section_id, sender_id) references sender (section_id, id) on delete cascade on update no action;

-- What recipients and their mail servers did, as it came. A rule says which of it were machines, and can be run again.
create table recipient_event (
  section_id integer not null,
  id         bigserial,
  send_id    integer not null,
  number     bigint not null,
  kind       text not null,
  link       smallint,
  at         timestamptz(3) not null,
  agent      text not null default '',
  machine    boolean not null,
  why        text,

  constraint recipient_event_pkey primary key (section_id, id)
);
select place_table('recipient_event', 'section');
create index recipient_event_section_id_send_id_kind_link_idx on recipient_event (section_id, send_id, kind, link);
create index recipient_event_section_id_number_idx on recipient_event (section_id, number);

-- Segments ask who did this; few did.
create index recipient_opened on recipient (section_id, opened_at) where opened_at is not null;
create index recipient_clicked on recipient (section_id, clicked_at) where clicked_at is not null;
create index recipient_left on recipient (section_id, left_at) where left_at is not null;

-- Events that are not added by clients but are what recipients do. They are read from where that is kept.
alter table event_type add column built_in text;
create unique index event_type_section_id_built_in_key on event_type (section_id, built_in);

-- Whether a second person approves what goes out.
create table message_rule (
  section_id integer not null,
  approval   text not null,
  changed_by integer,
  changed_at timestamptz(3) not null,

  constraint message_rule_pkey primary key (section_id)
);
select place_table('message_rule', 'section');
alter table message_rule add constraint message_rule_section_id_fkey
  foreign key (section_id) references section (id) on delete restrict on update no action;

-- People who get tests of messages.
create table test_group (
  section_id integer not null,
  id         serial,
  name       text not null,
  name_key   text not null,
  changed_by integer,
  changed_at timestamptz(3) not null,

  constraint test_group_pkey primary key (section_id, id)
);
select place_table('test_group', 'section');
alter table test_group add constraint test_group_section_id_fkey
  foreign key (section_id) references section (id) on delete restrict on update no action;
create unique index test_group_section_id_name_key_key on test_group (section_id, name_key);

create table test_group_member (
  section_id integer not null,
  group_id   integer not null,
  profile_id bigint not null,

  constraint test_group_member_pkey primary key (section_id, group_id, profile_id)
);
select place_table('test_group_member', 'section');
alter table test_group_member add constraint test_group_member_section_id_group_id_fkey
  foreign key (section_id, group_id) references test_group (section_id, id) on delete cascade on update no action;
alter table test_group_member add constraint test_group_member_section_id_profile_id_fkey
  foreign key (section_id, profile_id) references profile (section_id, id) on delete cascade on update no action;
create index test_group_member_section_id_profile_id_idx on test_group_member (section_id, profile_id);

-- How a section's mails look.
create table brand (
  section_id integer not null,
  look       jsonb not null,
  footer     text not null default '',
  changed_at timestamptz(3) not null,

  constraint brand_pkey primary key (section_id)
);
select place_table('brand', 'section');
alter table brand add constraint brand_section_id_fkey
  foreign key (section_id) references section (id) on delete restrict on update no action;

-- Pictures of messages.
create table picture (
  section_id integer not null,
  id         uuid not null,
  name       text not null,
  type       text not null,
  width      integer not null,
  height     integer not null,
  bytes      bytea not null,
  hash       bytea not null,
  created_by integer,
  created_at timestamptz(3) not null,

  constraint picture_pkey primary key (section_id, id)
);
select place_table('picture', 'section');
create unique index picture_section_id_hash_key on picture (section_id, hash);
alter table picture add constraint picture_section_id_fkey
  foreign key (section_id) references section (id) on delete restrict on update no action;

-- The built-in mailbox takes SMS too.
alter table caught_mail add column channel text not null default 'email';

-- Messages use tags, attributes, segments and topics.
alter table "use"
  add column user_message int generated always as (case when user_kind = 'message' then user_id end) stored,
  add column used_topic int generated always as (case when used_kind = 'topic' then used_id end) stored;
alter table "use" drop constraint use_known_kinds;
alter table "use" add constraint use_known_kinds check (
  num_nonnulls(user_segment, user_import, user_list, user_message) = 1
  and num_nonnulls(used_tag, used_attribute, used_event, used_segment, used_topic) = 1
);
create index "use_section_id_user_message_idx" on "use" (section_id, user_message);
alter table "use" add constraint use_section_id_user_message_fkey
  foreign key (section_id, user_message) references message (section_id, id) on delete cascade on update no action;
alter table "use" add constraint use_section_id_used_topic_fkey
  foreign key (section_id, used_topic) references topic (section_id, id) on delete restrict on update no action;
