-- Events: what profiles did, by definitions that have versions.
create table event_type (
  section_id integer not null references section (id) on delete restrict on update cascade,
  id serial not null,
  discriminator text not null,
  name text not null,
  name_key text not null,
  description text not null default '',
  created_at timestamptz(3) not null default current_timestamp,
  created_by integer,
  hidden_at timestamptz(3),
  hidden_by integer,
  constraint event_type_pkey primary key (section_id, id)
);
create unique index event_type_section_id_discriminator_key on event_type (section_id, discriminator);
create unique index event_type_visible_name on event_type (section_id, name_key) where hidden_at is null;

create table event_version (
  section_id integer not null,
  id serial not null,
  event_type_id integer not null,
  fields jsonb not null,
  created_at timestamptz(3) not null default current_timestamp,
  deprecated_at timestamptz(3),
  constraint event_version_pkey primary key (section_id, id),
  constraint event_version_section_id_event_type_id_fkey foreign key (section_id, event_type_id)
    references event_type (section_id, id) on delete restrict on update cascade
);
create index event_version_section_id_event_type_id_id_idx on event_version (section_id, event_type_id, id);

create table profile_event (
  section_id integer not null,
  id bigserial not null,
  profile_id bigint not null,
  version_id integer not null,
  at timestamptz(3) not null,
  data jsonb not null default '{}',
  received_at timestamptz(3) not null default current_timestamp,
  api_key_id integer,
  constraint profile_event_pkey primary key (section_id, id),
  constraint profile_event_section_id_profile_id_fkey foreign key (section_id, profile_id)
    references profile (section_id, id) on delete cascade on update cascade,
  constraint profile_event_section_id_version_id_fkey foreign key (section_id, version_id)
    references event_version (section_id, id) on delete restrict on update cascade
);
create index profile_event_section_id_profile_id_at_id_idx on profile_event (section_id, profile_id, at, id);

-- Profiles that became one. The ledger keeps their rows under their own ids; readers look them up here.
create table profile_merge (
  section_id integer not null,
  from_id bigint not null,
  into_id bigint not null,
  at timestamptz(3) not null default current_timestamp,
  constraint profile_merge_pkey primary key (section_id, from_id),
  constraint profile_merge_section_id_into_id_fkey foreign key (section_id, into_id)
    references profile (section_id, id) on delete cascade on update cascade
);
create index profile_merge_section_id_into_id_idx on profile_merge (section_id, into_id);

-- Keys that can never be used again: their hashes only.
create table locked_key (
  section_id integer not null references section (id) on delete restrict on update cascade,
  keyspace_id integer not null references keyspace (id) on delete restrict on update cascade,
  key_hash bytea not null,
  at timestamptz(3) not null default current_timestamp,
  constraint locked_key_pkey primary key (section_id, keyspace_id, key_hash)
);

-- Whoever adds keys is expected to have looked before; this holds it where nobody did.
create function refuse_locked_keys() returns trigger language plpgsql as $$
begin
  if exists (select from locked_key) and exists (
    select from added
    join locked_key locked on locked.section_id = added.section_id and locked.keyspace_id = added.keyspace_id
      and locked.key_hash = sha256(convert_to(added.key, 'UTF8'))
  ) then
    raise exception 'a profile key is locked' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger profile_key_locked_insert after insert on profile_key
  referencing new table as added for each statement execute function refuse_locked_keys();
create trigger profile_key_locked_update after update on profile_key
  referencing new table as added for each statement execute function refuse_locked_keys();
