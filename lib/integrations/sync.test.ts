// Syncs against a made-up system over HTTP: who gets a list's tag and who loses it, and what stops that.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClientActor } from '@/lib/access/actor';
import { retryOperation, undoOperation } from '@/lib/activity/commands';
import { readBackgroundWork } from '@/lib/activity/reads';
import type { ProfileId, TagId } from '@/lib/db/ids';
import { changeTags } from '@/lib/tags/change';
import {
  createTestAccount,
  createTestSection,
  createTestTag,
  runToEnd,
  withStep,
  type TestAccount,
} from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { wantedForOne } from '@/lib/tags/change';
import { mergeTags } from '@/lib/operations/merge-tag';
import { lockPerson } from '@/lib/people/across-sections';
import { mergeTwoProfiles, previewMerge } from '@/lib/people/merge-two';
import { hideTag } from '@/lib/tags/commands';
import { answerHeld, applyDryRun, startSync } from './run-commands';
import { setOptions } from './commands';
import { syncKind } from './kinds';
import { ConnectionOptionsSchema } from './schema';

let account: TestAccount;
let shop: TestConnection;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
});
afterAll(expectInvariants);
beforeEach(async () => {
  shop = await TestConnection.open(account, await createTestSection(account.accountId, 'Sync'));
});
afterEach(() => shop.stop());

const find = async (email: string): Promise<ProfileId> =>
  (
    await one<{ id: ProfileId }>(
      pool(),
      sql`select profile_id as id from profile_key where section_id = ${shop.sectionId} and key = ${email}`,
    )
  ).id;

const people = (count: number) =>
  Array.from({ length: count }, (_, index) => `person${String(index).padStart(3, '0')}@example.org`);

/** Merges the second profile into the first. */
async function mergePeople(a: ProfileId, b: ProfileId): Promise<void> {
  const where = { sectionId: shop.sectionId };
  const { into, from } = valueOf(await previewMerge(account.admin, { ...where, profileId: a, otherId: b }));
  const seen =
    into.id === a ? { into: into.updatedAt, from: from.updatedAt } : { into: from.updatedAt, from: into.updatedAt };
  valueOf(await mergeTwoProfiles(account.admin, { ...where, into: a, from: b, take: [], seen }));
}

const tagId = async (): Promise<TagId> =>
  (await one<{ id: TagId }>(pool(), sql`select tag_id as id from connection_list where section_id = ${shop.sectionId}`))
    .id;

