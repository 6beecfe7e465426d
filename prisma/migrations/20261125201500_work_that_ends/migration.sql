-- An operation keeps its own attempts: a queue forgets them when a job is added again.
alter table operation
  add column attempts smallint not null default 0,
  add column next_attempt_at timestamptz(3),
  add column last_error text;

-- What others wrote about a profile is never deleted along with it: tags go through the door first, events, consents
-- and merges are moved or deleted by name.
alter table profile_tag
  drop constraint profile_tag_section_id_profile_id_fkey,
  add constraint profile_tag_section_id_profile_id_fkey foreign key (section_id, profile_id)
    references profile (section_id, id) on delete restrict on update no action;
alter table profile_event
  drop constraint profile_event_section_id_profile_id_fkey,
  add constraint profile_event_section_id_profile_id_fkey foreign key (section_id, profile_id)
    references profile (section_id, id) on delete restrict on update no action;
alter table consent
  drop constraint consent_section_id_profile_id_fkey,
  add constraint consent_section_id_profile_id_fkey foreign key (section_id, profile_id)
    references profile (section_id, id) on delete restrict on update no action;
alter table profile_merge
  drop constraint profile_merge_section_id_into_id_fkey,
  add constraint profile_merge_section_id_into_id_fkey foreign key (section_id, into_id)
    references profile (section_id, id) on delete restrict on update no action;

-- The undos of an operation.
create index operation_section_id_undo_of_idx on operation (section_id, undo_of);
