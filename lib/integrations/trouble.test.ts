// Which connections need an Admin, and since when.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readBackgroundWork } from '@/lib/activity/reads';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import type { ConnectionListId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { leaveList } from './manage';
import { readConnections } from './reads';
import { listTroubles } from './trouble';

let account: TestAccount;
let shop: TestConnection;
let list: string;

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
});
afterAll(expectInvariants);
beforeEach(async () => {
  account = await createTestAccount();
  shop = await TestConnection.open(account, account.sectionId, { unmatched: 'create', guard: { emptied: 1 } });
  const { world } = shop.crm;
  list = world.addList('Trade Show', [world.addContact()]);
  await shop.keep(list, 'Trade Show');
  await shop.first();
});
afterEach(() => shop.stop());

const troubles = (now?: Date) => listTroubles(pool(), shop.sectionId, { now });
const fail = async () => {
  shop.crm.simulator.faults.set({ kind: 'unavailable', match: 'profile_lists' });
  const run = await shop.sync();
  shop.crm.simulator.faults.clear();
  return run;
};

describe('a connection', () => {
  it('needs an Admin after three failures in a row or a day of them, until a sync works again', async () => {
    const { error } = await fail();
    expect(await troubles()).toEqual([]);
    expect(await troubles(new Date(Date.now() + 86_400_000))).toMatchObject([{ kind: 'failing', failures: 1 }]);
    await fail();
    await shop.sync();
    await fail();
    await fail();
    expect(await troubles()).toEqual([]);
    await fail();
    const failing = { kind: 'failing', name: 'Shop', failures: 3, reason: error };
    expect(await troubles()).toMatchObject([failing]);
    const [listed] = valueOf(await readConnections(account.admin, { sectionId: shop.sectionId }));
    expect(listed).toMatchObject({ trouble: failing });
    await shop.sync();
    expect(await troubles()).toEqual([]);
  });

  it('needs one at once if the CRM refuses the credentials, or if removals wait; nobody else hears of it', async () => {
    shop.crm.world.removeMembers(list, shop.crm.world.membersOf(list));
    const runId = await shop.start(false);
    await shop.finish(runId);
    expect(await troubles()).toMatchObject([{ kind: 'held', runId }]);
    shop.crm.simulator.faults.set({ kind: 'unauthorised', match: '.' });
    const refused = await shop.start(false);
    await shop.finish(refused);
    expect(await troubles()).toMatchObject([{ kind: 'waiting', runId: refused, failures: 1 }]);
    const shown = async (actor = account.admin) =>
      valueOf(await readBackgroundWork(actor, { sectionId: shop.sectionId })).troubles.map(({ kind }) => kind);
    expect(await shown()).toEqual(['waiting']);
    expect(await shown(account.marketer)).toEqual([]);
  });

  it('needs one once a list was deleted in the CRM, until the list is let go', async () => {
    const ofList = sql`section_id = ${shop.sectionId}`;
    await execute(pool(), sql`update connection_list set status = 'missing' where ${ofList}`);
    expect(await troubles()).toEqual([]);
    await execute(pool(), sql`update connection_list set status = 'gone' where ${ofList}`);
    const reason = expect.stringContaining('“Trade Show” was deleted in the CRM') as string;
    expect(await troubles()).toMatchObject([{ kind: 'gone', reason, runId: null }]);
    const { id } = await one<{ id: ConnectionListId }>(pool(), sql`select id from connection_list where ${ofList}`);
    valueOf(await leaveList(account.admin, { sectionId: shop.sectionId, listId: id }));
    expect(await troubles()).toEqual([]);
  });
});
