// What a person has not approved is asked again: by the next sync, also one by schedule.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { undoOperation } from '@/lib/activity/commands';
import type { ConnectionListId, SyncRunId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { createTestAccount, createTestSection, runToEnd, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import { pauseList, setOptions } from './commands';
import { answerHeld, startSync } from './run-commands';
import { startDueSyncs } from './schedule';
import { ConnectionOptionsSchema } from './schema';
import { wakeAt } from './wake';

let account: TestAccount;
let shop: TestConnection;
beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
});
beforeEach(async () => {
  shop = await TestConnection.open(account, await createTestSection(account.accountId, 'Sync'));
});
afterEach(() => shop.stop());

const people = (count: number) => Array.from({ length: count }, (_, i) => `person${i}@example.org`);

const lists = () =>
  rows<{ id: ConnectionListId }>(
    pool(),
    sql`select id from connection_list where section_id = ${shop.sectionId} order by id`,
  );
const runs = () =>
  rows<{ id: SyncRunId }>(pool(), sql`select id from sync_run where section_id = ${shop.sectionId} order by id`);

/** The sync that the schedule starts a day later; undefined if it starts none. */
const tomorrow = async (days = 1) => {
  const before = await runs();
  await startDueSyncs(new Date(Date.now() + days * 25 * 3_600_000));
  const all = await runs();
  return all.length === before.length ? undefined : shop.finish(all.at(-1)!.id);
};
const readBefore = (by: string) =>
  execute(pool(), sql`update connection set identity = ${by} where section_id = ${shop.sectionId}`);

it.each(['a changed definition', 'another user'])('“leave the tag” after %s', async (cause) => {
  const { list, ids } = await shop.synced(people(5));
  if (cause === 'another user') await readBefore('another user');
  else {
    await execute(pool(), sql`update connection_list set definition = 'before' where section_id = ${shop.sectionId}`);
  }
  shop.crm.world.removeMembers(list, ids.slice(0, 2));
  const runId = await shop.start(false);
  expect(await shop.finish(runId)).toMatchObject({ status: 'held' });
  const listId = (await lists())[0]!.id;
  valueOf(await answerHeld(shop.actor, { sectionId: shop.sectionId, runId, listId, remove: false }));
  await shop.operate(runId);
  expect(await tomorrow()).toMatchObject({ status: 'held' });
  expect(await shop.tagged('Trade Show')).toHaveLength(5);
});

it('a definition that a list has only now', async () => {
  const { list, ids } = await shop.synced(people(5));
  shop.crm.world.removeMembers(list, ids.slice(0, 2));
  const runId = await shop.start(false);
  await shop.read(runId);
  await execute(pool(), sql`update sync_run_list set definition = 'new' where section_id = ${shop.sectionId}`);
  expect(await shop.operate(runId)).toMatchObject({ status: 'held' });
});

it('a list that is of another kind now', async () => {
  const { list, ids } = await shop.synced(people(5));
  await execute(
    pool(),
    sql`update connection_list set kind = 'overview', definition = null where section_id = ${shop.sectionId}`,
  );
  shop.crm.world.removeMembers(list, ids.slice(0, 2));
  expect(await shop.sync()).toMatchObject({ status: 'held' });
});

it.each(['syncing another list alone', 'a sync in which its list failed'])('a new user, after %s', async (cause) => {
  const { list, ids } = await shop.synced(people(5));
  await shop.keep(shop.crm.world.addList('Second', ids.slice(0, 2)), 'Second');
  await shop.first();
  await readBefore('another user');
  if (cause === 'a sync in which its list failed') {
    shop.crm.simulator.faults.set({ kind: 'forbidden', match: `profile_lists/profile/${list}/records` });
    expect((await shop.sync()).lists).toMatchObject([{ status: 'failed' }, { status: 'done' }]);
    shop.crm.simulator.faults.clear();
  } else {
    const listIds = [(await lists())[1]!.id];
    await shop.finish(valueOf(await startSync(shop.actor, { ...shop.where, dry: false, listIds })).runId);
  }
  shop.crm.world.removeMembers(list, ids.slice(0, 3));
  expect(await tomorrow()).toMatchObject({ status: 'held' });
});

