// What people see of tags that lists hold, and what they do about them.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createByKey } from '@/lib/clients/one-profile';
import type { ConnectionListId, OperationId, ProfileId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { cancelOperation, undoOperation } from '@/lib/activity/commands';
import { readBackgroundWork, readOperation, readUndoPreview } from '@/lib/activity/reads';
import type { UserActor } from '@/lib/access/actor';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { mergeTags } from '@/lib/operations/merge-tag';
import { readHeldTags } from '@/lib/operations/reads';
import { changeProfileTags } from '@/lib/profiles/commands';
import { readProfile } from '@/lib/profiles/reads';
import { hideTag } from '@/lib/tags/commands';
import { readHideImpact, readMergePreview, readTagPage, readTagTable } from '@/lib/used-in/reads';
import { createTestAccount, createTestTag, runToEnd, type TestAccount } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import { readKeptOff, readKeptOffTags, readPlaceOfList, readRemovalPreview } from './claim-reads';
import { keepLists } from './commands';
import { keepOff, letAllIn, letIn } from './let-in';
import { chooseTag, leaveList } from './manage';
import { readConnectionPage, readConnections, readLists } from './reads';
import { removeListTag } from './remove-from-all';
import { answerHeld } from './run-commands';

let account: TestAccount;
let shop: TestConnection;

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
});
afterAll(expectInvariants);
beforeEach(async () => {
  account = await createTestAccount();
  shop = await TestConnection.open(account, account.sectionId);
});
afterEach(() => shop.stop());

const email = (person: number) => `p${person}@example.org`;

/** People with profiles and contacts. */
async function people(count: number): Promise<{ profiles: ProfileId[]; contacts: string[] }> {
  const profiles: ProfileId[] = [];
  const contacts: string[] = [];
  for (let person = 0; person < count; person += 1) {
    const of = { sectionId: shop.sectionId, keyspaceId: account.keyspaces.email };
    profiles.push(valueOf(await createByKey(account.system, { ...of, key: email(person) })).id);
    contacts.push(shop.crm.world.addContact({ email: email(person) }));
  }
  return { profiles, contacts };
}

/** A list that has been synced once. */
async function synced(
  name: string,
  contacts: readonly string[],
): Promise<{ list: string; listId: ConnectionListId; tagId: TagId }> {
  const list = shop.crm.world.addList(name, contacts);
  const listId = await shop.keep(list, name);
  await shop.first();
  const { tagId } = await one<{ tagId: TagId }>(
    pool(),
    sql`select tag_id as "tagId" from connection_list where section_id = ${shop.sectionId} and id = ${listId}`,
  );
  return { list, listId, tagId };
}

const change = async (profileId: ProfileId, input: object, actor = account.marketer) =>
  valueOf(await changeProfileTags(actor, { sectionId: shop.sectionId, profileId, ...input }));

const chips = async (profileId: ProfileId, actor = account.marketer) =>
  valueOf(await readProfile(actor, { sectionId: shop.sectionId, profileId: String(profileId) })).tags;

const claimsOf = (profileId: ProfileId) =>
  rows<{ suppressed: boolean }>(
    pool(),
    sql`
      select suppressed from tag_claim
      where section_id = ${shop.sectionId} and profile_id = ${profileId}
      order by holder_id`,
  );

