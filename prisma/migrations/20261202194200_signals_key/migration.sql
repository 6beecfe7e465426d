-- One index for both: with two, the planner took that of ids where the table had just been empty, and read the signals of everybody for those of one.
alter table signal drop constraint signal_pkey;
alter table signal add constraint signal_pkey primary key (section_id, consumer, consumer_id, id);
drop index signal_section_id_consumer_consumer_id_id_idx;
