-- What a person decided about submissions, and what is not kept for ever, is found among a million at once.
create index form_submission_released on form_submission (section_id, form_id, released_at) where released_at is not null;
create index form_submission_kept on form_submission (section_id, at)
  where state in ('pending', 'quarantined', 'removed') and answers is not null;
