// How many profiles there are is known without counting them, and is always exact.
import fc from 'fast-check';
import pg from 'pg';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { connectionOptions, pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createTestAccount, createTestProfiles, createTestSection, type TestAccount } from '@/testing/fixtures';
import { importFile } from '@/testing/imports';
import { createProfile, eraseProfile } from './commands';
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

const counts = () =>
  rows<{ section: number; counted: number; there: number }>(
    pool(),
    sql`
      select section.id as section,
        (select coalesce(sum(profiles), 0)::bigint from profile_count where section_id = section.id) as counted,
        (select count(*) from profile where section_id = section.id) as there
      from section order by section.id`,
  );

async function expectExact(): Promise<void> {
  for (const { section, counted, there } of await counts())
    expect({ section, counted }).toEqual({ section, counted: there });
}
const countOf = async (id = sectionId) => (await counts()).find(({ section }) => section === id)!.counted;

/** A connection of its own, so of a slot of its own. */
async function connect(): Promise<pg.Client> {
  const client = new pg.Client(connectionOptions(process.env.DATABASE_URL!));
  await client.connect();
  return client;
}

type Step = { client: number; kind: 'add' | 'remove' | 'both' | 'rollback' | 'fold' | 'reconnect'; many: number };
const anyStep = fc.record<Step>({
  client: fc.nat(2),
  kind: fc.constantFrom('add', 'add', 'remove', 'both', 'rollback', 'fold', 'reconnect'),
  many: fc.integer({ min: 0, max: 9 }),
});

describe('the number of profiles', () => {
  it('is what a count finds, whatever several connections add and remove, and however it is folded', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
        const clients = [await connect(), await connect(), await connect()];
        const add =
          'insert into profile (section_id) select (array[$1::int, $2::int])[1 + nth % 2] from generate_series(1, $3::int) nth';
        const remove =
          'delete from profile where ctid = any(array(select ctid from profile where section_id in ($1::int, $2::int) limit $3::int))';
        const both = `with gone as (${remove} returning section_id) insert into profile (section_id) select section_id from gone union all select $2::int from gone`;
        try {
          for (const { client, kind, many } of steps) {
            const db = clients[client]!;
            const values = [sectionId, other, many];
            if (kind === 'add') await db.query(add, values);
            if (kind === 'remove') await db.query(remove, values);
            if (kind === 'both') await db.query(both, values);
            if (kind === 'rollback') {
              await db.query('begin');
              await db.query(add, values);
              await db.query('rollback');
            }
            if (kind === 'fold') await foldProfileCounts();
            if (kind === 'reconnect') {
              await db.end();
              clients[client] = await connect();
            }
          }
          await expectExact();
        } finally {
          await Promise.all(clients.map((client) => client.end()));
        }
        await foldProfileCounts();
        await expectExact();
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('is exact while many write and fold at once, and is right for everyone who looks meanwhile', async () => {
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
        const client = await connect();
        await client.query('insert into profile (section_id) select $1 from generate_series(1, 20)', [sectionId]);
        await client.query(
          'delete from profile where id in (select id from profile where section_id = $1 and id % 6 = $2 limit 7)',
          [sectionId, writer],
        );
        await client.end();
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
  }, 60_000);

  it('goes with what people, imports and erasures do', async () => {
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

  it('does not move with statements that touch nobody, and not with a change of values', async () => {
    const [profile] = await createTestProfiles(sectionId, 3);
    await execute(pool(), sql`update profile set attributes = '{"a": 1}' where section_id = ${sectionId}`);
    await execute(pool(), sql`delete from profile where section_id = ${sectionId} and id = -1`);
    await execute(pool(), sql`insert into profile (section_id) select ${sectionId}::int where false`);
    await execute(
      pool(),
      sql`insert into profile (section_id, id) values (${sectionId}, ${profile})
          on conflict (section_id, id) do update set attributes = '{}'`,
    );
    expect(await countOf()).toBe(3);
  });

  it('is kept in one slot once the connections are gone', async () => {
    const client = await connect();
    await client.query('insert into profile (section_id) select $1 from generate_series(1, 4)', [sectionId]);
    await client.end();
    const slots = () =>
      rows<{ slot: number; profiles: number }>(
        pool(),
        sql`select slot, profiles from profile_count where section_id = ${sectionId}`,
      );
    expect(await slots()).toMatchObject([{ profiles: 4 }]);
    // The session may need a moment to end.
    await expect
      .poll(async () => {
        await foldProfileCounts();
        return slots();
      })
      .toEqual([{ slot: 0, profiles: 4 }]);
  });

  it('makes no writer wait for another', async () => {
    await transaction(async (tx) => {
      await execute(tx, sql`insert into profile (section_id) values (${sectionId})`);
      const meanwhile: ProfileId[] = await createTestProfiles(sectionId, 2);
      expect(meanwhile).toHaveLength(2);
      await foldProfileCounts();
    });
    expect(await countOf()).toBe(3);
  });

  it('cannot be got around: profiles are not truncated', async () => {
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
