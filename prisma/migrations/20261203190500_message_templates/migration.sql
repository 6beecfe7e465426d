-- Mails that a section begins others from.
create table message_template (
  section_id integer not null,
  id         serial,
  name       text not null,
  name_key   text not null,
  document   jsonb not null,
  changed_by integer,
  changed_at timestamptz(3) not null,
  deleted_at timestamptz(3),

  constraint message_template_pkey primary key (section_id, id)
);
select place_table('message_template', 'section');
alter table message_template add constraint message_template_section_id_fkey
  foreign key (section_id) references section (id) on delete restrict on update no action;
create unique index message_template_section_id_name_key_key on message_template (section_id, name_key) where deleted_at is null;
