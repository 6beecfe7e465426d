-- Keys of API clients, and who of them changed what.

create table api_key (
  id serial primary key,
  account_id integer not null references account (id) on delete restrict on update cascade,
  name text not null,
  client_id text not null unique,
  secret_hash bytea not null,
  can_write boolean not null,
  all_sections boolean not null,
  all_keyspaces boolean not null,
  created_at timestamptz(3) not null default current_timestamp,
  created_by integer references app_user (id) on delete set null on update cascade,
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3)
);
create index api_key_account_id_idx on api_key (account_id);

create table api_key_section (
  api_key_id integer not null references api_key (id) on delete cascade on update cascade,
  section_id integer not null references section (id) on delete cascade on update cascade,
  constraint api_key_section_pkey primary key (api_key_id, section_id)
);

create table api_key_keyspace (
  api_key_id integer not null references api_key (id) on delete cascade on update cascade,
  keyspace_id integer not null references keyspace (id) on delete cascade on update cascade,
  constraint api_key_keyspace_pkey primary key (api_key_id, keyspace_id)
);

alter table tag_change add column api_key_id integer;
alter table profile_change add column api_key_id integer;

-- Calls that Allowed Operations refused, by day.
create table denied_call (
  section_id integer not null,
  tag_id integer not null,
  keyspace_id integer not null references keyspace (id) on delete restrict on update cascade,
  api_key_id integer not null references api_key (id) on delete cascade on update cascade,
  day date not null,
  writes integer not null default 0,
  reads integer not null default 0,
  constraint denied_call_pkey primary key (section_id, tag_id, keyspace_id, api_key_id, day),
  constraint denied_call_section_id_tag_id_fkey foreign key (section_id, tag_id) references tag (section_id, id)
    on delete restrict on update cascade
);

-- How many calls an account made in a second; processes take them in blocks.
create unlogged table api_rate (
  account_id integer not null,
  bucket text not null,
  since timestamptz not null,
  taken integer not null,
  constraint api_rate_pkey primary key (account_id, bucket, since)
);
