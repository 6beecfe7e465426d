-- Why a list that was synced before needs a dry run again.
alter table connection_list add column dry_run_reason text;
