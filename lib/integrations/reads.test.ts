// What pages show of connections and runs, and what Admins change about lists that are kept.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createByKey } from '@/lib/clients/one-profile';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { valueOf } from '@/testing/segments';
import { quick, TestConnection } from '@/testing/sync';
import { API_KEY } from '@/testing/crm/generic';
import { keepLists } from './commands';
import { answerHeld } from './run-commands';
import { connectCrm } from './connect';
import { followName, leaveList, pauseConnection, relinkList, setAddOnly } from './manage';
import {
  readAvailableFields,
  readAvailableLists,
  readConnectionPage,
  readConnections,
  readLists,
  readRunLines,
  readRunLists,
  readRunningSync,
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
  shop = await TestConnection.open(account, await createTestSection(account.accountId, 'Integrations'));
});
afterEach(() => shop.stop());

/** Contacts with these addresses, who have profiles here. */
async function known(...emails: string[]): Promise<string[]> {
  for (const key of emails) {
    valueOf(await createByKey(account.system, { sectionId: shop.sectionId, keyspaceId: account.keyspaces.email, key }));
  }
  return emails.map((email) => shop.crm.world.addContact({ email }));
}

/** What somebody enters for the system of these tests. */
const entered = () => ({ settings: { address: shop.crm.simulator.origin }, secrets: { apiKey: API_KEY } });

const page = async () => valueOf(await readConnectionPage(account.admin, shop.where));

const kept = async (asked: object = {}) =>
  valueOf(await readLists(account.admin, { ...shop.where, limit: 10, ...asked }));

const runs = async () =>
  valueOf(await readRunLines(account.admin, { ...shop.where, show: 'all', limit: 10 })).lines.flatMap((line) =>
    line.kind === 'run' ? [line.run] : [],
  );

const available = async () => valueOf(await readAvailableLists(account.admin, shop.where));

describe('connections', () => {
  it('are listed with their lists, their last run and what needs a look', async () => {
    const list = shop.crm.world.addList('Trade Show', await known('a@example.org'));
    await shop.keep(list, 'Trade Show');
    await shop.first();
    shop.crm.world.deleteList(list);
    await shop.sync();
    const [found] = valueOf(await readConnections(account.admin, { sectionId: shop.sectionId }));
    expect(found).toMatchObject({
      name: 'Shop',
      status: 'active',
      lists: { kept: 1, troubled: 1 },
      last: { status: 'done' },
    });
    expect((await kept()).lists).toMatchObject([
      { status: 'missing', tag: { name: 'Shop: Trade Show', hidden: false } },
    ]);
    expect((await runs()).map(({ dry, status }) => [dry, status])).toEqual([
      [false, 'done'],
      [false, 'done'],
    ]);
  });

  it('are for Admins', async () => {
    const refused = await readConnections(account.marketer, { sectionId: shop.sectionId });
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
  });

  it('cannot be made without a name, and say so at its field', async () => {
    const entered = { settings: { address: shop.crm.simulator.origin }, secrets: { apiKey: API_KEY } };
    const input = { sectionId: shop.sectionId, kind: 'generic', name: ' ', ...entered };
    expect(await connectCrm(account.admin, input)).toMatchObject({
      ok: false,
      refusal: { code: 'invalid', field: 'name' },
    });
  });

  it('say at once which fields are missing', async () => {
    const input = { sectionId: shop.sectionId, kind: 'generic', name: '', settings: { address: '' }, secrets: {} };
    const result = await connectCrm(account.admin, input);
    const text = expect.any(String) as string;
    const problems = { name: text, address: text, apiKey: text };
    expect(result).toMatchObject({ ok: false, refusal: { code: 'invalid', field: 'name', details: { problems } } });
  });

  it('are synced every day unless somebody decides otherwise', async () => {
    const { id } = valueOf(
      await connectCrm(
        account.admin,
        {
          sectionId: shop.sectionId,
          kind: 'generic',
          name: 'Second',
          settings: { address: shop.crm.simulator.origin },
          secrets: { apiKey: API_KEY },
        },
        quick(shop.crm),
      ),
    );
    const found = await readConnectionPage(account.admin, { sectionId: shop.sectionId, connectionId: id });
    expect(valueOf(found).connection).toMatchObject({
      nextSyncAt: expect.any(String) as string,
      options: { everyMinutes: 1_440 },
    });
  });

  it('to an address that does not answer are tried twice only, as somebody waits', async () => {
    const { simulator } = shop.crm;
    simulator.log = [];
    simulator.faults.set({ kind: 'unavailable', match: '.' });
    const input = { sectionId: shop.sectionId, kind: 'generic', name: 'Away', ...entered() };
    const result = await connectCrm(account.admin, input);
    expect(!result.ok && result.refusal.message).toContain('It was tried 2 times.');
    expect(simulator.log).toHaveLength(2);
  });

  it('whose test is stopped are not kept, even if the CRM says yes meanwhile', async () => {
    const { simulator } = shop.crm;
    const input = { sectionId: shop.sectionId, kind: 'generic', name: 'Stopped', ...entered() };
    const [silent, answers] = [new AbortController(), new AbortController()];
    simulator.beforeAnswer = () => answers.abort();
    const answered = await connectCrm(account.admin, input, { signal: answers.signal });
    simulator.faults.set({ kind: 'timeout', match: '.' });
    simulator.log = [];
    const waiting = connectCrm(account.admin, input, { signal: silent.signal });
    await expect.poll(() => simulator.log.length).toBe(1);
    silent.abort();
    for (const result of [answered, await waiting]) {
      expect(result).toMatchObject({
        refusal: { code: 'conflict', message: 'The test was stopped. Nothing was kept.' },
      });
    }
    const names = valueOf(await readConnections(account.admin, { sectionId: shop.sectionId })).map(({ name }) => name);
    expect(names).toEqual(['Shop']);
  });

  it('can be paused and resumed', async () => {
    valueOf(await pauseConnection(account.admin, { ...shop.where, paused: true }));
    expect((await page()).connection.status).toBe('paused');
    valueOf(await pauseConnection(account.admin, { ...shop.where, paused: false }));
    expect((await page()).connection.status).toBe('active');
  });
});