describe('a sync', () => {
  it('keeps the tag of members whose records the CRM does not give', async () => {
    const { ids } = await shop.synced(['ann@example.org', 'bo@example.org', 'cy@example.org']);
    for (const id of ids.slice(1)) shop.crm.hideContact(id);
    expect((await shop.sync()).status).toBe('done');
    expect(await shop.tagged('Trade Show')).toHaveLength(3);
  });

  it('lets no field set an attribute that follows a key', async () => {
    const options = ConnectionOptionsSchema.parse({ fields: [{ field: 'first_name', code: 'email' }] });
    expect(await setOptions(shop.actor, { ...shop.where, options })).toMatchObject({
      ok: false,
      refusal: { code: 'invalid', message: expect.stringMatching(/^“Email” repeats a key/) as string },
    });
  });

  it('tags those on the list, takes the tag off those who have left, and says where it came from', async () => {
    const { list, ids } = await shop.synced(['a@example.org', 'b@example.org', 'c@example.org']);
    expect(await shop.tagged('Trade Show')).toEqual(['a@example.org', 'b@example.org', 'c@example.org']);
    shop.crm.world.removeMembers(list, [ids[1]!]);
    shop.crm.world.addMembers(list, await shop.known(['d@example.org']));
    const run = await shop.sync();
    expect(run).toMatchObject({ status: 'done', lists: [{ status: 'done', counts: { had: 3, adds: 1, removes: 1 } }] });
    expect(await shop.tagged('Trade Show')).toEqual(['a@example.org', 'c@example.org', 'd@example.org']);
    const entries = await rows<{ source: number; name: string }>(
      pool(),
      sql`
        select distinct entry.source, holder.name from tag_change entry
        join claim_holder holder on holder.section_id = ${shop.sectionId} and holder.id = entry.origin_id
        where entry.section_id = ${shop.sectionId}`,
    );
    expect(entries).toEqual([{ source: 6, name: 'Shop: Trade Show' }]);
  });

  it('changes nothing if nothing has changed', async () => {
    await shop.synced(people(5));
    const ledger = () =>
      one<{ count: number }>(
        pool(),
        sql`select count(*) as count from tag_change where section_id = ${shop.sectionId}`,
      );
    const before = await ledger();
    expect(await shop.sync()).toMatchObject({ status: 'done', lists: [{ counts: { had: 5, adds: 0, removes: 0 } }] });
    expect(await ledger()).toEqual(before);
  });

  it('leaves the tag on those to whom somebody gave it by hand', async () => {
    const { list, ids } = await shop.synced(['a@example.org', 'b@example.org']);
    const [{ profileId, tagId }] = (await rows<{ profileId: ProfileId; tagId: never }>(
      pool(),
      sql`select profile_id as "profileId", tag_id as "tagId" from profile_tag where section_id = ${shop.sectionId} order by profile_id limit 1`,
    )) as [{ profileId: ProfileId; tagId: never }];
    const cause = { sectionId: shop.sectionId, source: 'user' as const, userId: account.admin.userId };
    await transaction((tx) => changeTags(tx, cause, wantedForOne(profileId, { apply: [tagId], remove: [] })));
    shop.crm.world.removeMembers(list, ids);
    await shop.sync();
    expect(await shop.tagged('Trade Show')).toEqual(['a@example.org']);
  });

  it('keeps a tag off whom somebody took it from by hand', async () => {
    await shop.synced(['a@example.org', 'b@example.org']);
    const held = await one<{ profileId: ProfileId; tagId: never }>(
      pool(),
      sql`select min(profile_id) as "profileId", min(tag_id) as "tagId" from profile_tag where section_id = ${shop.sectionId}`,
    );
    const cause = { sectionId: shop.sectionId, source: 'user' as const, userId: account.admin.userId };
    await transaction((tx) => changeTags(tx, cause, wantedForOne(held.profileId, { apply: [], remove: [held.tagId] })));
    expect(await shop.sync()).toMatchObject({ lists: [{ counts: { adds: 0, keptOff: 1 } }] });
    expect(await shop.tagged('Trade Show')).toEqual(['b@example.org']);
  });

  it('follows a contact by its id when its address changes, and when two contacts swap theirs', async () => {
    const { list, ids } = await shop.synced(['a@example.org', 'b@example.org']);
    const [a, b] = ids as [string, string];
    shop.crm.world.changeContact(a, { email: 'b@example.org' });
    shop.crm.world.changeContact(b, { email: 'a@example.org' });
    shop.crm.world.removeMembers(list, [a]);
    await shop.sync();
    expect(await shop.tagged('Trade Show')).toEqual(['b@example.org']);
  });

  it('takes the tag from an address of ten contacts only when none of them is on the list', async () => {
    const contacts = await shop.known(['office@example.org']);
    for (let index = 0; index < 9; index++) contacts.push(shop.crm.world.addContact({ email: 'office@example.org' }));
    const list = shop.crm.world.addList('Trade Show', contacts);
    await shop.keep(list, 'Trade Show');
    expect(await shop.first()).toMatchObject({ lists: [{ counts: { seen: 10, matched: 10, adds: 1 } }] });
    shop.crm.world.removeMembers(list, contacts.slice(0, 9));
    await shop.sync();
    expect(await shop.tagged('Trade Show')).toEqual(['office@example.org']);
    shop.crm.world.removeMembers(list, contacts);
    await shop.sync();
    expect(await shop.tagged('Trade Show')).toEqual([]);
  });

  it('says who was not found, and creates them only if told to', async () => {
    await shop.profile('a@example.org');
    const add = (email: string, phone = '') => shop.crm.world.addContact({ email, phone });
    const list = shop.crm.world.addList('Trade Show', [add('a@example.org'), add('new@example.org'), add('')]);
    await shop.keep(list, 'Trade Show');
    expect(await shop.first()).toMatchObject({ lists: [{ counts: { matched: 1, unmatched: 1, noAddress: 1 } }] });
    await shop.set({ unmatched: 'create' });
    // Nobody has seen yet who would be created.
    const started = await startSync(shop.actor, { ...shop.where, dry: false });
    expect(started).toMatchObject({ refusal: { message: expect.stringMatching(/dry run first/) as string } });
    const run = await shop.first();
    expect(run).toMatchObject({ status: 'done', lists: [{ counts: { matched: 1, create: 1, noAddress: 1 } }] });
    expect(await shop.tagged('Trade Show')).toEqual(['a@example.org', 'new@example.org']);
    expect(await shop.sync()).toMatchObject({ lists: [{ counts: { matched: 2, create: 0 } }] });
  });

  it('brings attributes along: fills what is empty, overwrites where told to', async () => {
    const [id] = await shop.known(['a@example.org']);
    shop.crm.world.changeContact(id!, { firstName: 'Ada', lastName: 'Byron' });
    await shop.set({
      fields: [
        { field: 'first_name', code: 'firstname', existing: 'fill' },
        { field: 'last_name', code: 'lastname', existing: 'overwrite' },
      ],
    });
    await shop.keep(shop.crm.world.addList('Trade Show', [id!]), 'Trade Show');
    await shop.first();
    const values = () =>
      one<{ first: string; last: string }>(
        pool(),
        sql`select attributes ->> 'firstname' as first, attributes ->> 'lastname' as last from profile where section_id = ${shop.sectionId}`,
      );
    expect(await values()).toEqual({ first: 'Ada', last: 'Byron' });
    shop.crm.world.changeContact(id!, { firstName: 'Augusta', lastName: 'Lovelace' });
    await shop.sync();
    expect(await values()).toEqual({ first: 'Ada', last: 'Lovelace' });
  });

  it('can be undone', async () => {
    const { list, ids } = await shop.synced(['a@example.org', 'b@example.org']);
    shop.crm.world.removeMembers(list, [ids[0]!]);
    shop.crm.world.addMembers(list, await shop.known(['c@example.org']));
    const { operationId } = await shop.sync();
    const { undoId } = valueOf(
      await undoOperation(account.admin, { sectionId: shop.sectionId, operationId: operationId! }),
    );
    await runToEnd(shop.sectionId, undoId);
    expect(await shop.tagged('Trade Show')).toEqual(['a@example.org', 'b@example.org']);
  });

  it('that stopped halfway cannot be retried over a later one', async () => {
    const { list, ids } = await shop.synced(['a@example.org', 'b@example.org']);
    shop.crm.world.removeMembers(list, [ids[0]!]);
    const runId = await shop.start(false);
    await shop.read(runId);
    const operationId = (await shop.state(runId)).operationId!;
    const stopped = withStep(syncKind, () => Promise.reject(new Error('The server went away.')));
    await expect(runToEnd(shop.sectionId, operationId, [stopped])).rejects.toThrow();
    shop.crm.world.addMembers(list, [ids[0]!]);
    expect(await shop.sync()).toMatchObject({ status: 'done' });
    valueOf(await retryOperation(account.admin, { sectionId: shop.sectionId, operationId }));
    await expect(runToEnd(shop.sectionId, operationId)).rejects.toThrow('replaced by a later one');
    expect(await shop.tagged('Trade Show')).toHaveLength(2);
  });
});

