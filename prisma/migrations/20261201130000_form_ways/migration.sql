-- How a submission came: by the form's page, by a form of a website's own, or by the API. Only who saw the page is a share of those who did.
alter table form_submission add column via text not null default 'page';
drop index form_submission_counted;
create index form_submission_counted on form_submission (section_id, form_id, at, id)
  include (state, referrer, confirmed_at, worked_at, released_at, via);
