// What the planner knows of the large tables. PostgreSQL looks at them each minute; long work fills a table faster than that, and
// a plan made for an empty one takes minutes on a full one.
import { pool } from './pool';
import { execute, rows, sql, type Sql } from './sql';

const TABLES: Record<string, Sql> = {
  profile: sql`profile`,
  profile_key: sql`profile_key`,
  profile_tag: sql`profile_tag`,
  tag_change: sql`tag_change`,
  profile_event: sql`profile_event`,
};

/** Looks at the large tables of which more than half has changed since they were last looked at. */
export async function refreshStatistics(): Promise<void> {
  const stale = await rows<{ name: string }>(
    pool(),
    sql`
      select relname as name
      from pg_class
      where relnamespace = 'public'::regnamespace and relname = any(${Object.keys(TABLES)})
        and pg_stat_get_mod_since_analyze(oid) > 5000 + 0.5 * greatest(reltuples, 0)`,
  );
  for (const { name } of stale) await execute(pool(), sql`analyze ${TABLES[name]!}`);
}