it('says at its end of when it was, and offers an undo only if it has changed something', async () => {
  const ended = async () => valueOf(await readBackgroundWork(shop.actor, { sectionId: shop.sectionId })).ended;
  await shop.synced(['a@example.org', 'b@example.org']);
  const { operationId: unchanged } = await shop.sync();
  const all = await ended();
  const first = all.find(({ countsInWords }) => countsInWords === '2 tags applied')!;
  expect(first).toMatchObject({ summary: 'Sync with Shop', undoable: true });
  const { began } = await one<{ began: Date }>(
    pool(),
    sql`
      select created_at as began from sync_run
      where section_id = ${shop.sectionId} and operation_id = ${first.id}`,
  );
  expect(first.began).toBe(began.toISOString());
  expect(all.find(({ id }) => id === unchanged)).toMatchObject({ done: 'Done.', undoable: false });
});

describe('a dry run', () => {
  it('changes nothing, and what it has shown is done exactly, whatever the CRM says by then', async () => {
    const ids = await shop.known(['a@example.org', 'b@example.org']);
    const list = shop.crm.world.addList('Trade Show', ids);
    await shop.keep(list, 'Trade Show');
    const runId = await shop.start(true);
    expect(await shop.finish(runId)).toMatchObject({ status: 'planned', lists: [{ counts: { adds: 2 } }] });
    expect(await shop.tagged('Trade Show')).toEqual([]);
    shop.crm.world.removeMembers(list, ids);
    valueOf(await applyDryRun(account.admin, { sectionId: shop.sectionId, runId }));
    expect(await shop.operate(runId)).toMatchObject({ status: 'done' });
    expect(await shop.tagged('Trade Show')).toEqual(['a@example.org', 'b@example.org']);
  });

  it('says at its end what would change, also what would wait for an answer, and offers no undo', async () => {
    const { list, ids } = await shop.synced(people(12));
    shop.crm.world.removeMembers(list, ids);
    shop.crm.world.addMembers(list, await shop.known(['new@example.org']));
    const { operationId } = await shop.finish(await shop.start(true));
    const { ended } = valueOf(await readBackgroundWork(shop.actor, { sectionId: shop.sectionId }));
    expect(ended.find(({ id }) => id === operationId)).toMatchObject({
      done: 'Ready to look at:',
      countsInWords: '1 tag would be applied · 12 removals would wait for your answer',
      undoable: false,
    });
  });

  it('comes before the first sync of a list', async () => {
    await shop.keep(shop.crm.world.addList('Trade Show'), 'Trade Show');
    await expect(shop.start(false)).rejects.toThrow(
      /Start a dry run first: nobody has seen what a sync of “Trade Show” would change/,
    );
  });
});

