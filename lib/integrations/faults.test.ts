// Faults during syncs: processes that die, a database that goes away, CRMs that refuse. Nothing is lost, and nothing happens twice.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { retryOperation, undoOperation } from '@/lib/activity/commands';
import type { SyncRunId } from '@/lib/db/ids';
import { pool, poolUse } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { OPERATION_KINDS } from '@/lib/activity/kinds';
import type { Dynamics } from '@/testing/crm/dynamics';
import { guidOf } from '@/testing/crm/dynamics/site';
import { createTestAccount, createTestSection, runToEnd, withStep, type TestAccount } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { DatabaseProxy } from '@/testing/proxy';
import { valueOf } from '@/testing/segments';
import { quick, TestConnection } from '@/testing/sync';
import { answerHeld, applyDryRun } from './run-commands';
import { replaceSecrets } from './connect';
import { SyncInput, syncKind } from './kinds';
import { recoverReads } from './lost-reads';
import { syncStep } from './run';
import { startDueSyncs } from './schedule';

let account: TestAccount;
let shop: TestConnection;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
});
afterAll(expectInvariants);
beforeEach(async () => {
  shop = await TestConnection.open(account, await createTestSection(account.accountId, 'Faults'));
});
afterEach(() => shop.stop());

const people = (count: number) => Array.from({ length: count }, (_, index) => `person${index}@example.org`);

const inSection = () => sql`section_id = ${shop.sectionId}`;

const counted = async (of: 'tag_change' | 'profile' | 'sync_member' | 'profile_change'): Promise<number> => {
  const from = {
    tag_change: sql`tag_change`,
    profile: sql`profile`,
    sync_member: sql`sync_member`,
    profile_change: sql`profile_change`,
  }[of];
  return (await one<{ count: number }>(pool(), sql`select count(*) as count from ${from} where ${inSection()}`)).count;
};

const connectionNow = () =>
  one<{ status: string; attention: string | null }>(
    pool(),
    sql`select status, attention from connection where ${inSection()}`,
  );

describe('a process that dies', () => {
  it('at the end of any step of applying, leaves it to be done again by another, once', async () => {
    await shop.set({
      unmatched: 'create',
      fields: [{ field: 'last_name', code: 'lastname', existing: 'overwrite' }],
    });
    const created = shop.crm.world.addContact({ email: 'new@example.org', lastName: 'New' });
    const list = shop.crm.world.addList('Trade Show', [...(await shop.known(people(4))), created]);
    await shop.keep(list, 'Trade Show');
    await shop.first();
    const [before, profiles] = [await counted('tag_change'), await counted('profile')];
    shop.crm.world.removeMembers(list, [shop.crm.world.membersOf(list)[0]!]);
    shop.crm.world.addMembers(list, [shop.crm.world.addContact({ email: 'later@example.org', lastName: 'Later' })]);
    const runId = await shop.start(false);
    await shop.read(runId);
    const operationId = (await shop.state(runId)).operationId!;
    const died: string[] = [];
    const dying = withStep(syncKind, async (tx, operation) => {
      const result = await syncStep(tx, { ...operation, input: SyncInput.parse(operation.input) });
      const place = `${operation.phase}.${operation.cursor}`;
      if (died.includes(place)) return result;
      died.push(place);
      throw new Error('The process was killed.');
    });
    const kinds = [dying, ...OPERATION_KINDS.filter(({ kind }) => kind !== syncKind.kind)];
    for (;;) {
      const killed = await runToEnd(shop.sectionId, operationId, kinds).then(
        () => false,
        () => true,
      );
      if (!killed) break;
      valueOf(await retryOperation(account.admin, { sectionId: shop.sectionId, operationId }));
    }
    expect(died.map((place) => Number(place.split('.')[0]))).toEqual(expect.arrayContaining([0, 1, 2, 3, 4, 5]));
    expect(await shop.state(runId)).toMatchObject({
      status: 'done',
      lists: [{ counts: { had: 5, adds: 0, create: 1, removes: 1 } }],
    });
    expect(await shop.tagged('Trade Show')).toEqual(
      [...people(4).slice(1), 'later@example.org', 'new@example.org'].toSorted(),
    );
    expect([await counted('tag_change'), await counted('profile')]).toEqual([before + 2, profiles + 1]);
    expect(await shop.sync()).toMatchObject({ lists: [{ counts: { adds: 0, create: 0, removes: 0 } }] });
  });

  it('while it reads is replaced; what was read before is kept, and if it lives after all, it writes nothing more', async () => {
    const ids = await shop.known(people(3));
    for (const name of ['One', 'Two']) await shop.keep(shop.crm.world.addList(name, ids), name);
    const runId = await shop.start(true);
    const dead = new AbortController();
    const membersOf = (list: string) => new RegExp(`profile_lists/profile/${list}/records\\?`);
    const [first, two] = [...shop.crm.world.lists.keys()];
    shop.crm.simulator.beforeAnswer = ({ line }) => {
      if (membersOf(two!).test(line)) dead.abort();
    };
    await expect(shop.read(runId, { signal: dead.signal })).rejects.toThrow();
    let other: Promise<void> | undefined;
    shop.crm.simulator.beforeAnswer = ({ line }) => {
      if (membersOf(two!).test(line)) other ??= shop.read(runId);
    };
    await shop.read(runId);
    await other;
    const readsOf = (list: string) => shop.crm.simulator.log.filter(({ line }) => membersOf(list).test(line));
    // Its page, and an empty one.
    expect(readsOf(first!)).toHaveLength(2);
    expect(await counted('sync_member')).toBe(6);
    expect(await shop.operate(runId)).toMatchObject({
      status: 'planned',
      lists: [{ counts: { adds: 3 } }, { counts: { adds: 3 } }],
    });
  });

  it('again and again, ends the run, so that the connection is not stuck; a run without a job gets one', async () => {
    await shop.keep(shop.crm.world.addList('Trade Show'), 'Trade Show');
    const runId = await shop.start(true);
    const job = sql`key = ${`read:${shop.sectionId}:${runId}`}`;
    const attempts = () => rows(pool(), sql`select attempts from graphile_worker.jobs where ${job}`);
    await rows(pool(), sql`select graphile_worker.remove_job(${`read:${shop.sectionId}:${runId}`})`);
    await recoverReads();
    expect(await attempts()).toEqual([{ attempts: 0 }]);
    await execute(pool(), sql`update graphile_worker._private_jobs set attempts = max_attempts where ${job}`);
    await recoverReads();
    expect(await shop.state(runId)).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/^The read stopped/) as string,
    });
    expect(await attempts()).toEqual([]);
    expect(await shop.finish(await shop.start(true))).toMatchObject({ status: 'planned' });
  });
});