it('a list that was paused while a new user was accepted', async () => {
  const { ids } = await shop.synced(people(2));
  await shop.keep(shop.crm.world.addList('Second', ids), 'Second');
  await shop.first();
  await readBefore('another user');
  const listId = (await lists())[0]!.id;
  const pause = (paused: boolean) => pauseList(shop.actor, { sectionId: shop.sectionId, listId, paused });
  valueOf(await pause(true));
  await shop.sync();
  valueOf(await pause(false));
  expect(await startSync(shop.actor, { ...shop.where, dry: false })).toMatchObject({
    refusal: { message: expect.stringMatching(/dry run first: .*“Trade Show”/) as string },
  });
});

it('a list on which only people are who did not have its tag', async () => {
  const { list, ids } = await shop.synced(people(10));
  shop.crm.world.removeMembers(list, ids);
  shop.crm.world.addMembers(list, [shop.crm.world.addContact({ email: 'unknown@example.org' })]);
  expect(await shop.sync()).toMatchObject({
    status: 'held',
    lists: [{ reason: expect.stringMatching(/only other people/) as string }],
  });
  expect(await shop.tagged('Trade Show')).toHaveLength(10);
});

it('a sync that was undone, also if others without changes came between', async () => {
  const { list, ids } = await shop.synced(people(10));
  shop.crm.world.removeMembers(list, ids.slice(0, 4));
  const { operationId } = await shop.sync();
  expect(await tomorrow()).toMatchObject({ status: 'done' });
  const { undoId } = valueOf(await undoOperation(shop.actor, { sectionId: shop.sectionId, operationId: operationId! }));
  await runToEnd(shop.sectionId, undoId);
  expect(await tomorrow(2)).toBeUndefined();
  expect(await shop.tagged('Trade Show')).toHaveLength(10);
  // A dry run that somebody has seen and applied is a decision, even if it changes nothing.
  shop.crm.world.addMembers(list, ids.slice(0, 4));
  await shop.first();
  expect(await tomorrow(3)).toMatchObject({ status: 'done' });
});

it('a dry run that somebody is looking at is not replaced by the schedule', async () => {
  await shop.synced(people(2));
  const runId = await shop.start(true);
  await shop.finish(runId);
  await execute(pool(), sql`update connection set next_sync_at = created_at where section_id = ${shop.sectionId}`);
  await startDueSyncs();
  expect(await shop.state(runId)).toMatchObject({ status: 'planned' });
  await startDueSyncs(new Date(Date.now() + 3 * 3_600_000));
  expect(await shop.state(runId)).toMatchObject({ status: 'superseded' });
});

describe('another way to find people', () => {
  const set = async (options: object) =>
    valueOf(await setOptions(shop.actor, { ...shop.where, options: ConnectionOptionsSchema.parse(options) }));

  const field = (existing: string) => ({ field: 'first_name', code: 'firstname', existing });

  it.each([
    ['other keys', {}, { match: ['mobile'] }],
    ['another order of them', { match: ['mobile', 'email'] }, { match: ['email', 'mobile'] }],
    ['another country', {}, { country: 'SE' }],
    ['profiles that are created', {}, { unmatched: 'create' }],
    ['profiles that are no longer created', { unmatched: 'create' }, { unmatched: 'leave' }],
    ['values that are overwritten', {}, { fields: [field('overwrite')] }],
    ['values that were filled only', { fields: [field('fill')] }, { fields: [field('overwrite')] }],
  ])('needs a dry run, also by schedule and announcement: %s', async (_, before, after) => {
    await shop.set(before);
    await shop.synced(people(2));
    expect(await set(after)).toMatchObject({ needsDryRun: true });
    expect(await startSync(shop.actor, { ...shop.where, dry: false })).toMatchObject({
      refusal: { message: expect.stringMatching(/dry run first: .*“Trade Show”/) as string },
    });
    expect(await tomorrow()).toBeUndefined();
    await transaction((tx) => wakeAt(tx, shop.where, { at: new Date(), since: new Date() }));
    expect(await tomorrow(2)).toBeUndefined();
    await shop.first();
    expect(await tomorrow(3)).toMatchObject({ status: 'done' });
  });

  it('is no other one if it was saved as it is, and nothing else that is saved needs a dry run', async () => {
    await shop.synced(people(2));
    const fields = [{ field: 'first_name', code: 'firstname', existing: 'fill' }];
    const others = { fields, guard: { share: 30 }, everyMinutes: 60, wakeMinutes: 1, renamed: 'stop' };
    expect(await set(others)).toMatchObject({ needsDryRun: false });
    expect(await tomorrow()).toMatchObject({ status: 'done' });
  });
});