describe('the removal guard', () => {
  it('holds the removals of an emptied list, keeps the additions, and does what it is told', async () => {
    const { list, ids } = await shop.synced(people(12));
    const other = await shop.known(['new@example.org']);
    shop.crm.world.removeMembers(list, ids);
    const held = await shop.sync();
    expect(held).toMatchObject({ status: 'held', lists: [{ status: 'held', counts: { removes: 12 } }] });
    expect(held.lists[0]!.reason).toMatch(/^The list is empty now\. 12 people have the tag/);
    expect(await shop.tagged('Trade Show')).toHaveLength(12);
    // The next sync finds it in order again.
    shop.crm.world.addMembers(list, [...ids, ...other]);
    expect(await shop.sync()).toMatchObject({ status: 'done', lists: [{ counts: { adds: 1, removes: 0 } }] });
    expect(await shop.tagged('Trade Show')).toHaveLength(13);
  });

  it.each([
    [true, 0, 'done'],
    [false, 12, 'done'],
  ])('an answer of %s leaves the tag on %i people', async (remove, left, status) => {
    const { list, ids } = await shop.synced(people(12));
    shop.crm.world.removeMembers(list, ids);
    const runId = await shop.start(false);
    const { lists } = await shop.finish(runId);
    const answer = { sectionId: shop.sectionId, runId, listId: lists[0]!.listId, remove };
    const both = await Promise.all([
      answerHeld(account.admin, answer),
      answerHeld(account.owner, { ...answer, remove: !remove }),
    ]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    const [first, said] = both[0].ok ? ['admin', remove] : ['owner', !remove];
    const message = `Test ${first} has answered already: ${said ? 'take the tag off' : 'leave the tag on'}.`;
    expect(both.find(({ ok }) => !ok)).toMatchObject({ refusal: { code: 'conflict', message } });
    if (!both[0].ok) return;
    expect(await shop.operate(runId)).toMatchObject({ status });
    expect(await shop.tagged('Trade Show')).toHaveLength(left);
    // The result in Activity does not say that something still waits.
    const done = await one<{ held: string }>(
      pool(),
      sql`
        select operation.counts ->> 'held' as held from sync_run run
        join operation on operation.section_id = ${shop.sectionId} and operation.id = run.operation_id
        where run.section_id = ${shop.sectionId} and run.id = ${runId}`,
    );
    expect(done).toEqual({ held: '0' });
  });
});

describe('a list', () => {
  it('that was half read changes nothing', async () => {
    const { list, ids } = await shop.synced(people(5));
    shop.crm.world.removeMembers(list, ids.slice(0, 2));
    shop.crm.simulator.faults.set({ kind: 'error', match: 'records', after: 1, times: 100 });
    const run = await shop.sync();
    // The only one: so the sync has failed, for the same reason.
    const { status, reason } = run.lists[0]!;
    expect(run).toMatchObject({ status: 'failed', error: reason, operationId: null });
    expect(status).toBe('failed');
    expect(await shop.tagged('Trade Show')).toHaveLength(5);
  });

  it('that is gone keeps its tag on everyone, and is found again when it comes back', async () => {
    const { list } = await shop.synced(people(3));
    const status = () =>
      one<{ status: string }>(pool(), sql`select status from connection_list where section_id = ${shop.sectionId}`);
    shop.crm.world.deleteList(list);
    expect((await shop.sync()).lists[0]).toMatchObject({
      status: 'frozen',
      reason: expect.stringMatching(/does not have this list now/) as string,
    });
    // A second look soon after could be the same fault of the CRM.
    await shop.sync();
    expect(await status()).toEqual({ status: 'missing' });
    await execute(
      pool(),
      sql`
        update connection_list set status_since = ${new Date(Date.now() - 11 * 60_000)}
        where section_id = ${shop.sectionId}`,
    );
    await shop.sync();
    expect(await status()).toEqual({ status: 'gone' });
    expect(await shop.tagged('Trade Show')).toHaveLength(3);
    shop.crm.world.restoreList(list);
    await shop.sync();
    expect(await status()).toEqual({ status: 'active' });
  });

  it('that was renamed is followed by its id, and its new name is known', async () => {
    const { list } = await shop.synced(people(2));
    shop.crm.world.renameList(list, 'Trade Show 2026');
    expect(await shop.sync()).toMatchObject({ status: 'done' });
    const found = await one(
      pool(),
      sql`select name, new_name as "newName" from connection_list where section_id = ${shop.sectionId}`,
    );
    expect(found).toEqual({ name: 'Trade Show', newName: 'Trade Show 2026' });
  });

  it('whose tag is hidden in the middle of a run changes nothing more, and says so', async () => {
    const { list } = await shop.synced(people(2));
    shop.crm.world.addMembers(list, await shop.known(['new@example.org']));
    const runId = await shop.start(false);
    await shop.read(runId);
    valueOf(await hideTag(account.admin, { sectionId: shop.sectionId, tagId: await tagId() }));
    const run = await shop.operate(runId);
    expect(run.lists[0]).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/^Its tag was hidden/) as string,
    });
    expect((await shop.sync()).lists[0]).toMatchObject({ status: 'failed' });
  });

  it('whose tag is merged into another keeps that one', async () => {
    const { list, ids } = await shop.synced(people(3));
    const other = await createTestTag(shop.sectionId, 'Fairs');
    const merge = await mergeTags(account.admin, { sectionId: shop.sectionId, fromId: await tagId(), intoId: other });
    await runToEnd(shop.sectionId, valueOf(merge).operationId);
    shop.crm.world.removeMembers(list, [ids[0]!]);
    expect(await shop.sync()).toMatchObject({ status: 'done', lists: [{ counts: { had: 3, removes: 1 } }] });
    const { left } = await one<{ left: number }>(
      pool(),
      sql`select count(*) as left from profile_tag where section_id = ${shop.sectionId} and tag_id = ${other}`,
    );
    expect(left).toBe(2);
  });

  it('whose tag Allowed Operations close to the connection is not written, and that is counted', async () => {
    const { list } = await shop.synced(people(2));
    await execute(
      pool(),
      sql`
        insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
        select ${shop.sectionId}::int, ${await tagId()}::int, keyspace_id, true, false from connection
        where section_id = ${shop.sectionId}`,
    );
    shop.crm.world.addMembers(list, await shop.known(['new@example.org']));
    expect((await shop.sync()).lists[0]).toMatchObject({ counts: { adds: 0, refused: 1 } });
    expect(await shop.tagged('Trade Show')).toHaveLength(2);
  });
});

