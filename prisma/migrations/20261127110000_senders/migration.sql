-- What mails are sent through, the built-in mailbox, and invitations and password links on their way by mail.
create table sender (
  section_id   integer not null,
  id           serial,
  kind         text not null,
  name         text not null,
  from_address text not null,
  from_name    text not null,
  reply_to     text,
  settings     jsonb not null,
  secrets      bytea,
  paused_at    timestamptz(3),
  domain_check jsonb,
  created_by   integer,
  created_at   timestamptz(3) not null default current_timestamp,
  removed_at   timestamptz(3),

  constraint sender_pkey primary key (section_id, id)
);
select place_table('sender', 'section');
alter table sender add constraint sender_section_id_fkey
  foreign key (section_id) references section (id) on delete restrict on update no action;

create table sender_use (
  section_id integer not null,
  sender_id  integer not null,
  seconds    integer not null,
  since      timestamptz(3) not null,
  taken      integer not null,

  constraint sender_use_pkey primary key (section_id, sender_id, seconds, since)
);
select place_table('sender_use', 'section');
alter table sender_use add constraint sender_use_section_id_sender_id_fkey
  foreign key (section_id, sender_id) references sender (section_id, id) on delete cascade on update no action;

create table caught_mail (
  section_id   integer not null,
  id           bigserial,
  sender_id    integer not null,
  at           timestamptz(3) not null,
  from_address text not null,
  to_address   text not null,
  subject      text not null,
  raw          bytea not null,
  for_owners   boolean not null default false,

  constraint caught_mail_pkey primary key (section_id, id)
);
select place_table('caught_mail', 'section');
create index caught_mail_section_id_sender_id_id_idx on caught_mail (section_id, sender_id, id);
alter table caught_mail add constraint caught_mail_section_id_sender_id_fkey
  foreign key (section_id, sender_id) references sender (section_id, id) on delete cascade on update no action;

create table account_sender (
  account_id integer not null,
  section_id integer not null,
  sender_id  integer not null,

  constraint account_sender_pkey primary key (account_id)
);
select place_table('account_sender', 'local');

create table system_mail (
  id            bigserial,
  account_id    integer,
  kind          text not null,
  to_address    text not null,
  token         bytea,
  invitation_id integer,
  origin        text not null,
  created_at    timestamptz(3) not null,
  state         text not null default 'waiting',
  attempts      integer not null default 0,
  outcome       text,
  ended_at      timestamptz(3),

  constraint system_mail_pkey primary key (id)
);
select place_table('system_mail', 'local');
create index system_mail_account_id_invitation_id_idx on system_mail (account_id, invitation_id);
