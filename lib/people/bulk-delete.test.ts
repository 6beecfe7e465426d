// Many people deleted for good: only those that were confirmed, once, and nothing of them stays.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelOperation, undoOperation } from '@/lib/activity/commands';
import type { OperationId, ProfileId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { changeProfileTags, createProfile } from '@/lib/profiles/commands';
import { countProfiles } from '@/lib/profiles/queries';
import { ProfileFilterSchema } from '@/lib/profiles/schema';
import type { OperationStep } from '@/lib/work/kind';
import { runOperation } from '@/lib/work/run';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  runToEnd,
  withStep,
  type TestAccount,
} from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { createSegment } from '@/lib/segments/commands';
import { onTag, rulesOf, valueOf } from '@/testing/segments';
import { bulkDeleteKind, deleteProfilesInBulk } from './bulk-delete';
import { eraseProfile } from './erase';

let account: TestAccount;
let sectionId: SectionId;
let profiles: ProfileId[];

beforeAll(async () => {
  account = await createTestAccount();
});
afterAll(expectInvariants);
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Deleting');
  profiles = await createTestProfiles(sectionId, 5);
});

const everyone = { kind: 'all', filter: {} };
const some = (...places: number[]) => ({ kind: 'ids', ids: places.map((place) => profiles[place]) });

const start = (selection: object, confirmed: number, actor = account.admin) =>
  deleteProfilesInBulk(actor, { sectionId, selection, confirmed });

async function left(): Promise<number[]> {
  const found = await rows<{ id: ProfileId }>(
    pool(),
    sql`select id from profile where section_id = ${sectionId} order by id`,
  );
  return found.map(({ id }) => profiles.indexOf(id));
}

const { step } = bulkDeleteKind.open();
const run = (by: OperationStep, operationId: OperationId, runner: string) =>
  runOperation([withStep(bulkDeleteKind, by)], sectionId, operationId, { runner });

describe('deleting many', () => {
  it('deletes the selected ones with their tags, and cannot be undone', async () => {
    const tagId = await createTestTag(sectionId, 'VIP');
    await changeProfileTags(account.admin, { sectionId, profileId: profiles[1], apply: [tagId] });
    const { operationId } = valueOf(await start(some(1, 3), 2));
    expect(await runToEnd(sectionId, operationId)).toEqual({ deleted: 2 });
    expect(await left()).toEqual([0, 2, 4]);
    expect(await countProfiles(pool(), sectionId, ProfileFilterSchema.parse({}))).toBe(3);
    expect(await undoOperation(account.admin, { sectionId, operationId })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict' },
    });
  });

  it.each(['a filter', 'a segment'])(
    'of %s deletes whoever matched when it was confirmed and still does: nobody joins, and who left stays',
    async (kind) => {
      const tagId = await createTestTag(sectionId, 'Expired');
      const tag = (place: number, change: object) =>
        changeProfileTags(account.admin, { sectionId, profileId: profiles[place], ...change });
      for (const place of [1, 3, 4]) valueOf(await tag(place, { apply: [tagId] }));
      const rules = rulesOf(onTag(tagId));
      const selection =
        kind === 'a filter'
          ? { kind: 'all', filter: { has: [tagId] } }
          : {
              kind: 'segment',
              segmentId: valueOf(await createSegment(account.admin, { sectionId, name: 'Expired', rules })).id,
            };
      const { operationId } = valueOf(await start(selection, 3));
      valueOf(await tag(0, { apply: [tagId] }));
      valueOf(await tag(2, { apply: [tagId] }));
      valueOf(await tag(3, { remove: [tagId] }));
      expect(await runToEnd(sectionId, operationId)).toEqual({ deleted: 2 });
      expect(await left()).toEqual([0, 2, 3]);
    },
  );

  it('leaves no trace of their keys', async () => {
    const email = `p${randomUUID().slice(0, 8)}@example.com`;
    const keys = [{ keyspaceId: account.keyspaces.email, key: email }];
    const { id } = valueOf(await createProfile(account.admin, { sectionId, keys, attributes: {} }));
    const upload = await one<{ id: number }>(
      pool(),
      sql`insert into import (section_id, file_name, status) values (${sectionId}, 'f.csv', 'mapping') returning id`,
    );
    await execute(
      pool(),
      sql`insert into import_reject (section_id, import_id, row, line, cells, reason, key)
          values (${sectionId}, ${upload.id}, 1, 2, ${['x']}, 'wrong', ${email})`,
    );
    const { operationId } = valueOf(await start({ kind: 'ids', ids: [id] }, 1));
    await runToEnd(sectionId, operationId);
    const { found } = await one<{ found: number }>(
      pool(),
      sql`
        select count(*) as found
        from (
          select key from profile_key where section_id = ${sectionId}
          union all
          select key from import_reject where section_id = ${sectionId}
          union all
          select after::text from profile_change where section_id = ${sectionId}
        ) kept
        where kept.key like ${`%${email}%`}`,
    );
    expect(found).toBe(0);
  });

  it('spares who is added after it started', async () => {
    const { operationId } = valueOf(await start(everyone, 5));
    const [added] = await createTestProfiles(sectionId, 1);
    expect(await runToEnd(sectionId, operationId)).toEqual({ deleted: 5 });
    const found = await rows(pool(), sql`select id from profile where section_id = ${sectionId}`);
    expect(found).toEqual([{ id: added }]);
  });

  it('is refused if there are more than were confirmed, with the number, and without access', async () => {
    expect(await start(everyone, 4)).toMatchObject({
      ok: false,
      refusal: {
        code: 'conflict',
        details: { total: 5 },
        message: expect.stringContaining('5 profiles now') as string,
      },
    });
    const stranger = await createTestAccount();
    for (const actor of [stranger.admin, account.marketer]) {
      expect(await start(everyone, 5, actor)).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    }
    expect(
      await start({ kind: 'all', filter: { conditions: [{ code: 'gone', compare: { test: 'empty' } }] } }, 5),
    ).toMatchObject({ ok: false, refusal: { code: 'hidden' } });
    expect(await left()).toHaveLength(5);
  });

  it('goes on after a step that dies, and counts whom somebody else deletes only once', async () => {
    const { operationId } = valueOf(await start(everyone, 5));
    await run(
      async (tx, operation) => {
        await step(tx, operation);
        throw new Error('the connection was cut');
      },
      operationId,
      'first',
    );
    expect(await left()).toHaveLength(5);
    const other = valueOf(await start(some(0, 1), 2)).operationId;
    valueOf(await eraseProfile(account.admin, { sectionId, profileId: profiles[4] }));
    await execute(pool(), sql`update operation set next_attempt_at = null where id = ${operationId}`);
    const [, counts] = await Promise.all([run(step, operationId, 'second'), runToEnd(sectionId, other)]);
    const { deleted } = await one<{ deleted: number }>(
      pool(),
      sql`select (counts ->> 'deleted')::int as deleted from operation where section_id = ${sectionId} and id = ${operationId}`,
    );
    expect(deleted + counts.deleted!).toBe(4);
    expect(await left()).toEqual([]);
  });

  it('stops where it is cancelled', async () => {
    const { operationId } = valueOf(await start(everyone, 5));
    valueOf(await cancelOperation(account.admin, { sectionId, operationId }));
    await run(step, operationId, 'first');
    expect(await left()).toHaveLength(5);
  });
});
