// What the planner knows is renewed where it has become wrong, and left alone where it has not.
import { beforeAll, describe, expect, it } from 'vitest';
import { createTestAccount, createTestSection } from '@/testing/fixtures';
import type { SectionId } from './ids';
import { pool, transaction } from './pool';
import { execute, one, sql } from './sql';
import { refreshStatistics } from './statistics';

let sectionId: SectionId;
beforeAll(async () => {
  sectionId = await createTestSection((await createTestAccount()).accountId, 'Statistics');
  // Nobody else looks meanwhile.
  await execute(pool(), sql`alter table profile set (autovacuum_enabled = false)`);
});

/** What the planner believes, and how often anybody looked. */
const known = () =>
  one<{ profiles: number; looks: number }>(
    pool(),
    sql`
      select reltuples::int as profiles, pg_stat_get_analyze_count(oid)::int as looks
      from pg_class where oid = 'profile'::regclass`,
  );

/** Adds profiles, and has the database tell of it at once instead of within a second. */
async function add(count: number): Promise<void> {
  await transaction(async (tx) => {
    await execute(
      tx,
      sql`insert into profile (section_id) select ${sectionId}::int from generate_series(1, ${count}::int)`,
    );
    await execute(tx, sql`select pg_stat_force_next_flush()`);
  });
}

describe('Statistics', () => {
  it('are renewed where more than half of a table has changed', async () => {
    await add(6_000);
    await refreshStatistics();
    const first = await known();
    expect(first.profiles).toBe(6_000);

    await add(1_000);
    await refreshStatistics();
    expect(await known()).toEqual(first);

    await add(8_000);
    await refreshStatistics();
    expect(await known()).toEqual({ profiles: 15_000, looks: first.looks + 1 });
  });
});
