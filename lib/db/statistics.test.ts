// The planner's statistics are refreshed where they are out of date, and only there.
import { beforeAll, describe, expect, it } from 'vitest';
import { createProfiles } from '@/lib/profiles/change';
import { createTestAccount, createTestSection } from '@/testing/fixtures';
import { itOnOneServer } from '@/testing/one-server';
import type { AccountId, SectionId } from './ids';
import { pool, transaction } from './pool';
import { execute, one, sql } from './sql';
import { refreshStatistics } from './statistics';

/** Rows of a large table: just enough to show the effect, so that the test is quick. */
const LARGE = 50;

let accountId: AccountId;
let sectionId: SectionId;
beforeAll(async () => {
  ({ accountId } = await createTestAccount());
  sectionId = await createTestSection(accountId, 'Statistics');
  // So that autovacuum does not interfere.
  await execute(pool(), sql`alter table profile set (autovacuum_enabled = false)`);
});

/** The planner's estimate, and how often the table was analysed. */
const known = () =>
  one<{ profiles: number; looks: number }>(
    pool(),
    sql`
      select reltuples::int as profiles, pg_stat_get_analyze_count(oid)::int as looks
      from pg_class where oid = 'profile'::regclass`,
  );

/** Adds profiles, and makes the database report them at once instead of within a second. */
async function add(count: number, to = sectionId): Promise<void> {
  await transaction(async (tx) => {
    const profiles = sql`
      select nextval('profile_id_seq') as profile_id, '{}'::jsonb as attributes, '{}'::jsonb as noted
      from generate_series(1, ${count}::int)`;
    await createProfiles(tx, { sectionId: to, source: 'user', userId: null }, { profiles }, { history: false });
    await execute(tx, sql`select pg_stat_force_next_flush()`);
  });
}

describe('statistics', () => {
  const why = 'the rows are on the workers, whose autovacuum looks at them';
  itOnOneServer(why, 'are renewed where more than half of a table has changed', async () => {
    await add(60);
    await refreshStatistics(LARGE);
    const first = await known();
    expect(first.profiles).toBe(60);

    await add(10);
    await refreshStatistics(LARGE);
    expect(await known()).toEqual(first);

    await add(80);
    await refreshStatistics(LARGE);
    expect(await known()).toEqual({ profiles: 150, looks: first.looks + 1 });
  });

  it('are refreshed if a section that is small among others has grown', async () => {
    await add(1_000);
    await refreshStatistics(LARGE);
    const before = await known();
    const fresh = await createTestSection(accountId, 'Fresh');
    await add(50, fresh);
    await refreshStatistics(LARGE);
    expect(await known()).toEqual(before);
    await add(10, fresh);
    await refreshStatistics(LARGE);
    expect((await known()).looks).toBe(before.looks + 1);
    await refreshStatistics(LARGE);
    expect((await known()).looks).toBe(before.looks + 1);
  });
});
