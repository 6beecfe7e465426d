// What past runs tell about a connection, and what is kept of them.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionListId, OperationId, SyncRunId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { undoOperation } from '@/lib/activity/commands';
import { createTestAccount, createTestSection, runToEnd, type TestAccount } from '@/testing/fixtures';
import { hasTag, makeSegment, valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import { flappingContacts } from './flapping';
import { removeOldRuns } from './retention';
import { unusedLists } from './unused';

const DAY = 86_400_000;

let account: TestAccount;
let shop: TestConnection;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
});
beforeEach(async () => {
  shop = await TestConnection.open(account, await createTestSection(account.accountId, 'Runs'));
});
afterEach(() => shop.stop());

const ids = async (table: 'sync_run' | 'sync_member' | 'sync_change'): Promise<SyncRunId[]> => {
  const column = table === 'sync_run' ? sql`id` : sql`run_id`;
  const from = { sync_run: sql`sync_run`, sync_member: sql`sync_member`, sync_change: sql`sync_change` }[table];
  const found = await rows<{ id: SyncRunId }>(
    pool(),
    sql`select distinct ${column} as id from ${from} where section_id = ${shop.sectionId} order by id`,
  );
  return found.map(({ id }) => id);
};

describe('contacts that go in and out of a list', () => {
  it('are found by the changes of the last days, with the list and how often', async () => {
    const { list, ids: contacts } = await shop.synced(['a@example.org', 'b@example.org', 'c@example.org']);
    const flapping = () => flappingContacts(pool(), { ...shop.where, limit: 10 });
    shop.crm.world.removeMembers(list, [contacts[0]!, contacts[1]!]);
    await shop.sync();
    expect(await flapping()).toEqual([]);
    shop.crm.world.addMembers(list, [contacts[0]!]);
    await shop.sync();
    expect(await flapping()).toMatchObject([{ keys: ['a@example.org'], listName: 'Trade Show', times: 3 }]);
    const later = new Date(Date.now() + 8 * DAY);
    expect(await flappingContacts(pool(), { ...shop.where, limit: 10, now: later })).toEqual([]);
  });

  it('are not those whose changes somebody here has undone', async () => {
    const { list, ids: contacts } = await shop.synced(['a@example.org', 'b@example.org']);
    const flapping = () => flappingContacts(pool(), { ...shop.where, limit: 10 });
    shop.crm.world.removeMembers(list, [contacts[0]!]);
    await shop.sync();
    const { operationId } = await one<{ operationId: OperationId }>(
      pool(),
      sql`
        select operation_id as "operationId" from sync_run
        where section_id = ${shop.sectionId} order by id desc limit 1`,
    );
    const undo = async (undone: OperationId) => {
      const input = { sectionId: shop.sectionId, operationId: undone };
      const { undoId } = valueOf(await undoOperation(account.admin, input));
      await runToEnd(shop.sectionId, undoId);
      return undoId;
    };
    const undoId = await undo(operationId);
    // The same again, by a person: one removal and one addition, and what was undone.
    await shop.sync();
    expect(await flapping()).toEqual([]);
    // With the undo taken back, it is the CRM's: added, taken off, taken off.
    await undo(undoId);
    shop.crm.world.addMembers(list, [contacts[0]!]);
    await shop.sync();
    expect((await flapping()).map(({ keys }) => keys)).toEqual([['a@example.org']]);
  });

  it('are not those whose changes wait or were rejected', async () => {
    const { list, ids: contacts } = await shop.synced(['a@example.org']);
    await shop.set({ guard: { emptied: 1 } });
    for (let round = 0; round < 2; round += 1) {
      shop.crm.world.removeMembers(list, contacts);
      expect(await shop.sync()).toMatchObject({ status: 'held' });
      shop.crm.world.addMembers(list, contacts);
      await shop.sync();
    }
    expect(await flappingContacts(pool(), { ...shop.where, limit: 10 })).toEqual([]);
  });
});

describe('lists that nobody uses', () => {
  it('are those whose tag is in no segment', async () => {
    const names = ['Used', 'Unused'];
    const listIds: ConnectionListId[] = [];
    for (const name of names) listIds.push(await shop.keep(shop.crm.world.addList(name), name));
    const { tagId } = await one<{ tagId: never }>(
      pool(),
      sql`select tag_id as "tagId" from connection_list where section_id = ${shop.sectionId} and id = ${listIds[0]}`,
    );
    await makeSegment(account.admin, shop.sectionId, hasTag(tagId));
    const unused = await unusedLists(pool(), shop.where);
    expect(unused).toMatchObject({
      lists: [{ id: listIds[1], name: 'Unused', tag: { name: 'Shop: Unused' } }],
      total: 1,
    });
  });
});

describe('old runs', () => {
  it('leave the contacts of the last one only, and are removed after a time', async () => {
    await shop.synced(['a@example.org', 'b@example.org']);
    const [first] = await ids('sync_run');
    expect(await ids('sync_member')).toEqual([first]);
    await shop.sync();
    const [, last] = await ids('sync_run');
    expect(await ids('sync_member')).toEqual([last]);
    await execute(
      pool(),
      sql`update sync_run set created_at = ${new Date(Date.now() - 91 * DAY)} where section_id = ${shop.sectionId}`,
    );
    expect(await ids('sync_change')).toEqual([first]);
    await removeOldRuns();
    expect(await ids('sync_run')).toEqual([last]);
    expect(await ids('sync_change')).toEqual([]);
    expect(await ids('sync_member')).toEqual([last]);
  });
});
