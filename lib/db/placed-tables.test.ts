// Migrations run on distributed databases too (Citus): there a new table must be placed before a foreign key can lead
// from it to tables of sections.
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { statementsOf } from './statements';

const FOLDER = path.resolve('prisma', 'migrations');
/** The last migration from before databases could be distributed. */
const LAST_BEFORE = '20261126070100_attribute_index';

/** The tables that a script creates without placing them in the next statement, or with a foreign key in place. */
function unplaced(script: string): string[] {
  const statements = statementsOf(script);
  return statements.flatMap((statement, index) => {
    const table = /create table "?(\w+)"?/i.exec(statement)?.[1];
    if (table === undefined) return [];
    const isPlaced = statements[index + 1]?.startsWith(`select place_table('${table}'`) ?? false;
    return isPlaced && !/\breferences\b/i.test(statement) ? [] : [table];
  });
}

it('a table without its place is found', () => {
  expect(unplaced('create table toy (id int); select 1;')).toEqual(['toy']);
  expect(unplaced(`create table "toy" (id int references tag); select place_table('toy', 'section');`)).toEqual([
    'toy',
  ]);
  expect(unplaced(`create table "toy" (id int); select place_table('toy', 'section');`)).toEqual([]);
});

it('every migration places its new tables', () => {
  const later = fs.readdirSync(FOLDER).filter((name) => name > LAST_BEFORE && name !== 'migration_lock.toml');
  expect(later.length).toBeGreaterThan(0);
  const found = later.map((name) => ({
    name,
    tables: unplaced(fs.readFileSync(path.join(FOLDER, name, 'migration.sql'), 'utf8')),
  }));
  expect(found.filter(({ tables }) => tables.length > 0)).toEqual([]);
});
