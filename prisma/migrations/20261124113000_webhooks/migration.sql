-- Webhooks: who is told about changes of tags, what was told, and how that went.
create table webhook (
  section_id integer not null references section (id) on delete restrict on update cascade,
  id serial not null,
  url text not null,
  description text not null default '',
  secret bytea not null,
  tag_ids integer[],
  keyspace_ids integer[],
  ledger_id bigint not null,
  created_at timestamptz(3) not null default current_timestamp,
  created_by integer references app_user (id) on delete set null on update cascade,
  api_key_id integer references api_key (id) on delete set null on update cascade,
  paused_at timestamptz(3),
  pause_reason text,
  constraint webhook_pkey primary key (section_id, id)
);

create table webhook_message (
  section_id integer not null,
  id bigserial not null,
  webhook_id integer not null,
  message_id text not null,
  type text not null,
  body text not null,
  profile_id bigint,
  status text not null default 'waiting',
  attempts integer not null default 0,
  created_at timestamptz(3) not null default current_timestamp,
  next_attempt_at timestamptz(3) not null default current_timestamp,
  constraint webhook_message_pkey primary key (section_id, id),
  constraint webhook_message_status check (status in ('waiting', 'delivered', 'failed')),
  constraint webhook_message_section_id_webhook_id_fkey foreign key (section_id, webhook_id)
    references webhook (section_id, id) on delete cascade on update cascade
);
create index webhook_message_section_id_webhook_id_status_next_attempt_idx
  on webhook_message (section_id, webhook_id, status, next_attempt_at);
create index webhook_message_section_id_webhook_id_id_idx on webhook_message (section_id, webhook_id, id);
create index webhook_message_section_id_profile_id_idx on webhook_message (section_id, profile_id);

create table webhook_attempt (
  section_id integer not null,
  id bigserial not null,
  message_id bigint not null,
  at timestamptz(3) not null default current_timestamp,
  milliseconds integer not null,
  status_code integer,
  error text,
  answer text,
  constraint webhook_attempt_pkey primary key (section_id, id),
  constraint webhook_attempt_section_id_message_id_fkey foreign key (section_id, message_id)
    references webhook_message (section_id, id) on delete cascade on update cascade
);
create index webhook_attempt_section_id_message_id_id_idx on webhook_attempt (section_id, message_id, id);

-- Bulk operations that a webhook has met in the ledger and is told about once, when they are over.
create table webhook_operation (
  section_id integer not null,
  webhook_id integer not null,
  operation_id integer not null,
  constraint webhook_operation_pkey primary key (section_id, webhook_id, operation_id),
  constraint webhook_operation_section_id_webhook_id_fkey foreign key (section_id, webhook_id)
    references webhook (section_id, id) on delete cascade on update cascade,
  constraint webhook_operation_section_id_operation_id_fkey foreign key (section_id, operation_id)
    references operation (section_id, id) on delete cascade on update cascade
);
