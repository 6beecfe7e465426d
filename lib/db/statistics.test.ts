// What the planner knows is renewed where it has become wrong, and left alone where it has not.
import { beforeAll, describe, expect, it } from 'vitest';
import { createProfiles } from '@/lib/profiles/change';
import { createTestAccount, createTestSection } from '@/testing/fixtures';
import { itOnOneServer } from '@/testing/one-server';
import type { AccountId, SectionId } from './ids';
import { pool, transaction } from './pool';
import { execute, one, sql } from './sql';
import { refreshStatistics } from './statistics';

/** Rows of a large table: as few as show it, so that the test is quick on a busy machine. */
const LARGE = 50;

let accountId: AccountId;
let sectionId: SectionId;
beforeAll(async () => {
  ({ accountId } = await createTestAccount());
  sectionId = await createTestSection(accountId, 'Statistics');
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
async function add(count: number, to = sectionId): Promise<void> {
  await transaction(async (tx) => {
    const profiles = sql`
      select nextval('profile_id_seq') as profile_id, '{}'::jsonb as attributes, '{}'::jsonb as noted
      from generate_series(1, ${count}::int)`;
    await createProfiles(tx, { sectionId: to, source: 'user', userId: null }, { profiles }, { history: false });
    await execute(tx, sql`select pg_stat_force_next_flush()`);
  });
}

describe('Statistics', () => {
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

  it('are renewed where a section has grown that is small beside the others', async () => {
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
