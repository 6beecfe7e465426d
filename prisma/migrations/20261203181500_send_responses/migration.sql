-- How many people opened and clicked, counted as it is found out, so that the list of messages need not count rows. A part is for some connections, so that
-- two that write seldom wait for each other: lib/messages/machines.ts.
create table send_response (
  section_id integer not null,
  send_id    integer not null,
  part       smallint not null,
  opened     integer not null,
  clicked    integer not null,

  constraint send_response_pkey primary key (section_id, send_id, part)
) with (fillfactor = 50);
select place_table('send_response', 'section');
alter table send_response add constraint send_response_section_id_send_id_fkey
  foreign key (section_id, send_id) references send (section_id, id) on delete cascade on update no action;

insert into send_response (section_id, send_id, part, opened, clicked)
select section_id, send_id, 0, count(*) filter (where opened_at is not null), count(*) filter (where clicked_at is not null)
from recipient
where opened_at is not null or clicked_at is not null
group by section_id, send_id;
