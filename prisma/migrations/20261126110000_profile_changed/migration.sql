-- The profiles list is sorted by the last change.
create index profile_changed on profile (section_id, updated_at, id);