describe('the database', () => {
  it('that goes away during a read and comes back loses nothing', async () => {
    const ids = await shop.known(people(3));
    const list = shop.crm.world.addList('Trade Show', ids);
    await shop.keep(list, 'Trade Show');
    const proxy = await DatabaseProxy.open();
    try {
      const runId = await shop.start(true);
      shop.crm.simulator.beforeAnswer = ({ line }) => {
        if (line.includes('/records?')) proxy.cut();
      };
      await expect(shop.read(runId)).rejects.toThrow();
      shop.crm.simulator.beforeAnswer = () => undefined;
      // The next job begins later, when the pool has noticed.
      await vi.waitFor(() => expect(poolUse()).toMatchObject({ total: 0 }));
      await proxy.restore();
      expect(await shop.finish(runId)).toMatchObject({ status: 'planned', lists: [{ counts: { seen: 3, adds: 3 } }] });
    } finally {
      await proxy.close();
    }
  });
});

describe('what a CRM sends', () => {
  it('may hold characters that the database cannot store: they are left out', async () => {
    await shop.set({ fields: [{ field: 'last_name', code: 'lastname', existing: 'overwrite' }] });
    const [id] = await shop.known(['a@example.org']);
    shop.crm.world.changeContact(id!, { lastName: 'By\u0000ron\ud800' });
    const list = shop.crm.world.addList('Trade Show', [id!, shop.crm.world.addContact({ email: '\u0000@\ud800' })]);
    await shop.keep(list, 'Trade Show');
    expect(await shop.first()).toMatchObject({ status: 'done', lists: [{ counts: { seen: 2, matched: 1 } }] });
    const { name } = await one<{ name: string }>(
      pool(),
      sql`select attributes ->> 'lastname' as name from profile where ${inSection()}`,
    );
    expect(name).toBe('Byron\ufffd');
    shop.crm.world.renameList(list, 'Trade\0 Fair\ud800');
    expect(await shop.sync()).toMatchObject({ status: 'done', lists: [{ status: 'done' }] });
    const renamed = await one(pool(), sql`select new_name as name from connection_list where ${inSection()}`);
    expect(renamed).toEqual({ name: 'Trade Fair\ufffd' });
  });

  it('as a web page instead of an answer fails this sync only; the next one tries again', async () => {
    await shop.synced(people(2));
    shop.crm.simulator.faults.set({ kind: 'html', match: '' });
    expect(await shop.sync()).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/web page|HTML/) as string,
    });
    expect(await connectionNow()).toEqual({ status: 'active', attention: null });
    shop.crm.simulator.faults.clear();
    expect(await shop.sync()).toMatchObject({ status: 'done' });
  });

  it('as a refusal of the credentials stops the schedule until somebody enters others', async () => {
    await shop.synced(people(2));
    shop.crm.simulator.faults.set({ kind: 'unauthorised', match: '' });
    expect(await shop.sync()).toMatchObject({ status: 'failed' });
    expect(await connectionNow()).toMatchObject({
      status: 'waiting',
      attention: expect.stringMatching(/credentials/) as string,
    });
    await startDueSyncs(new Date(Date.now() + 10 * 86_400_000));
    await expect(rows(pool(), sql`select from sync_run where ${inSection()} and status = 'reading'`)).resolves.toEqual(
      [],
    );
    shop.crm.simulator.faults.clear();
    const secrets = { apiKey: 'generic-key-of-the-simulator' };
    valueOf(await replaceSecrets(account.admin, { ...shop.where, secrets }, quick(shop.crm)));
    expect(await connectionNow()).toEqual({ status: 'active', attention: null });
    expect(await shop.sync()).toMatchObject({ status: 'done' });
  });

  it('as a changed secret of the installation asks for the credentials again', async () => {
    await shop.synced(people(2));
    const former = process.env.NEXTAUTH_SECRET;
    process.env.NEXTAUTH_SECRET = 'another secret of the installation, 32 or more';
    try {
      expect(await shop.sync()).toMatchObject({ status: 'failed' });
      expect(await connectionNow()).toMatchObject({
        status: 'waiting',
        attention: expect.stringMatching(/TAGWELL_SECRET has changed/) as string,
      });
      const secrets = { apiKey: 'generic-key-of-the-simulator' };
      valueOf(await replaceSecrets(account.admin, { ...shop.where, secrets }, quick(shop.crm)));
      expect(await shop.sync()).toMatchObject({ status: 'done' });
    } finally {
      process.env.NEXTAUTH_SECRET = former;
    }
  });

  it('for an hour, slowly, is waited for', async () => {
    const { list } = await shop.synced(people(2));
    shop.crm.world.addMembers(list, await shop.known(['new@example.org']));
    shop.crm.simulator.beforeAnswer = () => shop.crm.simulator.advance(20 * 60_000);
    shop.crm.simulator.faults.set({ kind: 'throttled', match: 'records', times: 3, retryAfter: 600 });
    expect(await shop.sync()).toMatchObject({ status: 'done', lists: [{ counts: { adds: 1 } }] });
  });
});

