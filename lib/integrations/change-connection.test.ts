// A connection that gets another name, other settings or another address.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { API_KEY, startGeneric } from '@/testing/crm/generic';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { valueOf } from '@/testing/segments';
import { quick, TestConnection } from '@/testing/sync';
import { tagPermissions } from '@/lib/tags/queries';
import { changeConnection } from './change-connection';
import { startSync } from './run-commands';
import { readConnectionPage, readLists } from './reads';

let account: TestAccount;
let shop: TestConnection;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
});
afterAll(expectInvariants);
beforeEach(async () => {
  shop = await TestConnection.open(account, await createTestSection(account.accountId, 'Changes'), {
    unmatched: 'create',
  });
  await shop.keep(shop.crm.world.addList('Trade Show', [shop.crm.world.addContact()]), 'Trade Show');
  await shop.first();
});
afterEach(() => shop.stop());

const change = (part: object) =>
  changeConnection(
    account.admin,
    { ...shop.where, name: 'Shop', settings: { address: shop.crm.simulator.origin }, ...part },
    quick(shop.crm),
  );
const connection = async () => valueOf(await readConnectionPage(account.admin, shop.where)).connection;
const lists = async () => valueOf(await readLists(account.admin, { ...shop.where, limit: 5 })).lists;

describe('a connection', () => {
  it('gets another name without a call, also in histories and Allowed Operations', async () => {
    const calls = shop.crm.simulator.log.length;
    expect(await change({ name: 'Store' })).toEqual({ ok: true, value: { tested: false } });
    expect(shop.crm.simulator.log).toHaveLength(calls);
    expect(await connection()).toMatchObject({ name: 'Store', lists: { ready: 1 } });
    const names = await rows(
      pool(),
      sql`
        select holder.name, keyspace.name as keyspace
        from claim_holder holder
        join connection on connection.section_id = ${shop.sectionId}
        join keyspace on keyspace.id = connection.keyspace_id
        where holder.section_id = ${shop.sectionId}`,
    );
    expect(names).toEqual([{ name: 'Store: Trade Show', keyspace: 'Store' }]);
    const { tag } = (await lists())[0]!;
    const allowedIn = async (sectionId: SectionId) =>
      (await tagPermissions(pool(), account.accountId, sectionId, tag.id)).map(({ keyspace }) => keyspace);
    expect(await allowedIn(shop.sectionId)).toContain('Store');
    expect(await allowedIn(account.sectionId)).not.toContain('Store');
  });

  it('keeps other settings once the CRM accepts them, and is synced after a dry run only', async () => {
    const planned = await shop.start(true);
    await shop.finish(planned);
    const wrong = { settings: { address: `${shop.crm.simulator.origin}/elsewhere/v1` } };
    expect(await change(wrong)).toMatchObject({ ok: false, refusal: { code: 'invalid' } });
    expect((await connection()).settings).toEqual({ address: shop.crm.simulator.origin });

    const settings = { address: shop.crm.simulator.origin, pageSize: '100' };
    expect(await change({ settings })).toEqual({ ok: true, value: { tested: true } });
    expect(await connection()).toMatchObject({ settings, lists: { fresh: 1 } });
    expect(await shop.state(planned)).toMatchObject({ status: 'superseded' });
    const refused = await startSync(account.admin, { ...shop.where, dry: false });
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
  });

  it('cannot be changed while a sync of it runs', async () => {
    await shop.start(false);
    const settings = { address: shop.crm.simulator.origin, pageSize: '100' };
    expect(await change({ settings })).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
  });

  it('leads to another CRM at the same host only if somebody says that it is the same one', async () => {
    const settings = { address: `${shop.crm.simulator.origin}/of-somebody-else` };
    const calls = shop.crm.simulator.log.length;
    expect(await change({ settings })).toMatchObject({ ok: false, refusal: { code: 'invalid', field: 'sameCrm' } });
    expect(shop.crm.simulator.log).toHaveLength(calls);
  });

  it('leads to another address only if somebody says that it is the same CRM, and enters the credentials again; a list that is not there keeps its tag', async () => {
    const other = await startGeneric();
    try {
      other.simulator.reset({ contacts: 0, lists: 0 });
      const settings = { address: other.simulator.origin };
      expect(await change({ settings })).toMatchObject({ ok: false, refusal: { code: 'invalid', field: 'sameCrm' } });
      const withStored = await change({ settings, sameCrm: true });
      expect(withStored).toMatchObject({ ok: false, refusal: { code: 'invalid', field: 'apiKey' } });
      expect(other.simulator.log).toEqual([]);
      valueOf(await change({ settings, sameCrm: true, secrets: { apiKey: API_KEY } }));
      const run = await shop.finish(await shop.start(true));
      expect(run).toMatchObject({ status: 'planned', lists: [{ status: 'frozen', counts: { removes: 0 } }] });
    } finally {
      await other.simulator.stop();
    }
  });
});
