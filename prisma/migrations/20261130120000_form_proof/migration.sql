-- A proof of work counts for one submission; the same page and answers are one submission with any proof.
alter table form_submission add column proof bytea;
create unique index form_submission_proof on form_submission (section_id, form_id, proof) where proof is not null;
