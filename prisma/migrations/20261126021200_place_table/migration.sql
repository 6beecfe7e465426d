-- For migrations that make a table: puts it where lib/db/distribution.ts says, if the database is distributed over a Citus cluster, and
-- does nothing elsewhere. Call it after 'create table', and add foreign keys after that: only a placed table may have them.
create function place_table(new_table regclass, placement text) returns void language plpgsql as $$
declare
  distributed boolean := false;
begin
  if placement not in ('section', 'reference', 'local') then
    raise exception 'unknown placement: %', placement;
  end if;
  if exists (select from pg_extension where extname = 'citus') then
    execute $query$select exists (select from pg_dist_partition where logicalrelid = 'profile'::regclass)$query$ into distributed;
  end if;
  if distributed and placement = 'section' then
    execute format($query$select create_distributed_table(%L, 'section_id', colocate_with => 'profile')$query$, new_table);
  elsif distributed and placement = 'reference' then
    execute format('select create_reference_table(%L)', new_table);
  end if;
end $$;
