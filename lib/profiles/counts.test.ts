// The number of profiles is known without counting them, and is always exact.
import fc from 'fast-check';
import pg from 'pg';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { connectionOptions, pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql, type Tx } from '@/lib/db/sql';
import { createTestAccount, createTestProfiles, createTestSection, type TestAccount } from '@/testing/fixtures';
import { importFile } from '@/testing/imports';
import { changeProfiles, createProfiles, deleteProfiles } from './change';
import { eraseProfile } from '@/lib/people/erase';
import { createProfile } from './commands';
import { foldProfileCounts } from './counts';

let account: TestAccount;
let sectionId: SectionId;
let other: SectionId;
beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Counted');
  other = await createTestSection(account.accountId, 'Other');
});

/** The counter and a real count, for all sections that have ever had profiles, each read in one snapshot. */
const counts = () =>
  rows<{ section: number; counted: number; there: number }>(
    pool(),
    sql`
      select section_id as section, sum(counted)::bigint as counted, sum(there)::bigint as there
      from (
        select section_id, sum(profiles) as counted, 0 as there from profile_count group by section_id
        union all
        select section_id, 0, count(*) from profile group by section_id
      ) both_counts
      group by section_id
      order by section_id`,
  );

async function expectExact(): Promise<void> {
  for (const { section, counted, there } of await counts())
    expect({ section, counted }).toEqual({ section, counted: there });
}
const countOf = async (id = sectionId) => (await counts()).find(({ section }) => section === id)?.counted ?? 0;

type Connection = { tx: Tx; end: () => Promise<void> };

/** A separate connection, and so a separate slot. */
async function connect(): Promise<Connection> {
  const own = new pg.Pool({ ...connectionOptions(process.env.DATABASE_URL!), max: 1 });
  const tx = await own.connect();
  const end = async () => {
    tx.release();
    await own.end();
  };
  return { tx, end };
}

const add = (tx: Tx, to: SectionId, many: number) => {
  const profiles = sql`
    select nextval('profile_id_seq') as profile_id, '{}'::jsonb as attributes, '{}'::jsonb as noted
    from generate_series(1, ${many}::int)`;
  return createProfiles(tx, { sectionId: to, source: 'user', userId: null }, { profiles });
};

const remove = (tx: Tx, from: SectionId, many: number) =>
  deleteProfiles(tx, from, sql`select id as profile_id from profile where section_id = ${from} limit ${many}`);

type Step = { client: number; kind: 'add' | 'remove' | 'both' | 'rollback' | 'fold' | 'reconnect'; many: number };
const anyStep = fc.record<Step>({
  client: fc.nat(2),
  kind: fc.constantFrom('add', 'add', 'remove', 'both', 'rollback', 'fold', 'reconnect'),
  many: fc.integer({ min: 0, max: 9 }),
});

describe('the number of profiles', () => {
  it('equals a real count, whatever several connections add, remove and fold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
        const clients = [await connect(), await connect(), await connect()];
        try {
          for (const { client, kind, many } of steps) {
            const { tx, end } = clients[client]!;
            if (kind === 'add') for (const to of [sectionId, other]) await add(tx, to, many);
            if (kind === 'remove') for (const from of [sectionId, other]) await remove(tx, from, many);
            if (kind === 'both' || kind === 'rollback') {
              await tx.query('begin');
              await remove(tx, sectionId, many);
              await add(tx, other, many);
              await tx.query(kind === 'both' ? 'commit' : 'rollback');
            }
            if (kind === 'fold') await foldProfileCounts();
            if (kind === 'reconnect') {
              await end();
              clients[client] = await connect();
            }
          }
          await expectExact();
        } finally {
          await Promise.all(clients.map(({ end }) => end()));
        }
        await foldProfileCounts();
        await expectExact();
      }),
      { numRuns: 15 },
    );
  });

  it('is exact for every reader during concurrent writes and folds', async () => {
    let [looks, wrong] = [0, 0];
    let done = false;
    const looking = (async () => {
      while (!done) {
        for (const { counted, there } of await counts()) if (counted !== there) wrong++;
        looks++;
      }
    })();
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      for (let round = 0; round < 15; round++) {
        const { tx, end } = await connect();
        await add(tx, sectionId, 20);
        // Half of the writers try to delete what another writer deletes too.
        const theirs = sql`
          select id as profile_id from profile where section_id = ${sectionId} and id % 3 = ${writer % 3} limit 7`;
        await deleteProfiles(tx, sectionId, theirs);
        await end();
      }
    });
    const folding = (async () => {
      while (!done) await foldProfileCounts();
    })();
    await Promise.all(writers);
    done = true;
    await Promise.all([looking, folding]);
    await foldProfileCounts();
    await expectExact();
    expect(looks).toBeGreaterThan(3);
    expect(wrong).toBe(0);
  });

  it('follows what people, imports and erasures do', async () => {
    await createTestProfiles(sectionId, 5);
    const keys = [{ keyspaceId: account.keyspaces.email, key: 'one@example.com' }];
    const made = await createProfile(account.admin, { sectionId, keys, attributes: {} });
    if (!made.ok) throw new Error(made.refusal.message);
    expect(await countOf()).toBe(6);
    await eraseProfile(account.admin, { sectionId, profileId: made.value.id });
    expect(await countOf()).toBe(5);
    const before = await countOf(account.sectionId);
    await importFile(account, 'Email\na@example.com\nb@example.com\na@example.com\n');
    expect(await countOf(account.sectionId)).toBe(before + 2);
    await expectExact();
  });

  it('does not change for empty sets or changed values', async () => {
    const [profile] = await createTestProfiles(sectionId, 3);
    await transaction(async (tx) => {
      await add(tx, sectionId, 0);
      await remove(tx, sectionId, 0);
      const values = sql`select ${profile}::bigint as profile_id, '{"a": 1}'::jsonb as attributes`;
      await changeProfiles(tx, { sectionId, source: 'user', userId: null }, { values });
    });
    expect(await countOf()).toBe(3);
  });

  it('is folded into one slot once the connections are closed', async () => {
    const { tx, end } = await connect();
    await add(tx, sectionId, 4);
    await end();
    const slots = () =>
      rows<{ slot: number; profiles: number }>(
        pool(),
        sql`select slot, profiles from profile_count where section_id = ${sectionId}`,
      );
    expect(await slots()).toMatchObject([{ profiles: 4 }]);
    // The session may take a moment to end.
    await expect
      .poll(async () => {
        await foldProfileCounts();
        return slots();
      })
      .toEqual([{ slot: 0, profiles: 4 }]);
  });

  it('never makes a writer wait for another', async () => {
    await transaction(async (tx) => {
      await add(tx, sectionId, 1);
      const meanwhile: ProfileId[] = await createTestProfiles(sectionId, 2);
      expect(meanwhile).toHaveLength(2);
      await foldProfileCounts();
    });
    expect(await countOf()).toBe(3);
  });

  it('cannot be bypassed by truncating profiles', async () => {
    await createTestProfiles(sectionId, 2);
    for (const attack of [sql`truncate profile cascade`, sql`truncate section cascade`]) {
      await expect(execute(pool(), attack)).rejects.toThrow(
        /delete them instead of truncating|append-only|never deleted/,
      );
    }
    const { there } = await one<{ there: number }>(
      pool(),
      sql`select count(*) as there from profile where section_id = ${sectionId}`,
    );
    expect(there).toBe(2);
    await expectExact();
  });
});
