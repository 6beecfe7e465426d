-- Rates that somebody has set for mailbox providers: when a sender's next mail to one is due by its rate, for all processes.
create table sender_pace (
  section_id integer not null,
  sender_id  integer not null,
  lane       smallint not null,
  free_at    timestamptz(3) not null,

  constraint sender_pace_pkey primary key (section_id, sender_id, lane)
) with (fillfactor = 50);
select place_table('sender_pace', 'section');
alter table sender_pace add constraint sender_pace_section_id_sender_id_fkey
  foreign key (section_id, sender_id) references sender (section_id, id) on delete cascade on update no action;
