// What Activity finds, and what it says a bulk change was about.
import { beforeAll, describe, expect, it } from 'vitest';
import type { OperationId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { readBulkAbout } from '@/lib/operations/bulk-about';
import type { UserActor } from '@/lib/access/actor';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import { hasTag, makeSegment, valueOf } from '@/testing/segments';
import { undoOperation } from './commands';
import { readOperations } from './reads';

let account: TestAccount;
let vip: TagId;
let lead: TagId;
let ids: number[];
beforeAll(async () => {
  account = await createTestAccount();
  vip = await createTestTag(account.sectionId, 'VIP');
  lead = await createTestTag(account.sectionId, 'Lead 100%');
  ids = await createTestProfiles(account.sectionId, 2);
});

const tag = async (actor: UserActor, input: object): Promise<OperationId> =>
  valueOf(await bulkTag(actor, { sectionId: account.sectionId, selection: { kind: 'ids', ids }, ...input }))
    .operationId;

async function found(filter: object): Promise<OperationId[]> {
  const { operations } = valueOf(
    await readOperations(account.marketer, { sectionId: account.sectionId, limit: 50, ...filter }),
  );
  return operations.map(({ id }) => id);
}

const about = async (operationId: OperationId) =>
  valueOf(await readBulkAbout(account.marketer, { sectionId: account.sectionId, operationId }));

describe('Activity', () => {
  it('is searched by text, kind and person', async () => {
    const first = await tag(account.admin, { apply: [vip] });
    const second = await tag(account.marketer, { apply: [lead], remove: [vip] });
    await execute(pool(), sql`update operation set status = 'done' where id = ${first}`);
    const { undoId } = valueOf(
      await undoOperation(account.admin, { sectionId: account.sectionId, operationId: first }),
    );
    expect(await found({ text: 'lead 100%' })).toEqual([second]);
    expect(await found({ text: 'vip' })).toEqual([undoId, second, first]);
    expect(await found({ kind: 'undo' })).toEqual([undoId]);
    expect(await found({ kind: 'dry_run' })).toEqual([]);
    expect(await found({ userId: account.marketer.userId })).toEqual([second]);
    expect(await found({ text: 'vip', before: undoId, userId: account.admin.userId })).toEqual([first]);
    const { people } = valueOf(await readOperations(account.marketer, { sectionId: account.sectionId, limit: 1 }));
    expect(people.map(({ id }) => id).toSorted()).toEqual([account.admin.userId, account.marketer.userId].toSorted());
  });

  it('says which tags a bulk change was about, and how its profiles were chosen', async () => {
    expect(await about(await tag(account.admin, { apply: [lead], remove: [vip] }))).toMatchObject({
      applied: [{ name: 'Lead 100%' }],
      removed: [{ name: 'VIP' }],
      chosen: '2 profiles, selected one by one.',
    });
    const conditions = [{ code: 'firstname', compare: { test: 'empty' } }];
    const all = { selection: { kind: 'all', filter: { hasNot: [vip], conditions } }, apply: [lead] };
    expect((await about(await tag(account.admin, all)))!.chosen).toBe(
      'All profiles without VIP, whose First name is empty.',
    );
    await execute(
      pool(),
      sql`insert into profile_tag (section_id, tag_id, profile_id) values (${account.sectionId}, ${vip}, ${ids[0]})`,
    );
    const segmentId = await makeSegment(account.admin, account.sectionId, hasTag(vip));
    const members = { selection: { kind: 'segment', segmentId }, apply: [lead] };
    expect((await about(await tag(account.admin, members)))!.chosen).toBe('Everyone who has VIP.');
    expect(await about(999_999 as OperationId)).toBeNull();
    const sample = await tag(account.admin, { apply: [lead] });
    await execute(pool(), sql`update operation set input = '{}' where id = ${sample}`);
    expect(await about(sample)).toBeNull();
  });

  it('says the same of its undo and of its redo', async () => {
    const undone = async (operationId: OperationId) => {
      await execute(
        pool(),
        sql`update operation set status = 'done', counts = '{"undone": 1}' where id = ${operationId}`,
      );
      return valueOf(await undoOperation(account.admin, { sectionId: account.sectionId, operationId })).undoId;
    };
    const operationId = await tag(account.admin, { apply: [lead] });
    const undoId = await undone(operationId);
    const redoId = await undone(undoId);
    const wanted = await about(operationId);
    expect(wanted).toMatchObject({ applied: [{ name: 'Lead 100%' }] });
    expect([await about(undoId), await about(redoId)]).toEqual([wanted, wanted]);
  });
});
