-- What comes back of mails: bounces and complaints, and where they are read from.
alter table recipient add column bounce text;
-- Refusals that have not been noted as bounces yet: few at a time.
create index recipient_refused on recipient (section_id, number) where state = 'refused' and bounced_at is null;

-- What was said of a recipient, or of an address, once for each thing that was said.
create table bounce (
  section_id  integer not null,
  id          bigserial,
  key         text not null,
  sender_id   integer not null,
  number      bigint,
  address_key text collate "C",
  kind        text not null,
  why         text,
  status      text,
  answer      text,
  via         text not null,
  at          timestamptz(3) not null,

  constraint bounce_pkey primary key (section_id, id)
);
select place_table('bounce', 'section');
create unique index bounce_section_id_key_key on bounce (section_id, key);
create index bounce_section_id_number_idx on bounce (section_id, number);
create index bounce_of_address on bounce (section_id, address_key) where number is null;
create index bounce_section_id_sender_id_id_idx on bounce (section_id, sender_id, id);

-- Where a sender hears of bounces: a mailbox that is read, and calls of its provider.
create table sender_bounces (
  section_id    integer not null,
  sender_id     integer not null,
  mailbox       jsonb,
  secrets       bytea,
  topic_arn     text,
  uid_validity  bigint,
  last_uid      bigint not null default 0,
  undeleted     bigint[] default array[]::bigint[],
  stuck         smallint not null default 0,
  next_at       timestamptz(3),
  lease         uuid,
  lease_until   timestamptz(3),
  read_at       timestamptz(3),
  failing_since timestamptz(3),
  error         text,
  bounces       integer not null default 0,
  complaints    integer not null default 0,
  passed_over   integer not null default 0,
  probed_at     timestamptz(3),
  arrived_at    timestamptz(3),
  called_at     timestamptz(3),
  call_problem  text,
  confirmed_at  timestamptz(3),

  constraint sender_bounces_pkey primary key (section_id, sender_id)
);
select place_table('sender_bounces', 'section');
alter table sender_bounces add constraint sender_bounces_section_id_sender_id_fkey
  foreign key (section_id, sender_id) references sender (section_id, id) on delete cascade on update no action;

-- Mails in such a mailbox that say nothing that can be used. They stay in the mailbox.
create table bounce_aside (
  section_id   integer not null,
  id           bigserial,
  sender_id    integer not null,
  uid          bigint not null,
  at           timestamptz(3) not null,
  from_address text not null,
  subject      text not null,
  why          text not null,

  constraint bounce_aside_pkey primary key (section_id, id)
);
select place_table('bounce_aside', 'section');
create index bounce_aside_section_id_sender_id_id_idx on bounce_aside (section_id, sender_id, id);
alter table bounce_aside add constraint bounce_aside_section_id_sender_id_fkey
  foreign key (section_id, sender_id) references sender (section_id, id) on delete cascade on update no action;
