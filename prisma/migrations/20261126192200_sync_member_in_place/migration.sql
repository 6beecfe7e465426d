-- Each member is updated once or twice, when it is matched and linked: with room on its page and no index on what changes, that
-- writes no index. Looking for one profile among the members of the last runs is rare.
drop index sync_member_section_id_profile_id_idx;
alter table sync_member set (fillfactor = 45);
