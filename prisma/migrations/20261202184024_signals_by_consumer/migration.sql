-- Each consumer reads its own signals: one that gets very many does not hold up the others.
create index signal_section_id_consumer_consumer_id_id_idx on signal (section_id, consumer, consumer_id, id);
drop index signal_section_id_consumer_id_idx;
