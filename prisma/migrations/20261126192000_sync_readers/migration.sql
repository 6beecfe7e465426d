-- Who a run has read the CRM as, so that the removal guard also knows it when a dry run is carried out later.
alter table sync_run drop column leased_until;
alter table sync_run add column identity text;

-- Runs that are being read are looked for often, and there are few.
create index sync_run_reading on sync_run (section_id, id) where status = 'reading';
