-- Which API keys use a tag, and are refused it, by day and keyspace: who would break by a change of Allowed Operations.
alter table denied_call rename to tag_use;
alter table tag_use rename constraint denied_call_pkey to tag_use_pkey;
alter table tag_use rename constraint denied_call_section_id_tag_id_fkey to tag_use_section_id_tag_id_fkey;
alter table tag_use rename constraint denied_call_keyspace_id_fkey to tag_use_keyspace_id_fkey;
alter table tag_use rename constraint denied_call_api_key_id_fkey to tag_use_api_key_id_fkey;
alter table tag_use rename column writes to denied_writes;
alter table tag_use rename column reads to denied_reads;
alter table tag_use add column writes integer not null default 0;
alter table tag_use add column reads integer not null default 0;

-- Long work that an API client started, and the profile keys that it is for.
alter table operation add column api_key_id integer;
alter table operation add constraint operation_api_key_id_fkey foreign key (api_key_id) references api_key (id)
  on delete set null on update cascade;
create table operation_key (
  section_id integer not null,
  operation_id integer not null,
  seq integer not null,
  key text not null,
  constraint operation_key_pkey primary key (section_id, operation_id, seq),
  constraint operation_key_section_id_operation_id_fkey foreign key (section_id, operation_id)
    references operation (section_id, id) on delete cascade on update cascade
);

-- Up to which id the ledger is settled: no transaction can add to it at or below.
create table ledger_horizon (
  id integer primary key default 1,
  settled bigint not null,
  pending bigint not null,
  -- When `pending` was seen: it is settled once every writer that began before has ended.
  looked_at timestamptz not null,
  constraint ledger_horizon_one check (id = 1)
);
insert into ledger_horizon (settled, pending, looked_at) values (0, 0, now());
