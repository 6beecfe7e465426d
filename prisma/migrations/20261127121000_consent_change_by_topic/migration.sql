-- Whether anybody has ever agreed to a topic: asked before it is deleted, also by its foreign key.
create index consent_change_section_id_topic_id_idx on consent_change (section_id, topic_id);
