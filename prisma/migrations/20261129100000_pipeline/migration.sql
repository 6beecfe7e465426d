-- Who is held by an A/B test is counted, and looked for while it goes out.
create index recipient_held on recipient (section_id, send_id) where state = 'held';

-- Rows that came back while their send was being cancelled waited for ever.
update recipient set state = 'cancelled', ended_at = coalesce(send.ended_at, recipient.next_at)
from send
where send.section_id = recipient.section_id and send.id = recipient.send_id and send.status = 'cancelled'
  and recipient.state in ('waiting', 'held');

-- What became of the recipients of a send, counted as it is written, so that the brakes need not count its rows. A part is a slot of the sender, or what comes
-- back: lib/messages/brakes.ts.
create table send_tally (
  section_id integer not null,
  send_id    integer not null,
  part       smallint not null,
  handed     integer not null,
  sent       integer not null,
  address    integer not null,
  policy     integer not null,
  ours       integer not null,
  template   integer not null,
  complaints integer not null,

  constraint send_tally_pkey primary key (section_id, send_id, part)
) with (fillfactor = 50);
select place_table('send_tally', 'section');
alter table send_tally add constraint send_tally_section_id_send_id_fkey
  foreign key (section_id, send_id) references send (section_id, id) on delete cascade on update no action;

insert into send_tally (section_id, send_id, part, handed, sent, address, policy, ours, template, complaints)
select recipient.section_id, recipient.send_id, 0,
  count(*) filter (where recipient.state in ('sent', 'refused', 'unknown')),
  count(*) filter (where recipient.state = 'sent'),
  count(*) filter (where recipient.bounce = 'address' or (recipient.state = 'refused' and recipient.why = 'address')),
  count(*) filter (
    where recipient.bounce in ('policy', 'message')
      or (recipient.state = 'refused' and recipient.why in ('policy', 'message'))
  ),
  count(*) filter (where recipient.bounce = 'ours'),
  count(*) filter (where recipient.state = 'failed' and recipient.why = 'template'),
  count(*) filter (where recipient.complained_at is not null)
from recipient
join send on send.section_id = recipient.section_id and send.id = recipient.send_id
where send.status in ('preparing', 'sending', 'paused')
group by recipient.section_id, recipient.send_id;