describe('a tag on a person', () => {
  it('says which lists hold it, and where else it was set; only Admins see which connection', async () => {
    const { profiles, contacts } = await people(1);
    const { tagId } = await synced('Trade Show', contacts);
    const [person] = profiles as [ProfileId];
    expect(await chips(person, account.admin)).toMatchObject([
      { lists: [{ name: 'Shop: Trade Show', connectionId: shop.id }], alsoSet: null },
    ]);
    await change(person, { apply: [tagId] });
    expect(await chips(person)).toMatchObject([
      { source: 'integration', lists: [{ name: 'Shop: Trade Show', connectionId: null }], alsoSet: 'user' },
    ]);
  });

  it('that somebody removes and brings back is held by the same list as before', async () => {
    const { profiles, contacts } = await people(2);
    const { list, tagId } = await synced('Trade Show', contacts);
    const [person, other] = profiles as [ProfileId, ProfileId];
    await change(other, { apply: [tagId] });
    const before = await chips(person);
    for (const id of profiles) await change(id, { remove: [tagId] });
    const ofOne = async () =>
      valueOf(await readKeptOffTags(account.marketer, { sectionId: shop.sectionId, profileId: profiles[0]! }));
    expect(await ofOne()).toMatchObject([{ tag: { id: tagId }, lists: ['Shop: Trade Show'] }]);
    expect(await claimsOf(person)).toEqual([{ suppressed: true }]);
    for (const id of profiles) await change(id, { apply: [tagId], undo: true });
    expect(await chips(person)).toEqual(before);
    expect(await claimsOf(person)).toEqual([{ suppressed: false }]);
    shop.crm.world.removeMembers(list, contacts);
    await shop.sync();
    expect(await shop.tagged('Trade Show')).toEqual([email(1)]);
  });

  it('stays if a list has claimed it since the change that is taken back', async () => {
    const { profiles, contacts } = await people(2);
    const { list, tagId } = await synced('Trade Show', contacts.slice(0, 1));
    const other = profiles[1]!;
    await change(other, { apply: [tagId] });
    shop.crm.world.addMembers(list, [contacts[1]!]);
    await shop.sync();
    await change(other, { remove: [tagId], undo: true });
    expect(await chips(other)).toMatchObject([{ id: tagId, lists: [{ name: 'Shop: Trade Show' }], alsoSet: null }]);
  });
});

describe('before a bulk removal', () => {
  it('it is known how many have the tag from a list', async () => {
    const { profiles, contacts } = await people(3);
    const { tagId } = await synced('Trade Show', contacts.slice(0, 2));
    await change(profiles[2]!, { apply: [tagId] });
    const asked = { sectionId: shop.sectionId, tagIds: [tagId] };
    const all = { kind: 'all' as const, filter: {} };
    expect(valueOf(await readHeldTags(account.marketer, { ...asked, selection: all }))).toEqual([
      { tagId, profiles: 2, lists: [{ name: 'Shop: Trade Show' }] },
    ]);
    const some = { kind: 'ids' as const, ids: profiles.slice(1) };
    expect(valueOf(await readHeldTags(account.marketer, { ...asked, selection: some }))).toMatchObject([
      { profiles: 1 },
    ]);
  });
});

const keptOff = async (tagId: TagId, page: { after?: number; limit?: number } = {}) =>
  valueOf(await readKeptOff(account.marketer, { sectionId: shop.sectionId, tagId: String(tagId), limit: 10, ...page }));

