// No table that refers to profiles is forgotten when people are erased or merged, or when their creation is undone.
import { describe, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { PROFILE_FOLLOWERS, TIMELINES } from './followers';

/** Tables with a profile id in a column or a foreign key to a profile. */
const withProfiles = () =>
  rows<{ name: string }>(
    pool(),
    sql`
      select distinct class.relname as name
      from pg_class class
      where class.relnamespace = 'public'::regnamespace and class.relkind in ('r', 'p') and class.relname <> 'profile'
        and (
          exists (
            select from pg_attribute
            where attrelid = class.oid and attnum > 0 and not attisdropped and attname like '%profile_id%'
          )
          or exists (select from pg_constraint where conrelid = class.oid and confrelid = 'profile'::regclass)
        )
      order by 1`,
  );

describe('profile followers', () => {
  it('cover every table that refers to profiles once', async () => {
    const followed = PROFILE_FOLLOWERS.flatMap(({ tables }) => tables);
    expect(followed.filter((table, index) => followed.indexOf(table) !== index)).toEqual([]);
    const found = (await withProfiles()).map(({ name }) => name);
    expect(found).toContain('profile_merge');
    expect(found.filter((name) => !followed.includes(name))).toEqual([]);
  });

  it('keep a profile whose rows would not be deleted with it, when its creation is undone', async () => {
    const refusing = await rows<{ name: string }>(
      pool(),
      sql`
        select distinct conrelid::regclass::text as name
        from pg_constraint
        where contype = 'f' and confrelid = 'profile'::regclass and confdeltype in ('a', 'r')`,
    );
    const keeping = PROFILE_FOLLOWERS.filter(({ keepReasons: keeps }) => keeps).flatMap(({ tables }) => tables);
    expect(refusing.map(({ name }) => name)).toContain('consent');
    expect(refusing.filter(({ name }) => !keeping.includes(name))).toEqual([]);
  });

  it('name existing tables only', async () => {
    const tables = await rows<{ name: string }>(
      pool(),
      sql`select relname as name from pg_class where relnamespace = 'public'::regnamespace`,
    );
    const names = new Set(tables.map(({ name }) => name));
    expect(PROFILE_FOLLOWERS.flatMap(({ tables: own }) => own).filter((name) => !names.has(name))).toEqual([]);
  });
});

it('have timeline streams with unique names that fit into addresses', () => {
  const streams = TIMELINES.map(({ stream }) => stream);
  expect(new Set(streams).size).toBe(streams.length);
  for (const stream of streams) expect(stream).toMatch(/^[a-z]+$/);
});
