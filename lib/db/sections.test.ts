// Rules that keep the tables of sections distributable (Citus). Read from a migrated database.
import { expect, it } from 'vitest';
import { pool } from './pool';
import { rows, sql } from './sql';

const namesOf = async (statement: ReturnType<typeof sql>) =>
  (await rows<{ name: string }>(pool(), statement)).map(({ name }) => name).sort();

it('no trigger uses a transition table', async () => {
  const found = await namesOf(
    sql`select tgname as name from pg_trigger
        where tgoldtable is not null or tgnewtable is not null`,
  );
  expect(found).toEqual([]);
});

it('no foreign key cascades updates: keys are never updated', async () => {
  const found = await namesOf(
    sql`select conname as name from pg_constraint
        where contype = 'f' and connamespace = 'public'::regnamespace and confupdtype not in ('a', 'r')`,
  );
  expect(found).toEqual([]);
});