describe('who is kept off', () => {
  it('is listed in pages, with who did it, and is let in again by the next sync', async () => {
    const { profiles, contacts } = await people(3);
    const { list, tagId } = await synced('Trade Show', contacts);
    for (const id of profiles) await change(id, { remove: [tagId] });
    expect(await keptOff(tagId, { limit: 2 })).toMatchObject({
      total: 3,
      people: [
        {
          profileId: profiles[0],
          name: email(0),
          lists: ['Shop: Trade Show'],
          by: `By hand by ${account.marketer.name}`,
        },
        { profileId: profiles[1] },
      ],
    });
    const rest = await keptOff(tagId, { after: profiles[1], limit: 2 });
    expect(rest.people.map(({ profileId }) => profileId)).toEqual([profiles[2]]);
    await shop.sync();
    expect(await shop.tagged('Trade Show')).toEqual([]);

    const of = { sectionId: shop.sectionId, tagId };
    const let1 = valueOf(await letIn(account.marketer, { ...of, profileIds: profiles.slice(0, 2) }));
    expect(let1.people).toBe(2);
    expect(await shop.tagged('Trade Show')).toEqual([]);
    expect((await keptOff(tagId)).total).toBe(1);
    expect(valueOf(await keepOff(account.marketer, { ...of, claims: let1.claims.slice(0, 1) }))).toMatchObject({
      left: 0,
    });
    expect((await keptOff(tagId)).total).toBe(2);
    shop.crm.world.removeMembers(list, [contacts[2]!]);
    await shop.sync();
    expect(await shop.tagged('Trade Show')).toEqual([email(1)]);
    expect(valueOf(await keepOff(account.marketer, { ...of, claims: let1.claims }))).toMatchObject({ left: 2 });
    expect(await shop.tagged('Trade Show')).toEqual([email(1)]);
  });

  it('can be let in again together; those who are no longer on the list do not get the tag', async () => {
    const { profiles, contacts } = await people(3);
    const { list, tagId } = await synced('Trade Show', contacts);
    const selection = { kind: 'ids' as const, ids: profiles };
    const removal = valueOf(await bulkTag(account.marketer, { sectionId: shop.sectionId, selection, remove: [tagId] }));
    await runToEnd(shop.sectionId, removal.operationId);
    shop.crm.world.removeMembers(list, [contacts[0]!]);
    const of = { sectionId: shop.sectionId, tagId };
    const { claims } = valueOf(await letIn(account.marketer, { ...of, profileIds: null }));
    expect(claims).toHaveLength(3);
    expect(valueOf(await keepOff(account.marketer, { ...of, claims }))).toMatchObject({ left: 0 });
    expect(await keptOff(tagId)).toMatchObject({ total: 3 });
    const all = valueOf(await letAllIn(account.marketer, of));
    expect(await runToEnd(shop.sectionId, all.operationId)).toMatchObject({ people: 3 });
    expect(await keptOff(tagId)).toMatchObject({ total: 0, people: [] });
    await shop.sync();
    expect(await shop.tagged('Trade Show')).toEqual([email(1), email(2)]);
    expect(await letAllIn(account.marketer, of)).toMatchObject({
      refusal: { code: 'conflict' },
    });
  });

  it('stays kept off if the list is let go, and chosen again for the same tag', async () => {
    const { profiles, contacts } = await people(2);
    const { list, listId, tagId } = await synced('Trade Show', contacts);
    await change(profiles[0]!, { remove: [tagId] });
    valueOf(await leaveList(account.admin, { sectionId: shop.sectionId, listId }));
    const chosen = { externalId: `list:${list}`, name: 'Trade Show', kind: 'list', tag: { id: tagId } };
    valueOf(await keepLists(account.admin, { ...shop.where, lists: [chosen] }));
    expect(await shop.first()).toMatchObject({ lists: [{ counts: { adds: 0, joins: 1, keptOff: 1 } }] });
    expect(await shop.tagged('Trade Show')).toEqual([email(1)]);
  });

  it('is nobody who has the tag from elsewhere, or by a list that was let go', async () => {
    const { profiles, contacts } = await people(2);
    const { tagId, listId } = await synced('Trade Show', contacts);
    for (const id of profiles) await change(id, { remove: [tagId] });
    await change(profiles[0]!, { apply: [tagId] });
    expect((await keptOff(tagId)).people).toMatchObject([{ profileId: profiles[1] }]);
    valueOf(await leaveList(account.admin, { sectionId: shop.sectionId, listId }));
    expect((await keptOff(tagId)).total).toBe(0);
  });
});

describe('a sync', () => {
  it('is undone and redone by those who may start one', async () => {
    const { contacts } = await people(1);
    const list = shop.crm.world.addList('Trade Show', contacts);
    await shop.keep(list, 'Trade Show');
    const operationId = (await shop.first()).operationId!;
    const of = { sectionId: shop.sectionId };
    const notAllowed = { ok: false, refusal: { code: 'not_allowed' } };
    const expectRefused = async (id: OperationId) => {
      const asked = { ...of, operationId: id };
      expect(await undoOperation(account.marketer, asked)).toMatchObject(notAllowed);
      expect(await readUndoPreview(account.marketer, asked)).toMatchObject(notAllowed);
      expect(valueOf(await readOperation(account.marketer, asked))).toMatchObject({ allow: 'integrators' });
    };
    await expectRefused(operationId);
    expect(await cancelOperation(account.marketer, { ...of, operationId })).toMatchObject(notAllowed);
    const { undoId } = valueOf(await undoOperation(account.admin, { ...of, operationId }));
    await expectRefused(undoId);
    const running = async (actor: UserActor) => valueOf(await readBackgroundWork(actor, of)).running;
    expect(await running(account.marketer)).toMatchObject([{ stoppable: null }]);
    expect(await running(account.admin)).toMatchObject([{ stoppable: undoId }]);
  });
});

