-- Forms, their versions, what people submit, and the mails that ask them to confirm.
create table form (
  section_id   integer not null,
  id           serial,
  code         text not null,
  name         text not null,
  name_key     text not null,
  document     jsonb not null,
  version      integer,
  open         boolean not null default false,
  created_by   integer,
  created_at   timestamptz(3) not null,
  changed_by   integer,
  changed_at   timestamptz(3) not null,
  published_at timestamptz(3),
  deleted_at   timestamptz(3),

  constraint form_pkey primary key (section_id, id)
);
select place_table('form', 'section');
alter table form add constraint form_section_id_fkey
  foreign key (section_id) references section (id) on delete restrict on update no action;
create unique index form_section_id_code_key on form (section_id, code);
create unique index form_section_id_name_key_key on form (section_id, name_key) where deleted_at is null;

-- What was published: never changed, as submissions refer to it.
create table form_version (
  section_id integer not null,
  form_id    integer not null,
  version    integer not null,
  document   jsonb not null,
  created_by integer,
  created_at timestamptz(3) not null,

  constraint form_version_pkey primary key (section_id, form_id, version)
);
select place_table('form_version', 'section');
alter table form_version add constraint form_version_section_id_form_id_fkey
  foreign key (section_id, form_id) references form (section_id, id) on delete restrict on update no action;

create table form_submission (
  section_id   integer not null,
  id           bigserial,
  form_id      integer not null,
  version      integer not null,
  once         bytea not null,
  state        text not null,
  answers      jsonb,
  address_key  text collate "C",
  content_key  bytea,
  referrer     text not null default '',
  score        smallint not null default 0,
  signs        text[] default array[]::text[],
  at           timestamptz(3) not null,
  next_at      timestamptz(3),
  attempts     smallint not null default 0,
  error        text,
  confirmed_at timestamptz(3),
  released_at  timestamptz(3),
  released_by  integer,
  worked_at    timestamptz(3),
  profile_id   bigint,

  constraint form_submission_pkey primary key (section_id, id)
);
select place_table('form_submission', 'section');
alter table form_submission add constraint form_submission_section_id_form_id_version_fkey
  foreign key (section_id, form_id, version) references form_version (section_id, form_id, version) on delete restrict on update no action;
-- The same page sent twice is one submission.
create unique index form_submission_section_id_form_id_once_key on form_submission (section_id, form_id, once);
create index form_submission_section_id_form_id_at_id_idx on form_submission (section_id, form_id, at, id);
create index form_submission_section_id_profile_id_idx on form_submission (section_id, profile_id);
create index form_submission_section_id_address_key_at_idx on form_submission (section_id, address_key, at);
create index form_submission_received on form_submission (section_id, next_at, id) where state = 'received';
create index form_submission_open on form_submission (section_id, form_id, state, id)
  where state in ('pending', 'waiting', 'quarantined', 'failed');
create index form_submission_content on form_submission (section_id, content_key, at);

-- Mails that ask for a confirmation.
create table form_mail (
  section_id    integer not null,
  id            bigserial,
  submission_id bigint not null,
  kind          text not null,
  state         text not null,
  address_key   text collate "C",
  next_at       timestamptz(3),
  attempts      smallint not null default 0,
  lease         uuid,
  lease_until   timestamptz(3),
  outcome       text,
  created_at    timestamptz(3) not null,
  ended_at      timestamptz(3),

  constraint form_mail_pkey primary key (section_id, id)
);
select place_table('form_mail', 'section');
alter table form_mail add constraint form_mail_section_id_submission_id_fkey
  foreign key (section_id, submission_id) references form_submission (section_id, id) on delete cascade on update no action;
create unique index form_mail_section_id_submission_id_kind_key on form_mail (section_id, submission_id, kind);
create index form_mail_waiting on form_mail (section_id, next_at) where state = 'waiting';
create index form_mail_section_id_address_key_created_at_idx on form_mail (section_id, address_key, created_at);

-- How often a form was seen and begun, by day and by the site that led to it. Nobody is followed.
create table form_count (
  section_id integer not null,
  form_id    integer not null,
  day        date not null,
  referrer   text not null,
  kind       text not null,
  step       smallint not null,
  count      bigint not null,

  constraint form_count_pkey primary key (section_id, form_id, day, referrer, kind, step)
);
select place_table('form_count', 'section');
alter table form_count add constraint form_count_section_id_form_id_fkey
  foreign key (section_id, form_id) references form (section_id, id) on delete restrict on update no action;

-- Forms use tags, attributes and topics.
alter table "use"
  add column user_form int generated always as (case when user_kind = 'form' then user_id end) stored;
alter table "use" drop constraint use_known_kinds;
alter table "use" add constraint use_known_kinds check (
  num_nonnulls(user_segment, user_import, user_list, user_message, user_form) = 1
  and num_nonnulls(used_tag, used_attribute, used_event, used_segment, used_topic) = 1
);
create index "use_section_id_user_form_idx" on "use" (section_id, user_form);
alter table "use" add constraint use_section_id_user_form_fkey
  foreign key (section_id, user_form) references form (section_id, id) on delete cascade on update no action;