describe('a contact', () => {
  it('that takes over the address of another keeps its tag when the other leaves the list', async () => {
    const { list, ids } = await shop.synced(['a@example.org']);
    shop.crm.world.changeContact(ids[0]!, { email: 'other@example.org' });
    shop.crm.world.addMembers(list, [shop.crm.world.addContact({ email: 'a@example.org' })]);
    expect(await shop.sync()).toMatchObject({ lists: [{ counts: { matched: 2, adds: 0, removes: 0 } }] });
    shop.crm.world.removeMembers(list, ids);
    expect(await shop.sync()).toMatchObject({ lists: [{ counts: { matched: 1, adds: 0, removes: 0 } }] });
    expect(await shop.tagged('Trade Show')).toEqual(['a@example.org']);
  });
});

describe('an undo of a run', () => {
  it('takes back what it did at once and what was approved later, and closes what still waits', async () => {
    const { list, ids } = await shop.synced(people(3));
    const other = shop.crm.world.addList('Other', ids);
    await shop.keep(other, 'Other');
    await shop.first();
    await shop.set({ guard: { emptied: 1 } });
    shop.crm.world.removeMembers(list, ids);
    shop.crm.world.removeMembers(other, ids);
    const third = shop.crm.world.addList('Third', ids);
    await shop.keep(third, 'Third');
    const runId = await shop.start(true);
    await shop.finish(runId);
    valueOf(await applyDryRun(account.admin, { sectionId: shop.sectionId, runId }));
    const held = await shop.operate(runId);
    expect(held).toMatchObject({ status: 'held' });
    const answer = (listId: number, remove = true) =>
      answerHeld(account.admin, { sectionId: shop.sectionId, runId, listId, remove });
    valueOf(await answer(held.lists[0]!.listId));
    const approved = await shop.operate(runId);
    expect(approved).toMatchObject({ status: 'held', operationId: held.operationId });
    const tagged = async () =>
      [await shop.tagged('Trade Show'), await shop.tagged('Third')].map(({ length }) => length);
    expect(await tagged()).toEqual([0, 3]);
    const { undoId } = valueOf(
      await undoOperation(account.admin, { sectionId: shop.sectionId, operationId: held.operationId! }),
    );
    await runToEnd(shop.sectionId, undoId);
    expect(await tagged()).toEqual([3, 0]);
    expect(await answer(held.lists[1]!.listId)).toMatchObject({
      refusal: { code: 'conflict', message: expect.stringMatching(/was undone/) as string },
    });
  });
});