describe('a removal by a sync', () => {
  it('that is undone and redone keeps nobody off, except those whose tag was removed by hand since', async () => {
    const { profiles, contacts } = await people(3);
    const { list, tagId } = await synced('Trade Show', contacts);
    shop.crm.world.removeMembers(list, contacts);
    const { operationId } = await shop.sync();
    const of = { sectionId: shop.sectionId };
    const undo = valueOf(await undoOperation(account.admin, { ...of, operationId: operationId! }));
    await runToEnd(shop.sectionId, undo.undoId);
    await change(profiles[0]!, { remove: [tagId] });
    const redo = valueOf(await undoOperation(account.admin, { ...of, operationId: undo.undoId }));
    await runToEnd(shop.sectionId, redo.undoId);
    expect(await shop.tagged('Trade Show')).toEqual([]);
    shop.crm.world.addMembers(list, contacts);
    expect(await shop.sync()).toMatchObject({ lists: [{ counts: { keptOff: 1, adds: 2 } }] });
    expect(await shop.tagged('Trade Show')).toEqual([email(1), email(2)]);
  });

  it('that waits for an answer does not forget that somebody has removed the tag by hand', async () => {
    const { profiles, contacts } = await people(12);
    const { list, listId, tagId } = await synced('Trade Show', contacts);
    shop.crm.world.removeMembers(list, contacts);
    const runId = await shop.start(false);
    expect(await shop.finish(runId)).toMatchObject({ status: 'held' });
    await change(profiles[0]!, { remove: [tagId] });
    valueOf(await answerHeld(account.admin, { sectionId: shop.sectionId, runId, listId, remove: true }));
    await shop.operate(runId);
    expect(await shop.tagged('Trade Show')).toEqual([]);
    shop.crm.world.addMembers(list, contacts);
    await shop.sync();
    expect(await shop.tagged('Trade Show')).toHaveLength(11);
    expect((await keptOff(tagId)).people).toMatchObject([{ profileId: profiles[0] }]);
  });
});

describe('a list’s tag that is removed from everyone', () => {
  it('stays on those who have it from elsewhere, is no longer kept, and comes back by an undo', async () => {
    const { profiles, contacts } = await people(3);
    const { tagId, listId } = await synced('Trade Show', contacts);
    await change(profiles[0]!, { apply: [tagId] });
    const of = { sectionId: shop.sectionId, listId };
    expect(valueOf(await readRemovalPreview(account.admin, of))).toEqual({ have: 3, lose: 2 });
    expect(await removeListTag(account.marketer, of)).toMatchObject({ refusal: { code: 'not_allowed' } });
    const { operationId } = valueOf(await removeListTag(account.admin, of));
    expect(await runToEnd(shop.sectionId, operationId)).toMatchObject({ removed: 2, stays: 1 });
    expect(await shop.tagged('Trade Show')).toEqual([email(0)]);
    expect(
      valueOf(await readTagPage(account.admin, { sectionId: shop.sectionId, tagId: String(tagId) })).lists,
    ).toEqual([]);
    const { undoId } = valueOf(await undoOperation(account.admin, { sectionId: shop.sectionId, operationId }));
    expect(await runToEnd(shop.sectionId, undoId)).toMatchObject({ undone: 3 });
    expect(await shop.tagged('Trade Show')).toEqual([0, 1, 2].map(email));
  });

  it('is not removed while a sync runs', async () => {
    const { contacts } = await people(1);
    const { listId } = await synced('Trade Show', contacts);
    await shop.start(false);
    expect(await removeListTag(account.admin, { sectionId: shop.sectionId, listId })).toMatchObject({
      refusal: { code: 'conflict' },
    });
  });
});

