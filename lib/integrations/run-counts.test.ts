// The figures of a run: they are those of what happens to people, and what a dry run promises is what comes of it.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ProfileId, TagId } from '@/lib/db/ids';
import { changeTags, wantedForOne } from '@/lib/tags/change';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { answerHeld, applyDryRun } from './run-commands';
import { relinkList } from './manage';
import {
  readConnections,
  readKeepers,
  readLists,
  readRunLines,
  readRunLists,
  readRunPeople,
  readSyncRun,
} from './reads';

let account: TestAccount;
let shop: TestConnection;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
});
afterAll(expectInvariants);
beforeEach(async () => {
  shop = await TestConnection.open(account, await createTestSection(account.accountId, 'Counts'));
});
afterEach(() => shop.stop());

const shownRun = async (runId: number) =>
  valueOf(await readRunLines(account.admin, { ...shop.where, show: 'all', limit: 9 })).lines.flatMap((line) =>
    line.kind === 'run' && line.run.id === runId ? [line.run] : [],
  )[0]!;

const tagOf = async (listId: number): Promise<TagId> =>
  valueOf(await readLists(account.admin, { ...shop.where, limit: 9 })).lists.find(({ id }) => id === listId)!.tag.id;

/** Gives somebody a tag by hand. */
async function tagByHand(profileId: ProfileId, tagId: TagId): Promise<void> {
  const cause = { sectionId: shop.sectionId, source: 'user' as const, userId: account.admin.userId };
  await transaction((tx) => changeTags(tx, cause, wantedForOne(profileId, { apply: [tagId], remove: [] })));
}

const sync = async () => {
  const runId = await shop.start(false);
  return { runId, state: await shop.finish(runId) };
};

it('a dry run counts each new profile once, whatever number of lists and contacts it comes from', async () => {
  const { world } = shop.crm;
  await shop.set({ unmatched: 'create' });
  const ann = world.addContact({ email: 'ann@example.org' });
  const twice = world.addContact({ email: 'ann@example.org' });
  const bo = world.addContact({ email: 'bo@example.org' });
  await shop.keep(world.addList('Trade Show', [ann, twice, bo]), 'Trade Show');
  await shop.keep(world.addList('Webinar', [ann]), 'Webinar');
  const runId = await shop.start(true);
  expect(await shop.finish(runId)).toMatchObject({
    counts: { create: 4, newPeople: 3, newProfiles: 2 },
    lists: [{ counts: { create: 3, newPeople: 2 } }, { counts: { create: 1, newPeople: 1 } }],
  });
  const { operationId } = await shop.state(runId);
  const planned = await one<{ counts: object }>(
    pool(),
    sql`select counts from operation where section_id = ${shop.sectionId} and id = ${operationId}`,
  );
  expect(planned.counts).toMatchObject({ adds: 3, create: 2 });
  valueOf(await applyDryRun(account.admin, { sectionId: shop.sectionId, runId }));
  await shop.operate(runId);
  const { run } = valueOf(await readSyncRun(account.admin, { sectionId: shop.sectionId, runId }));
  expect(run.made).toEqual({ applied: 3, removed: 0, created: 2, updated: 0 });
  expect((await shownRun(runId)).done).toEqual({ tagged: 3, untagged: 0, waiting: 0 });
});

it('who has the tag by hand neither gets it from a list nor loses it with the list', async () => {
  const { list } = await shop.synced(['ann@example.org']);
  const { id: listId } = valueOf(await readLists(account.admin, { ...shop.where, limit: 1 })).lists[0]!;
  const bo = await shop.profile('bo@example.org');
  await tagByHand(bo, await tagOf(listId));
  const contact = shop.crm.world.addContact({ email: 'bo@example.org' });
  shop.crm.world.addMembers(list, [contact]);
  const joined = await sync();
  expect(joined.state.lists).toMatchObject([{ counts: { adds: 0, joins: 1, people: 2 } }]);
  expect(await shownRun(joined.runId)).toMatchObject({
    changes: { adds: 0, joins: 1 },
    done: { tagged: 0, untagged: 0 },
  });
  shop.crm.world.removeMembers(list, [contact]);
  const left = await sync();
  expect(left.state.lists).toMatchObject([{ counts: { removes: 0, leaves: 1 } }]);
  expect(await shownRun(left.runId)).toMatchObject({
    changes: { removes: 0, leaves: 1 },
    done: { tagged: 0, untagged: 0 },
  });
  const asked = { sectionId: shop.sectionId, runId: left.runId, listId, limit: 9 };
  expect(valueOf(await readRunPeople(account.admin, { ...asked, group: 'removes' }))).toEqual([]);
  expect(valueOf(await readRunPeople(account.admin, { ...asked, group: 'leaves' }))).toMatchObject([{ profileId: bo }]);
  expect(await shop.tagged('Trade Show')).toEqual(['ann@example.org', 'bo@example.org']);
});