describe('credentials that are replaced', () => {
  it('by another key of an unknown user do not hold what the next sync takes off', async () => {
    const { list, ids } = await shop.synced(people(3));
    await execute(pool(), sql`update connection set identity = 'another key' where ${inSection()}`);
    const secrets = { apiKey: 'generic-key-of-the-simulator' };
    valueOf(await replaceSecrets(account.admin, { ...shop.where, secrets }, quick(shop.crm)));
    shop.crm.world.removeMembers(list, [ids[0]!]);
    expect(await shop.sync()).toMatchObject({ status: 'done', lists: [{ counts: { removes: 1 } }] });
  });
});

describe('in Dynamics,', () => {
  let dynamics: TestConnection<Dynamics>;
  beforeEach(async () => {
    dynamics = await TestConnection.openDynamics(account, await createTestSection(account.accountId, 'Dynamics'));
  });
  afterEach(() => dynamics.stop());

  it('another user than before holds what would be taken off, until somebody approves', async () => {
    const { list, ids } = await dynamics.synced(people(3));
    Object.assign(dynamics.crm.site, { applicationUser: guidOf('another user') });
    valueOf(
      await replaceSecrets(account.admin, { ...dynamics.where, secrets: dynamics.crm.secrets }, quick(dynamics.crm)),
    );
    dynamics.crm.world.removeMembers(list, [ids[0]!]);
    const runId = await dynamics.start(false);
    const held = await dynamics.finish(runId);
    expect(held).toMatchObject({
      status: 'held',
      lists: [{ reason: expect.stringMatching(/another user/) as string }],
    });
    const { listId } = held.lists[0]!;
    valueOf(await answerHeld(account.admin, { sectionId: dynamics.sectionId, runId, listId, remove: true }));
    expect(await dynamics.operate(runId)).toMatchObject({ status: 'done' });
    dynamics.crm.world.removeMembers(list, [ids[1]!]);
    expect(await dynamics.sync()).toMatchObject({ status: 'done', lists: [{ counts: { removes: 1 } }] });
  });

  it('contacts that were merged, through others too, stay the person that they were', async () => {
    const { world } = dynamics.crm;
    const { list, ids } = await dynamics.synced(['a@example.org']);
    const [between, survivor] = [world.addContact({ email: '' }), world.addContact({ email: '' })];
    world.addMembers(list, [between, survivor]);
    world.mergeContact(ids[0]!, between);
    world.mergeContact(between, survivor);
    expect(await dynamics.sync()).toMatchObject({ lists: [{ counts: { had: 1, adds: 0, removes: 0 } }] });
    expect(await dynamics.tagged('Trade Show')).toEqual(['a@example.org']);
  });
});

describe('the person who connected a CRM', () => {
  it('and has left does not stop its syncs, but a run that they started ends', async () => {
    const { list } = await shop.synced(people(2));
    shop.crm.world.addMembers(list, await shop.known(['new@example.org']));
    const runId = await shop.start(false);
    await shop.read(runId);
    await execute(pool(), sql`update app_user set deactivated_at = ${new Date()} where id = ${account.admin.userId}`);
    await expect(shop.operate(runId)).rejects.toThrow(/no longer has access to this section/);
    await startDueSyncs(new Date(Date.now() + 2 * 86_400_000));
    const [next] = await rows<{ id: SyncRunId; status: string }>(
      pool(),
      sql`select id, status from sync_run where ${inSection()} and cause = 'schedule'`,
    );
    expect(await shop.finish(next!.id)).toMatchObject({ status: 'done', lists: [{ counts: { adds: 1 } }] });
    await execute(pool(), sql`update app_user set deactivated_at = null where id = ${account.admin.userId}`);
  });
});
