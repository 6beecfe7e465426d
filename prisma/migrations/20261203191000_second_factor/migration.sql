-- The second factor of people who sign in by password, and what a session shows about its browser.
create table second_factor (
  user_id     integer not null,
  secret      bytea not null,
  since       timestamptz(3) not null,
  last_step   integer not null,
  wrong_codes integer not null default 0,
  told_at     timestamptz(3),

  constraint second_factor_pkey primary key (user_id)
);
select place_table('second_factor', 'reference');
alter table second_factor add constraint second_factor_user_id_fkey
  foreign key (user_id) references app_user (id) on delete cascade on update no action;

create table recovery_code (
  user_id   integer not null,
  code_hash text not null,
  used_at   timestamptz(3),

  constraint recovery_code_pkey primary key (user_id, code_hash)
);
select place_table('recovery_code', 'reference');
alter table recovery_code add constraint recovery_code_user_id_fkey
  foreign key (user_id) references second_factor (user_id) on delete cascade on update no action;

alter table account add column second_factor_required_at timestamptz(3);

alter table app_user add column last_seen_at timestamptz(3);
update app_user set last_seen_at = last_sign_in_at;

alter table user_session
  add column last_seen_at timestamptz(3),
  add column user_agent text,
  add column network text;

-- How long a count of wrong attempts stays after the last wait has ended.
alter table sign_in_attempt add column quiet_minutes integer not null default 15;

-- What a mail without a link tells.
alter table system_mail add column notice jsonb;
