-- Messages that anybody can read on the web. The row stays when a message is taken off, so that its address is the same when it comes back.
create table published_message (
  section_id    integer not null,
  message_id    integer not null,
  -- the secret part of its address
  code          text not null,
  -- of which the version is shown
  send_id       integer not null,
  -- search engines may list it
  searchable    boolean not null,
  published_by  integer,
  published_at  timestamptz(3) not null,
  -- null: it is on the web
  withdrawn_at  timestamptz(3),

  constraint published_message_pkey primary key (section_id, message_id)
);
select place_table('published_message', 'section');
create unique index published_message_section_id_code_key on published_message (section_id, code);
alter table published_message add constraint published_message_section_id_message_id_fkey
  foreign key (section_id, message_id) references message (section_id, id) on delete restrict on update no action;
alter table published_message add constraint published_message_section_id_send_id_fkey
  foreign key (section_id, send_id) references send (section_id, id) on delete restrict on update no action;