it('a tag that two lists keep is gained and lost once, and the guard goes by what each list gives up', async () => {
  const { world } = shop.crm;
  await shop.set({ guard: { emptied: 1 } });
  const ids = await shop.known(['ann@example.org']);
  const lists = [world.addList('Trade Show', ids), world.addList('Webinar', ids)];
  const first = await shop.keep(lists[0]!, 'Trade Show');
  const second = await shop.keep(lists[1]!, 'Webinar');
  const tag = await tagOf(first);
  await execute(
    pool(),
    sql`update connection_list set tag_id = ${tag} where section_id = ${shop.sectionId} and id = ${second}`,
  );
  const began = await shop.first();
  expect(began.lists).toMatchObject([{ counts: { adds: 1, joins: 0 } }, { counts: { adds: 0, joins: 1 } }]);
  for (const list of lists) world.removeMembers(list, ids);
  const { runId, state } = await sync();
  expect(state).toMatchObject({
    status: 'held',
    lists: [
      { status: 'held', counts: { removes: 0, leaves: 1 } },
      { status: 'held', counts: { removes: 1, leaves: 0 } },
    ],
  });
  // Only the first list lets go: the other one still holds the tag.
  const where = { sectionId: shop.sectionId, runId };
  valueOf(await answerHeld(account.admin, { ...where, listId: second, remove: true }));
  await shop.operate(runId);
  expect((await shownRun(runId)).done).toEqual({ tagged: 0, untagged: 0, waiting: 1 });
  const shown = valueOf(await readRunLists(account.admin, { ...where, limit: 9 })).lists;
  expect(shown.find(({ listId }) => listId === second)?.changes).toMatchObject({ removes: 0, leaves: 1 });
  valueOf(await answerHeld(account.admin, { ...where, listId: first, remove: true }));
  await shop.operate(runId);
  expect((await shownRun(runId)).done).toEqual({ tagged: 0, untagged: 1, waiting: 0 });
  expect(await shop.tagged('Trade Show')).toEqual([]);
});

it('several contacts of one profile are one person', async () => {
  const ann = await shop.profile('ann@example.org');
  const { world } = shop.crm;
  const contacts = [1, 2].map(() => world.addContact({ email: 'ann@example.org' }));
  const listId = await shop.keep(world.addList('Trade Show', contacts), 'Trade Show');
  const runId = await shop.start(true);
  expect((await shop.finish(runId)).lists).toMatchObject([{ counts: { seen: 2, matched: 2, people: 1, adds: 1 } }]);
  const asked = { sectionId: shop.sectionId, runId, listId, group: 'adds' as const, limit: 9 };
  expect(valueOf(await readRunPeople(account.admin, asked))).toMatchObject([{ profileId: ann }]);
});

const listNow = async () => valueOf(await readLists(account.admin, { ...shop.where, limit: 9 })).lists[0]!;

it('a list says who is here, also of the profiles that its sync has created, until it is linked to another one', async () => {
  const { world } = shop.crm;
  await shop.set({ unmatched: 'create' });
  const contact = world.addContact({ email: 'ann@example.org' });
  const listId = await shop.keep(world.addList('Trade Show', [contact]), 'Trade Show');
  await shop.first();
  expect((await listNow()).last).toEqual({ seen: 1, matched: 1, keptOff: 0 });
  const other = world.addList('Webinar', [contact]);
  const list = { listId, externalId: `list:${other}`, name: 'Webinar', kind: 'list' };
  valueOf(await relinkList(account.admin, { sectionId: shop.sectionId, ...list }));
  expect((await listNow()).last).toBeNull();
  await shop.first();
  expect((await listNow()).last).toEqual({ seen: 1, matched: 1, keptOff: 0 });
});

it('a list whose tag its connection may not write needs a look, and so does its sync', async () => {
  const { list } = await shop.synced(['ann@example.org']);
  const { id: listId, tag } = await listNow();
  const where = { sectionId: shop.sectionId, tagId: tag.id };
  const [keeper] = valueOf(await readKeepers(account.admin, where));
  expect(keeper).toMatchObject({ listId, name: 'Shop: Trade Show' });
  const connection = async () => valueOf(await readConnections(account.admin, { sectionId: shop.sectionId }))[0]!;
  expect([(await listNow()).refused, (await connection()).lists.troubled]).toEqual([false, 0]);
  await execute(
    pool(),
    sql`
      insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
      values (${shop.sectionId}, ${tag.id}, ${keeper!.keyspaceId}, true, false)`,
  );
  expect([(await listNow()).refused, (await connection()).lists.troubled]).toEqual([true, 1]);
  shop.crm.world.addMembers(list, await shop.known(['bo@example.org']));
  const { runId } = await sync();
  expect(await shownRun(runId)).toMatchObject({ changes: { adds: 0, refused: 1 }, failedLists: 0, frozenLists: 0 });
});

it('before a list is compared, its figures say only how many were read', async () => {
  await shop.synced(['ann@example.org']);
  const runId = await shop.start(false);
  await shop.read(runId);
  const asked = { sectionId: shop.sectionId, runId, limit: 9 };
  const shown = async () => valueOf(await readRunLists(account.admin, asked)).lists[0]!;
  expect(await shown()).toMatchObject({ status: 'read', compared: false, counts: { seen: 1 } });
  await shop.operate(runId);
  expect(await shown()).toMatchObject({ status: 'done', compared: true, counts: { seen: 1, had: 1 } });
});

it('a list that the CRM did not have is left as it is, and its sync says so', async () => {
  const { list } = await shop.synced(['ann@example.org']);
  shop.crm.world.deleteList(list);
  const { runId } = await sync();
  expect(await shownRun(runId)).toMatchObject({ status: 'done', failedLists: 0, frozenLists: 1 });
});
