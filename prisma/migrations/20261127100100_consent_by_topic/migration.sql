-- Finds and counts who has consented to a topic.
create index concurrently "consent_section_id_topic_id_channel_type_profile_id_idx" on consent (section_id, topic_id, channel, type, profile_id);
