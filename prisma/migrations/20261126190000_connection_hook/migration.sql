-- Webhooks of CRMs: where a CRM may announce that something has changed, which starts the next sync earlier.
create table connection_hook (
  section_id    integer not null,
  connection_id integer not null,
  sealed        bytea   not null,
  by_hand       boolean not null,
  origin        text    not null,
  registrations text[],
  created_at    timestamptz(3) not null default current_timestamp,
  confirmed_at  timestamptz(3),
  heard_at      timestamptz(3),
  woken_at      timestamptz(3),

  constraint connection_hook_pkey primary key (section_id, connection_id)
);
select place_table('connection_hook', 'section');
alter table connection_hook add constraint connection_hook_section_id_connection_id_fkey
  foreign key (section_id, connection_id) references connection (section_id, id) on delete restrict on update no action;
