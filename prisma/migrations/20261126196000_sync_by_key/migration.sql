-- Which API key started a run or answered for its removals.
alter table sync_run add column started_by_key integer;
alter table sync_run_list add column answered_by_key integer;
