-- How many entered a flow, came to its end and reached its goal, by day.
create table flow_day (
  section_id integer not null,
  flow_id    integer not null,
  day        date not null,
  what       text not null,
  slot       integer not null,
  number     bigint not null,

  constraint flow_day_pkey primary key (section_id, flow_id, day, what, slot)
);
select place_table('flow_day', 'section');
alter table flow_day add constraint flow_day_section_id_flow_id_fkey
  foreign key (section_id, flow_id) references flow (section_id, id) on delete restrict on update no action;

-- What was counted before, as far as its history is kept.
insert into flow_day (section_id, flow_id, day, what, slot, number)
select section_id, flow_id, (at at time zone 'UTC')::date, case when what = 'entered' then what else note end, 0, count(*)
from flow_visit
where step is null and (what = 'entered' or what = 'left' and note in ('done', 'goal'))
group by 1, 2, 3, 4;