describe('the lists of a CRM', () => {
  it('come with a name for the tag of each, and the tag that has this name already', async () => {
    const [first] = [shop.crm.world.addList('Trade Show'), shop.crm.world.addList('Trade Show')];
    shop.crm.world.addList('x'.repeat(200));
    await shop.keep(first, 'Trade Show');
    const { lists, complete } = await available();
    expect(complete).toBe(true);
    expect(lists.map(({ tagName }) => tagName)).toEqual([
      'Shop: Trade Show',
      'Shop: Trade Show (2)',
      `Shop: ${'x'.repeat(94)}`,
    ]);
    expect(lists.map(({ kept, existing }) => [kept !== null, existing?.name ?? null])).toEqual([
      [true, 'Shop: Trade Show'],
      [false, null],
      [false, null],
    ]);
  });

  it('that does not answer are refused with the reason', async () => {
    shop.crm.simulator.faults.set({ kind: 'unauthorised', match: '' });
    expect(await readAvailableLists(account.admin, shop.where)).toMatchObject({
      ok: false,
      refusal: { code: 'unavailable', message: expect.any(String) as string },
    });
  });

  it('cannot be kept without a name for the tag, nor defined by hand where the CRM has no manual lists', async () => {
    const list = { externalId: 'list:1', name: 'Fair', kind: 'list', tag: { name: ' ' } };
    expect(await keepLists(account.admin, { ...shop.where, lists: [list] })).toMatchObject({
      ok: false,
      refusal: { field: 'lists.0.tag.name', message: 'Enter a name.' },
    });
    const manual = { ...list, kind: 'manual', manual: 'anything', tag: { name: 'Fair' } };
    expect(await keepLists(account.admin, { ...shop.where, lists: [manual] })).toMatchObject({
      ok: false,
      refusal: { code: 'invalid', field: 'manual', message: expect.stringMatching(/has no manual lists/) as string },
    });
  });

  it('come with fields by label', async () => {
    const fields = valueOf(await readAvailableFields(account.admin, shop.where));
    expect(fields.map(({ name }) => name)).toContain('first_name');
  });
});

