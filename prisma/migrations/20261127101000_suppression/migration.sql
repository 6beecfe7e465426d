-- Addresses that get nothing, by channel: bounced, complained, or put there by hand. It outlives the profiles.
create table suppression (
  section_id  integer not null,
  id          bigserial not null,
  channel     text not null,
  address_key text collate "C" not null,
  reason      text not null,
  evidence    text not null default '',
  at          timestamptz(3) not null,
  user_id     integer,
  api_key_id  integer,
  lifted_at   timestamptz(3),
  lifted_by   integer,
  lift_reason text not null default '',

  constraint suppression_pkey primary key (section_id, id),
  constraint suppression_channel check (channel in ('email', 'sms')),
  constraint suppression_reason check (reason in ('hard', 'complaint', 'manual', 'soft'))
);
select place_table('suppression', 'section');
create unique index suppression_active on suppression (section_id, channel, address_key) where lifted_at is null;
create index suppression_section_id_address_key_idx on suppression (section_id, address_key);
create index suppression_listed on suppression (section_id, at, id) where lifted_at is null;
create index suppression_lifted on suppression (section_id, at, id) where lifted_at is not null;
