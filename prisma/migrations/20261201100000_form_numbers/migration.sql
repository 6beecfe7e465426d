-- The numbers of a form with a million submissions are read from this index alone: 0.7 s instead of 6.
create index form_submission_counted on form_submission (section_id, form_id, at, id)
  include (state, referrer, confirmed_at, worked_at);
drop index form_submission_section_id_form_id_at_id_idx;
