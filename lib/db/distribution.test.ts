// The schema can be distributed over a Citus cluster. Read from a migrated database.
import { expect, it } from 'vitest';
import { LOCAL_TABLES, REFERENCE_TABLES, SECTION_TABLES } from './distribution';
import { pool } from './pool';

async function query<Row>(text: string): Promise<Row[]> {
  const { rows } = await pool().query(text);
  return rows as Row[];
}

const sectionTables = async () => (await query<{ name: string }>(SECTION_TABLES)).map(({ name }) => name);

it('every table has exactly one placement: with its section, on every node, or on the coordinator', async () => {
  const all = await query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const placed = [...(await sectionTables()), ...REFERENCE_TABLES, ...LOCAL_TABLES];
  expect(placed.sort()).toEqual(all.map(({ name }) => name).sort());
});

it('foreign keys of sections lead only to the same section or to reference tables', async () => {
  const sections = await sectionTables();
  const keys = await query<{ from: string; to: string; same: boolean }>(`
    select owner.relname as from, target.relname as to,
      exists (
        select from unnest(conkey, confkey) pair (own, other)
        join pg_attribute mine on mine.attrelid = conrelid and mine.attnum = own and mine.attname = 'section_id'
        join pg_attribute its on its.attrelid = confrelid and its.attnum = other and its.attname = 'section_id'
      ) as same
    from pg_constraint
    join pg_class owner on owner.oid = conrelid
    join pg_class target on target.oid = confrelid
    where contype = 'f' and connamespace = 'public'::regnamespace`);
  const wrong = keys.filter(({ from, to, same }) =>
    sections.includes(to)
      ? !(sections.includes(from) && same)
      : !REFERENCE_TABLES.includes(to) || LOCAL_TABLES.includes(from),
  );
  expect(keys.length).toBeGreaterThan(50);
  expect(wrong).toEqual([]);
});