describe('a run', () => {
  it('lists who gets the tag, who loses it, and who was not found, a page at a time', async () => {
    const ids = await known('a@example.org', 'b@example.org', 'c@example.org');
    const list = shop.crm.world.addList('Trade Show', ids.slice(0, 1));
    const listId = await shop.keep(list, 'Trade Show');
    await shop.first();
    shop.crm.world.removeMembers(list, ids.slice(0, 1));
    const stranger = shop.crm.world.addContact({ email: 'x@example.org', firstName: 'Tom', lastName: 'Whitfield' });
    shop.crm.world.addMembers(list, [...ids.slice(1), stranger]);
    const runId = await shop.start(true);
    await shop.finish(runId);
    const people = async (group: 'adds' | 'removes' | 'unmatched', after?: string) =>
      valueOf(await readRunPeople(account.admin, { sectionId: shop.sectionId, runId, listId, group, after, limit: 1 }));
    const [first] = await people('adds');
    const [second] = await people('adds', first!.place);
    expect([first, second]).toMatchObject([{ keys: ['b@example.org'] }, { keys: ['c@example.org'] }]);
    expect(await people('adds', second!.place)).toEqual([]);
    expect(await people('removes')).toMatchObject([{ name: 'a@example.org' }]);
    expect(await people('unmatched')).toMatchObject([
      { profileId: null, name: 'Tom Whitfield', keys: ['x@example.org'] },
    ]);
    expect(valueOf(await readSyncRun(account.admin, { sectionId: shop.sectionId, runId }))).toMatchObject({
      run: { status: 'planned', startedBy: expect.any(String) as string },
      progress: { lists: 1, read: 1, current: null },
    });
    expect(valueOf(await readRunLists(account.admin, { sectionId: shop.sectionId, runId, limit: 5 }))).toMatchObject({
      lists: [{ name: 'Trade Show', counts: { adds: 2, removes: 1, unmatched: 1 } }],
      total: 1,
    });
  });

  it('says whose tag was left on by an answer', async () => {
    const ids = await known('a@example.org', 'b@example.org');
    await shop.set({ guard: { emptied: 2 } });
    const list = shop.crm.world.addList('Trade Show', ids);
    const listId = await shop.keep(list, 'Trade Show');
    await shop.first();
    shop.crm.world.removeMembers(list, ids);
    const runId = await shop.start(false);
    await shop.finish(runId);
    const where = { sectionId: shop.sectionId, runId };
    const shown = async () => valueOf(await readRunLists(account.admin, { ...where, limit: 5 })).lists[0]!;
    const changes = async () => (await shown()).changes;
    expect(await changes()).toEqual({ adds: 0, removes: 2, joins: 0, leaves: 0, left: 0, refused: 0 });
    expect(await shown()).toMatchObject({ status: 'held', hold: 'emptied', answeredAt: null });
    expect((await page()).open).toMatchObject([{ id: runId, status: 'held' }]);
    valueOf(await answerHeld(account.admin, { ...where, listId, remove: false }));
    await shop.operate(runId);
    expect(await changes()).toEqual({ adds: 0, removes: 0, joins: 0, leaves: 0, left: 2, refused: 0 });
    expect(await shown()).toMatchObject({ status: 'done', takenOff: false, answeredBy: account.admin.name });
    expect((await page()).open).toEqual([]);
    expect(await runs()).toMatchObject([{ status: 'done', changes: { removes: 0, left: 2 } }, {}]);
  });

  it('of a list that only adds takes the tag off nobody', async () => {
    const ids = await known('a@example.org', 'b@example.org');
    const list = shop.crm.world.addList('Trade Show', ids);
    const listId = await shop.keep(list, 'Trade Show');
    await shop.first();
    valueOf(await setAddOnly(account.admin, { sectionId: shop.sectionId, listId, addOnly: true }));
    shop.crm.world.removeMembers(list, ids);
    await shop.sync();
    expect(await shop.tagged('Trade Show')).toHaveLength(2);
  });
});