describe('what keeps a tag', () => {
  it('is in the table and on the tag’s page, and among what uses it; Admins get to the connection', async () => {
    const { contacts } = await people(1);
    const { tagId, listId } = await synced('Trade Show', contacts);
    const other = await createTestTag(shop.sectionId, 'Ordinary');
    const table = valueOf(await readTagTable(account.marketer, { sectionId: shop.sectionId, hidden: false }));
    const row = table.find(({ id }) => id === tagId);
    expect(row).toMatchObject({
      kept: [{ name: 'Shop: Trade Show', status: 'active' }],
      usedIn: [{ kind: 'list', named: [{ id: listId, name: 'Shop: Trade Show' }] }],
    });
    expect(table.find(({ id }) => id === other)).not.toHaveProperty('kept');
    const place = { sectionId: shop.sectionId, listId: String(listId) };
    expect(valueOf(await readPlaceOfList(account.marketer, place))).toBe(`tags/${tagId}`);
    expect(valueOf(await readPlaceOfList(account.admin, place))).toBe(`settings/integrations/${shop.id}`);
    const page = { sectionId: shop.sectionId, tagId: String(tagId) };
    expect(valueOf(await readTagPage(account.marketer, page)).lists).toMatchObject([
      { connectionId: null, lastSync: expect.any(String) as string },
    ]);
    expect(valueOf(await readTagPage(account.admin, page)).lists).toMatchObject([{ connectionId: shop.id }]);
  });

  it('is told when the tag is hidden, and gets another tag', async () => {
    const { contacts } = await people(2);
    const { tagId, listId } = await synced('Trade Show', contacts);
    const impact = valueOf(await readHideImpact(account.admin, { sectionId: shop.sectionId, tagId }));
    expect(impact.users).toMatchObject([{ kind: 'list', name: 'Shop: Trade Show', direct: true }]);
    const of = { sectionId: shop.sectionId, listId };
    expect(await chooseTag(account.admin, { ...of, tag: { name: 'New' } })).toMatchObject({
      refusal: { code: 'conflict' },
    });
    valueOf(await hideTag(account.admin, { sectionId: shop.sectionId, tagId }));
    const [connection] = valueOf(await readConnections(account.admin, { sectionId: shop.sectionId }));
    const trouble = { kind: 'untagged', reason: expect.stringContaining('“Trade Show”') as string, runId: null };
    expect(connection).toMatchObject({ lists: { troubled: 1 }, attention: null, trouble });
    expect(await chooseTag(account.admin, { ...of, tag: { id: tagId } })).toMatchObject({
      refusal: { code: 'hidden' },
    });
    valueOf(await chooseTag(account.admin, { ...of, tag: { name: 'Shop: Trade Show' } }));
    expect(
      valueOf(await readConnectionPage(account.admin, { ...shop.where, connectionId: String(shop.id) })).connection,
    ).toMatchObject({ attention: null, trouble: null, lists: { kept: 1, fresh: 1 } });
    expect(valueOf(await readLists(account.admin, { ...shop.where, limit: 5 })).lists).toMatchObject([
      { confirmed: false, tag: { hidden: false } },
    ]);
    await shop.first();
    expect(await shop.tagged('Trade Show')).toEqual([email(0), email(1)]);
  });

  it('follows the tag at once when that is merged', async () => {
    const { contacts } = await people(2);
    const { tagId, listId } = await synced('Trade Show', contacts.slice(0, 1));
    const intoId = await createTestTag(shop.sectionId, 'Fair');
    const merge = { sectionId: shop.sectionId, from: tagId, into: intoId };
    expect(valueOf(await readMergePreview(account.admin, merge)).lists).toEqual(['Shop: Trade Show']);
    const { operationId } = valueOf(
      await mergeTags(account.admin, { sectionId: shop.sectionId, fromId: tagId, intoId }),
    );
    await runToEnd(shop.sectionId, operationId);
    const [fair] = valueOf(await readTagTable(account.admin, { sectionId: shop.sectionId, hidden: false }));
    expect(fair).toMatchObject({
      id: intoId,
      kept: [{ name: 'Shop: Trade Show' }],
      usedIn: [{ named: [{ id: listId }] }],
    });
  });
});