describe('a person', () => {
  it('who was erased here for good is not created again', async () => {
    await shop.set({ unmatched: 'create' });
    await shop.synced(['a@example.org']);
    const client: ClientActor = {
      kind: 'client',
      apiKeyId: null as never,
      accountId: account.accountId,
      name: 'Web shop',
      sections: [shop.sectionId],
      keyspaces: 'all',
      canWrite: true,
      from: { ip: null, userAgent: null },
    };
    valueOf(await lockPerson(client, { keyspaceId: account.keyspaces.email, key: 'a@example.org' }));
    const run = await shop.sync();
    expect(run).toMatchObject({ status: 'done', lists: [{ counts: { seen: 1, matched: 0, erased: 1 } }] });
  });

  it('whose two entries are merged during a run keeps the tag, and is found by the id of the contact', async () => {
    const { list } = await shop.synced(['b@example.org']);
    const [a, b] = [await shop.profile('a@example.org'), await find('b@example.org')];
    shop.crm.world.addMembers(list, await shop.known(['new@example.org']));
    const runId = await shop.start(false);
    await shop.read(runId);
    await mergePeople(a, b);
    expect(await shop.operate(runId)).toMatchObject({ lists: [{ counts: { matched: 2, removes: 0 } }] });
    expect(await shop.sync()).toMatchObject({ lists: [{ counts: { matched: 2, adds: 0, removes: 0 } }] });
    expect(await shop.tagged('Trade Show')).toEqual(['a@example.org', 'new@example.org']);
  });

  it.each(['planned', 'held'])(
    'keeps the tag if one entry is on the list and a removal of the other is %s',
    async (status) => {
      const held = status === 'held';
      const { list, ids } = await shop.synced(['a@example.org', 'b@example.org', ...people(12)]);
      if (held)
        await execute(pool(), sql`update connection set identity = 'former' where section_id = ${shop.sectionId}`);
      shop.crm.world.removeMembers(list, ids.slice(1, 3));
      const runId = await shop.start(!held);
      const { lists, ...run } = await shop.finish(runId);
      expect(run).toMatchObject({ status });
      await mergePeople(await find('b@example.org'), await find('a@example.org'));
      const of = { sectionId: shop.sectionId, runId };
      valueOf(
        held
          ? await answerHeld(shop.actor, { ...of, listId: lists[0]!.listId, remove: true })
          : await applyDryRun(shop.actor, of),
      );
      await shop.operate(runId);
      expect(await shop.tagged('Trade Show')).toEqual(['b@example.org', ...people(12).slice(1)]);
    },
  );
});
