-- Consents: what a profile has agreed to, by topic and channel.
create table topic (
  section_id integer not null references section (id) on delete restrict on update cascade,
  id serial not null,
  discriminator text not null,
  name text not null,
  name_key text not null,
  created_at timestamptz(3) not null default current_timestamp,
  constraint topic_pkey primary key (section_id, id)
);
create unique index topic_section_id_discriminator_key on topic (section_id, discriminator);
create unique index topic_section_id_name_key_key on topic (section_id, name_key);

create table consent (
  section_id integer not null,
  profile_id bigint not null,
  topic_id integer not null,
  channel text not null,
  type text not null,
  reason text not null default '',
  source text not null default '',
  modified_at timestamptz(3) not null default current_timestamp,
  constraint consent_pkey primary key (section_id, profile_id, topic_id, channel),
  constraint consent_channel check (channel in ('email', 'sms')),
  constraint consent_type check (type in ('opt-in', 'opt-out', 'pending-opt-in', 'confirmed-opt-in')),
  constraint consent_section_id_profile_id_fkey foreign key (section_id, profile_id)
    references profile (section_id, id) on delete cascade on update cascade,
  constraint consent_section_id_topic_id_fkey foreign key (section_id, topic_id)
    references topic (section_id, id) on delete restrict on update cascade
);
