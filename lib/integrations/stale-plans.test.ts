// What was read or planned for a list is not applied after somebody has changed what it was planned for.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { retryOperation } from '@/lib/activity/commands';
import type { ConnectionListId, SyncRunId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { lockPerson } from '@/lib/people/across-sections';
import { lockKey } from '@/lib/profiles/locks';
import { hideTag } from '@/lib/tags/commands';
import { createTestAccount, createTestSection, createTestTag, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import { keepLists, pauseList, removeConnection } from './commands';
import { chooseTag, leaveList, relinkList, setAddOnly } from './manage';
import { answerHeld, applyDryRun } from './run-commands';

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

type List = { id: ConnectionListId; tagId: TagId; status: string; confirmed: boolean };
const lists = () =>
  rows<List>(
    pool(),
    sql`
      select id, tag_id as "tagId", status, confirmed from connection_list
      where section_id = ${shop.sectionId} order by id`,
  );
const firstList = async () => (await lists())[0]!;

const inList = async () => ({ sectionId: shop.sectionId, listId: (await firstList()).id });
const apply = (runId: SyncRunId) => applyDryRun(shop.actor, { sectionId: shop.sectionId, runId });
const relink = async (ids: string[]) => {
  const other = shop.crm.world.addList('New list', ids);
  const changed = { externalId: `list:${other}`, name: 'New list', kind: 'static' };
  valueOf(await relinkList(shop.actor, { ...(await inList()), ...changed }));
};
const planned = async () => {
  const runId = await shop.start(true);
  expect(await shop.finish(runId)).toMatchObject({ status: 'planned' });
  return runId;
};
const replaced = { ok: false, refusal: { code: 'conflict' } };

describe('a list that was linked to another list of the CRM', () => {
  it('keeps its tag on those whose removal the old list still asked for', async () => {
    const { list, ids } = await shop.synced(people(10));
    shop.crm.world.removeMembers(list, ids);
    const runId = await shop.start(false);
    expect(await shop.finish(runId)).toMatchObject({ status: 'held' });
    await relink(ids);
    const answer = { ...(await inList()), runId, remove: true };
    expect(await answerHeld(shop.actor, answer)).toMatchObject(replaced);
    const [found] = await rows(pool(), sql`select attention from connection where section_id = ${shop.sectionId}`);
    expect(found).toEqual({ attention: null });
    expect(await firstList()).toMatchObject({ confirmed: false });
  });

  it('needs a dry run of its own', async () => {
    const { ids } = await shop.synced(people(3));
    const runId = await planned();
    await relink(ids.slice(0, 1));
    expect(await apply(runId)).toMatchObject(replaced);
    expect(await firstList()).toMatchObject({ confirmed: false });
  });

  it('is not changed by a retry of what stopped before', async () => {
    const { list, ids } = await shop.synced(people(3));
    shop.crm.world.removeMembers(list, ids.slice(0, 1));
    const runId = await shop.start(false);
    await shop.read(runId);
    const { operationId } = await shop.state(runId);
    const which = { sectionId: shop.sectionId, operationId: operationId! };
    await execute(
      pool(),
      sql`update operation set status = 'failed' where section_id = ${shop.sectionId} and id = ${operationId}`,
    );
    await relink(ids);
    valueOf(await retryOperation(shop.actor, which));
    await expect(shop.operate(runId)).rejects.toThrow(/was replaced/);
    expect(await shop.tagged('Trade Show')).toHaveLength(3);
  });
});

describe('a list with another tag than it was planned for', () => {
  it('needs a new dry run after its tag was hidden and another one chosen', async () => {
    await shop.keep(shop.crm.world.addList('Trade Show', await shop.known(people(2))), 'Trade Show');
    const runId = await planned();
    valueOf(await hideTag(shop.actor, { sectionId: shop.sectionId, tagId: (await firstList()).tagId }));
    valueOf(await chooseTag(shop.actor, { ...(await inList()), tag: { name: 'Shop: Other' } }));
    expect(await apply(runId)).toMatchObject(replaced);
  });

  it('needs one after it was let go and chosen again', async () => {
    const { list } = await shop.synced(people(2));
    const runId = await planned();
    valueOf(await leaveList(shop.actor, await inList()));
    const tag = { id: await createTestTag(shop.sectionId, 'Shop: Other') };
    const chosen = { externalId: `list:${list}`, name: 'Trade Show', kind: 'list', tag };
    valueOf(await keepLists(shop.actor, { ...shop.where, lists: [chosen] }));
    expect(await apply(runId)).toMatchObject(replaced);
    expect(await firstList()).toMatchObject({ confirmed: false });
  });

  it('cannot be let go while a sync runs', async () => {
    await shop.synced(people(2));
    await shop.read(await shop.start(false));
    expect(await leaveList(shop.actor, await inList())).toMatchObject({
      refusal: { message: expect.stringMatching(/is running/) as string },
    });
  });
});

describe('a list that was paused', () => {
  it('or only adds by now: its dry run is replaced', async () => {
    await shop.synced(people(2));
    for (const change of [
      async () => pauseList(shop.actor, { ...(await inList()), paused: false }),
      async () => setAddOnly(shop.actor, { ...(await inList()), addOnly: true }),
    ]) {
      const runId = await planned();
      valueOf<unknown>(await change());
      expect(await apply(runId)).toMatchObject(replaced);
    }
  });

  it('is resumed only if it is paused: one that is gone stays gone', async () => {
    await shop.synced(people(2));
    await execute(pool(), sql`update connection_list set status = 'gone' where section_id = ${shop.sectionId}`);
    valueOf(await pauseList(shop.actor, { ...(await inList()), paused: false }));
    expect(await firstList()).toMatchObject({ status: 'gone' });
  });

  it('after it was read keeps its tag, as one that only adds does, whatever the sync has read', async () => {
    const { list, ids } = await shop.synced(people(5));
    const second = shop.crm.world.addList('Second', ids);
    await shop.keep(second, 'Second');
    await shop.first();
    for (const each of [list, second]) shop.crm.world.removeMembers(each, ids.slice(0, 1));
    const runId = await shop.start(false);
    await shop.read(runId);
    const [first, other] = await lists();
    valueOf(await pauseList(shop.actor, { sectionId: shop.sectionId, listId: first!.id, paused: true }));
    valueOf(await setAddOnly(shop.actor, { sectionId: shop.sectionId, listId: other!.id, addOnly: true }));
    expect((await shop.operate(runId)).lists).toMatchObject([{ status: 'failed', reason: 'Paused here.' }, {}]);
    expect(await shop.tagged('Trade Show')).toHaveLength(5);
    expect(await shop.tagged('Second')).toHaveLength(5);
    expect((await firstList()).status).toBe('paused');
  });

  it('while another list is read stays paused', async () => {
    const { list, ids } = await shop.synced(people(5));
    const second = shop.crm.world.addList('Second', ids);
    const listId = await shop.keep(second, 'Second');
    await shop.first();
    shop.crm.world.removeMembers(second, ids.slice(0, 2));
    const runId = await shop.start(false);
    let pausing: Promise<unknown> | undefined;
    shop.crm.simulator.beforeAnswer = ({ line }) => {
      if (!line.includes(`/profile/${list}/records`)) return;
      pausing ??= pauseList(shop.actor, { sectionId: shop.sectionId, listId, paused: true });
    };
    await shop.read(runId);
    expect(await pausing).toMatchObject({ ok: true });
    await shop.operate(runId);
    expect((await lists())[1]).toMatchObject({ status: 'paused' });
    expect(await shop.tagged('Second')).toHaveLength(5);
  });
});

describe('Allowed Operations', () => {
  const forbid = async () => {
    const { tagId } = await firstList();
    await execute(
      pool(),
      sql`
        insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
        select ${shop.sectionId}::int, ${tagId}::int, keyspace_id, true, false from connection
        where section_id = ${shop.sectionId}`,
    );
  };
  const refused = async (runId: SyncRunId) => {
    const { operationId } = await shop.operate(runId);
    const found = await one<{ refused: number }>(
      pool(),
      sql`
        select (counts ->> 'refused')::int as refused from operation
        where section_id = ${shop.sectionId} and id = ${operationId}`,
    );
    return found.refused;
  };

  it('bind people who are created', async () => {
    await shop.set({ unmatched: 'create' });
    const { list } = await shop.synced(['a@example.org']);
    await forbid();
    shop.crm.world.addMembers(list, [shop.crm.world.addContact({ email: 'new@example.org' })]);
    const runId = await shop.start(false);
    await shop.read(runId);
    expect(await refused(runId)).toBe(1);
    expect(await shop.tagged('Trade Show')).toEqual(['a@example.org']);
  });

  it('bind as they are when a dry run is applied', async () => {
    await shop.keep(shop.crm.world.addList('Trade Show', await shop.known(people(3))), 'Trade Show');
    const runId = await planned();
    await forbid();
    valueOf(await apply(runId));
    expect(await refused(runId)).toBe(3);
    expect(await shop.tagged('Trade Show')).toEqual([]);
  });

  it('bind as they are when held removals are approved', async () => {
    const { list, ids } = await shop.synced(people(10));
    shop.crm.world.removeMembers(list, ids);
    const runId = await shop.start(false);
    await shop.finish(runId);
    await forbid();
    valueOf(await answerHeld(shop.actor, { ...(await inList()), runId, remove: true }));
    expect(await refused(runId)).toBe(10);
    expect(await shop.tagged('Trade Show')).toHaveLength(10);
  });
});

it('a person whose address was locked since the dry run is not created', async () => {
  await shop.set({ unmatched: 'create' });
  const gone = ['gone@example.org', 'new@example.org'].map((email) => shop.crm.world.addContact({ email, phone: '' }));
  await shop.keep(
    shop.crm.world.addList('Trade Show', [...gone, ...(await shop.known(['a@example.org']))]),
    'Trade Show',
  );
  const runId = await planned();
  const keyspace = { id: account.keyspaces.email };
  await transaction((tx) => lockKey(tx, { sectionId: shop.sectionId, keyspace }, 'gone@example.org'));
  valueOf(await apply(runId));
  expect((await shop.operate(runId)).lists).toMatchObject([{ status: 'done', counts: { create: 1, erased: 1 } }]);
  expect(await shop.tagged('Trade Show')).toEqual(['a@example.org', 'new@example.org']);
});

it('a contact whose id is a CRM ID that was locked is not created, if contacts match by it', async () => {
  await shop.set({ match: ['email', 'crm_id'], unmatched: 'create' });
  const id = shop.crm.world.addContact({ email: 'a@example.org' });
  await shop.keep(shop.crm.world.addList('Trade Show', [id]), 'Trade Show');
  const keyspace = { id: account.keyspaces.crm_id };
  await transaction((tx) => lockKey(tx, { sectionId: shop.sectionId, keyspace }, id));
  expect((await shop.first()).lists).toMatchObject([{ status: 'done', counts: { create: 0, erased: 1 } }]);
  expect(await shop.tagged('Trade Show')).toEqual([]);
});

it('a person whose contact has an address of somebody who is erased during a sync keeps the tag', async () => {
  const { ids } = await shop.synced(['a@example.org']);
  await shop.profile('gone@example.org');
  shop.crm.world.changeContact(ids[0]!, { email: 'gone@example.org', firstName: '', lastName: '' });
  const runId = await shop.start(false);
  await shop.read(runId);
  const client = { ...account.system, sections: [shop.sectionId] };
  valueOf(await lockPerson(client, { keyspaceId: account.keyspaces.email, key: 'gone@example.org' }));
  const [read] = await rows(pool(), sql`select name, emails from sync_member where section_id = ${shop.sectionId}`);
  expect(read).toEqual({ name: '', emails: [] });
  expect(await shop.operate(runId)).toMatchObject({ lists: [{ counts: { matched: 1, removes: 0 } }] });
  expect(await shop.tagged('Trade Show')).toEqual(['a@example.org']);
});

it('a dry run with other fields than come along now is replaced; removals that wait go on waiting', async () => {
  const field = { field: 'last_name', code: 'lastname', existing: 'overwrite' };
  await shop.set({ fields: [field] });
  const { list, ids } = await shop.synced(people(12));
  const runId = await planned();
  await shop.set({ fields: [field], everyMinutes: 60 });
  expect((await shop.state(runId)).status).toBe('planned');
  await shop.set({ fields: [] });
  expect(await apply(runId)).toMatchObject(replaced);
  shop.crm.world.removeMembers(list, ids);
  const held = await shop.start(false);
  expect(await shop.finish(held)).toMatchObject({ status: 'held' });
  await shop.set({ fields: [{ ...field, existing: 'fill' }] });
  expect((await shop.state(held)).status).toBe('held');
  // Overwriting needs a dry run, which asks again.
  await shop.set({ fields: [field] });
  expect((await shop.state(held)).status).toBe('superseded');
});

it('a connection that is removed leaves no contacts that were read', async () => {
  await shop.synced(people(3));
  const waiting = await planned();
  valueOf(await removeConnection(shop.actor, shop.where));
  const found = await one<{ count: number }>(
    pool(),
    sql`select count(*) as count from sync_member where section_id = ${shop.sectionId}`,
  );
  expect(found.count).toBe(0);
  expect((await shop.state(waiting)).status).toBe('superseded');
});
