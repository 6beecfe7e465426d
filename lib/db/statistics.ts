// The planner's statistics of the large tables. PostgreSQL checks every minute for tables of which a tenth has changed;
// long operations fill a table faster than that, and a new section among large ones would never be noticed. A plan for
// an empty section takes minutes on a full one.
import { pool } from './pool';
import { execute, rows, sql, type Sql } from './sql';

const TABLES = {
  profile: sql`profile`,
  profile_key: sql`profile_key`,
  profile_tag: sql`profile_tag`,
  tag_change: sql`tag_change`,
  profile_event: sql`profile_event`,
  recipient: sql`recipient`,
};
type Table = keyof typeof TABLES;

/** Any plan reads smaller sections quickly. Rows. */
const LARGE = 5_000;

/** Where a section's rows are counted: `table` has this many, and `related` tables grow with it. */
const COUNTED: { table: Table; related: Table; counts: Sql }[] = [
  {
    table: 'profile',
    related: 'profile_key',
    counts: sql`select section_id, sum(profiles)::bigint as found from profile_count group by section_id`,
  },
  {
    table: 'profile_tag',
    related: 'tag_change',
    counts: sql`select section_id, sum(profiles)::bigint as found from tag_count group by section_id`,
  },
];

/** The number of rows of a section when this process last analysed its table, by table and section. */
const analyzedRows = new Map<string, number>();

/**
 * Analyses the large tables of which more than half has changed, or in which a section has more than doubled. `large`:
 * rows; tests use fewer.
 */
export async function refreshStatistics(large = LARGE): Promise<void> {
  const stale = new Set<Table>(await changedTables(large));
  for (const { table, related, counts } of COUNTED) {
    const grown = await grownSections(table, counts, large);
    if (grown.length === 0) continue;
    stale.add(table).add(related);
    for (const { sectionId, found } of grown) analyzedRows.set(`${table} ${sectionId}`, found);
  }
  for (const table of stale) await execute(pool(), sql`analyze ${TABLES[table]}`);
}

async function changedTables(large: number): Promise<Table[]> {
  const changed = await rows<{ name: Table }>(
    pool(),
    sql`
      select relname as name
      from pg_class
      where relnamespace = 'public'::regnamespace and relname = any(${Object.keys(TABLES)})
        and pg_stat_get_mod_since_analyze(oid) > ${large} + 0.5 * greatest(reltuples, 0)`,
  );
  return changed.map(({ name }) => name);
}

/** Sections with more than twice as many rows as the planner believes. */
async function grownSections(
  table: Table,
  counts: Sql,
  large: number,
): Promise<{ sectionId: number; found: number }[]> {
  const sections = await rows<{ sectionId: number; found: number }>(
    pool(),
    sql`select section_id as "sectionId", found from (${counts}) counted where found > ${large}`,
  );
  if (sections.length === 0) return [];
  const known = await rows<{ sectionId: number; rows: number }>(
    pool(),
    sql`
      select value::int as "sectionId", share * reltuples as rows
      from pg_stats
      join pg_class on pg_class.oid = ${table}::regclass
      cross join unnest(most_common_vals::text::text[], most_common_freqs) as common (value, share)
      where schemaname = 'public' and tablename = ${table} and attname = 'section_id'`,
  );
  const believed = new Map(known.map((section) => [section.sectionId, section.rows]));
  // Where there are many small sections the planner has no count for each: rely on what this process has analysed.
  return sections.filter(
    ({ sectionId, found }) =>
      found > 2 * Math.max(believed.get(sectionId) ?? 0, analyzedRows.get(`${table} ${sectionId}`) ?? 0),
  );
}
