-- An erased person is looked up here.
create index undo_exception_section_id_profile_id_idx on undo_exception (section_id, profile_id);