describe('many lists', () => {
  it('are shown a page at a time, searched by words of the name or the tag, and filtered', async () => {
    const ids = await known('a@example.org', 'b@example.org');
    await shop.set({ guard: { emptied: 2 } });
    const fair = shop.crm.world.addList('Fair 2025', ids);
    await shop.keep(fair, 'Fair 2025');
    await shop.keep(shop.crm.world.addList('Fair 2026', ids), 'Fair 2026');
    const gone = shop.crm.world.addList('Newsletter', ids);
    await shop.keep(gone, 'Newsletter');
    await shop.first();
    const names = async (asked: object) => (await kept(asked)).lists.map(({ name }) => name);
    expect(await kept({ limit: 2 })).toMatchObject({ lists: [{ name: 'Fair 2025' }, { name: 'Fair 2026' }], total: 3 });
    expect(await kept({ limit: 2, offset: 2 })).toMatchObject({ lists: [{ name: 'Newsletter' }], total: 3 });
    expect(await names({ search: '2026 FAI' })).toEqual(['Fair 2026']);
    expect(await names({ search: 'shop: news' })).toEqual(['Newsletter']);
    expect(await names({ search: '100%' })).toEqual([]);

    shop.crm.world.removeMembers(fair, ids);
    shop.crm.world.deleteList(gone);
    const { listId } = (await shop.sync()).lists[0]!;
    expect(await names({ show: 'attention' })).toEqual(['Fair 2025', 'Newsletter']);
    expect(await names({ show: 'kept' })).toEqual(['Fair 2025', 'Fair 2026']);
    expect(await names({ show: 'fresh' })).toEqual([]);
    expect(await names({ listId })).toEqual(['Fair 2025']);
    expect((await page()).connection.lists).toEqual({ kept: 3, troubled: 1, fresh: 0, ready: 2 });

    const runId = (await page()).open[0]!.id;
    const ofRun = async (asked: object) =>
      valueOf(await readRunLists(account.admin, { sectionId: shop.sectionId, runId, limit: 10, ...asked }));
    const namesOfRun = async (asked: object) => (await ofRun(asked)).lists.map(({ name }) => name);
    expect(await ofRun({ limit: 1 })).toMatchObject({
      lists: [{ name: 'Fair 2025', changes: { removes: 2 } }],
      total: 3,
    });
    expect(await namesOfRun({ limit: 1, offset: 2 })).toEqual(['Newsletter']);
    expect(await namesOfRun({ search: 'fair' })).toEqual(['Fair 2025', 'Fair 2026']);
    expect(await namesOfRun({ show: 'asks' })).toEqual(['Fair 2025']);
    expect(await namesOfRun({ show: 'changes' })).toEqual(['Fair 2025']);
    expect(await namesOfRun({ show: 'problems' })).toEqual(['Newsletter']);
  });

  it('show what a running sync changes in those in sight', async () => {
    const list = shop.crm.world.addList('Trade Show', await known('a@example.org'));
    const listId = await shop.keep(list, 'Trade Show');
    const other = await shop.keep(shop.crm.world.addList('Fair'), 'Fair');
    const running = async () => valueOf(await readRunningSync(account.admin, { ...shop.where, listIds: [listId] }));
    expect(await running()).toMatchObject({ running: null, lists: [{ id: listId, confirmed: false, last: null }] });
    const runId = await shop.start(true);
    expect(await running()).toMatchObject({
      running: { id: runId, dry: true, status: 'reading', progress: { lists: 2, read: 0, current: null } },
    });
    await shop.read(runId);
    expect((await running()).running).toMatchObject({ status: 'comparing', progress: { read: 2 } });
    await shop.operate(runId);
    expect((await running()).running).toBeNull();
    await shop.first();
    expect(await running()).toMatchObject({ lists: [{ id: listId, confirmed: true, last: { seen: 1, matched: 1 } }] });
    expect((await kept({ listId: other })).lists).toMatchObject([{ last: { seen: 0 } }]);
  });
});

describe('a list', () => {
  it('takes over its new name with its tag, unless another tag has that name', async () => {
    const list = shop.crm.world.addList('Trade Show', await known('a@example.org'));
    const listId = await shop.keep(list, 'Trade Show');
    await shop.keep(shop.crm.world.addList('Fair'), 'Fair');
    await shop.first();
    shop.crm.world.renameList(list, 'Trade Show 2026');
    await shop.sync();
    const where = { sectionId: shop.sectionId, listId };
    expect(await followName(account.admin, { ...where, tagName: 'Shop: Fair' })).toMatchObject({
      ok: false,
      refusal: { code: 'name_taken' },
    });
    valueOf(await followName(account.admin, { ...where, tagName: 'Shop: Trade Show 2026' }));
    expect((await kept()).lists[1]).toMatchObject({ name: 'Trade Show 2026', newName: null });
    expect(await shop.tagged('Trade Show 2026')).toEqual(['a@example.org']);
  });

  it('that is no longer kept leaves its tag to everyone', async () => {
    const list = shop.crm.world.addList('Trade Show', await known('a@example.org'));
    const listId = await shop.keep(list, 'Trade Show');
    await shop.first();
    valueOf(await leaveList(account.admin, { sectionId: shop.sectionId, listId }));
    expect((await kept()).lists).toEqual([]);
    expect(await shop.tagged('Trade Show')).toEqual(['a@example.org']);
  });

  it('that is gone can be linked to another one, which keeps the tag from its dry run on', async () => {
    const ids = await known('a@example.org', 'b@example.org');
    const old = shop.crm.world.addList('Trade Show', ids);
    const listId = await shop.keep(old, 'Trade Show');
    const left = await shop.keep(shop.crm.world.addList('Fair', ids.slice(1)), 'Fair');
    await shop.first();
    valueOf(await leaveList(account.admin, { sectionId: shop.sectionId, listId: left }));
    shop.crm.world.deleteList(old);
    const { lists } = await available();
    const { externalId, name } = lists.find((item) => item.name === 'Fair')!;
    valueOf(await relinkList(account.admin, { sectionId: shop.sectionId, listId, externalId, name, kind: 'list' }));
    expect((await kept()).lists).toMatchObject([{ name: 'Fair', status: 'active', confirmed: false }]);
    await expect(shop.start(false)).rejects.toThrow(/Start a dry run first/);
    await shop.first();
    expect(await shop.tagged('Trade Show')).toEqual(['b@example.org']);
  });
});
