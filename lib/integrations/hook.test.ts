// Announcements of a CRM: who is believed, what they start, and switching them on and off.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLocalOrigin } from '@/lib/config/installation';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql } from '@/lib/db/sql';
import { API_KEY } from '@/testing/crm/generic';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { quick, TestConnection } from '@/testing/sync';
import type { SyncRunId } from '@/lib/db/ids';
import type { Delivery } from './connector';
import { hookAddress, findHook } from './hook';
import {
  changeConnectionAndHook,
  removeConnectionAndHook,
  replaceSecretsAndHook,
  switchHookOff,
  switchHookOn,
} from './hook-commands';
import { pauseConnection } from './manage';
import { readHook } from './reads';
import { receiveDelivery, wakeTime } from './receive-delivery';
import { startDueSyncs } from './schedule';
import { signatureOf } from './signature';

const ORIGIN = 'https://tags.example.com';
const MINUTE = 60_000;
/** Announcements that arrive at the same time. */
const AT_ONCE = 50;

let account: TestAccount;
let shop: TestConnection;

beforeEach(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
  shop = await TestConnection.open(account, account.sectionId);
});
afterEach(() => shop.stop());

const options = () => ({ ...quick(shop.crm), origin: ORIGIN });
const switchOn = (way: 'crm' | 'hand' = 'crm') => switchHookOn(shop.actor, { ...shop.where, way }, options());
const hook = async () => (await findHook(pool(), shop.where))!;
const nameOf = (address: string) => address.split('/').at(-1)!;
const view = async () => valueOf(await readHook(shop.actor, { ...shop.where, origin: ORIGIN }));

/** A delivery of the system, signed with the keys of now. */
async function announcement(): Promise<{ name: string; delivery: Delivery }> {
  const { secret, ...own } = await hook();
  const body = JSON.stringify([{ record_id: 7, operation: 'updated' }]);
  const name = nameOf(hookAddress(own));
  return { name, delivery: { body, path: '', headers: { 'x-justin-signature': signatureOf(body, secret) } } };
}

async function announce(now = new Date()): Promise<boolean> {
  const { name, delivery } = await announcement();
  return receiveDelivery(name, delivery, now);
}

const state = () =>
  one<{ nextSyncAt: Date | null; wokenAt: Date | null; heardAt: Date | null }>(
    pool(),
    sql`
      select next_sync_at as "nextSyncAt", woken_at as "wokenAt", heard_at as "heardAt"
      from connection join connection_hook hook on hook.section_id = ${shop.sectionId} and hook.connection_id = connection.id
      where connection.section_id = ${shop.sectionId} and connection.id = ${shop.id}`,
  );
const runs = () =>
  rows<{ id: SyncRunId; cause: string; lists: number }>(
    pool(),
    sql`
      select id, cause, (
        select count(*) from sync_run_list item where item.section_id = ${shop.sectionId} and item.run_id = sync_run.id
      ) as lists
      from sync_run where section_id = ${shop.sectionId} and not dry and cause <> 'hand' order by id`,
  );
/** As if the runs so far had started so many minutes ago. */
const age = (minutes: number) =>
  execute(
    pool(),
    sql`
      update sync_run set created_at = ${new Date(Date.now() - minutes * MINUTE)}
      where section_id = ${shop.sectionId}`,
  );

describe('an announcement', () => {
  it('of hundreds makes one sync, of confirmed lists only, as a scheduled one', async () => {
    const { list, ids } = await shop.synced(['a@example.org', 'b@example.org']);
    await shop.keep(shop.crm.world.addList('Not seen yet', ids), 'Not seen yet');
    await age(60);
    valueOf(await switchOn());
    shop.crm.world.removeMembers(list, [ids[0]!]);
    const { name, delivery } = await announcement();
    for (let sent = 0; sent < 300; sent += AT_ONCE) {
      const believed = await Promise.all(Array.from({ length: AT_ONCE }, () => receiveDelivery(name, delivery)));
      expect(believed).not.toContain(false);
    }
    await startDueSyncs();
    await startDueSyncs();
    expect(await runs()).toMatchObject([{ cause: 'webhook', lists: 1 }]);
    expect(await shop.finish((await runs())[0]!.id)).toMatchObject({ status: 'done' });
    expect(await shop.tagged('Trade Show')).toEqual(['b@example.org']);
    expect(await state()).toMatchObject({ wokenAt: null, heardAt: expect.any(Date) as Date });
  });

  it('starts a sync when some minutes have passed since the last one started', async () => {
    await shop.synced(['a@example.org']);
    valueOf(await switchOn());
    await announce();
    await startDueSyncs();
    expect(await runs()).toEqual([]);
    await startDueSyncs(new Date(Date.now() + 5 * MINUTE));
    expect(await runs()).toMatchObject([{ cause: 'webhook' }]);
  });

  it('during a sync is not lost: another one follows', async () => {
    await shop.synced(['a@example.org']);
    await age(60);
    valueOf(await switchOn());
    const runId = await shop.start(false);
    await age(10);
    await announce();
    await startDueSyncs();
    expect(await runs()).toEqual([]);
    await shop.finish(runId);
    await startDueSyncs();
    expect(await runs()).toEqual([]);
    await startDueSyncs(new Date(Date.now() + 6 * MINUTE));
    expect(await runs()).toMatchObject([{ cause: 'webhook' }]);
  });

  it('starts nothing if the connection is paused, or synced by hand only, and is noted all the same', async () => {
    await shop.synced(['a@example.org']);
    await age(60);
    valueOf(await switchOn());
    valueOf(await pauseConnection(shop.actor, { ...shop.where, paused: true }));
    expect(await announce()).toBe(true);
    expect(await state()).toMatchObject({ wokenAt: null, heardAt: expect.any(Date) as Date });
    valueOf(await pauseConnection(shop.actor, { ...shop.where, paused: false }));
    await shop.set({ everyMinutes: null });
    expect(await announce(new Date(Date.now() + 2 * MINUTE))).toBe(true);
    expect(await state()).toMatchObject({ wokenAt: null, nextSyncAt: null });
  });

  it('outlives a change of the settings, unless syncs are started by hand from now on', async () => {
    await shop.synced(['a@example.org']);
    valueOf(await switchOn());
    await announce();
    await shop.set({ everyMinutes: 600 });
    await startDueSyncs();
    expect(await runs()).toMatchObject([{ cause: 'webhook' }]);
    await announce();
    await shop.set({ everyMinutes: null });
    expect(await state()).toMatchObject({ wokenAt: null, nextSyncAt: null });
  });

  it('waits for the hours at which syncs may start', () => {
    const at = (hour: number) => new Date(Date.UTC(2026, 10, 26, hour, 30));
    const night = { everyMinutes: 60, hours: { from: 22, to: 6, zone: 'UTC' }, wakeMinutes: 5 };
    expect(wakeTime(night, null, at(23))).toEqual(at(23));
    expect(wakeTime(night, null, at(12))).toEqual(new Date(Date.UTC(2026, 10, 26, 22)));
    const lateStart = new Date(at(5).getTime() + 28 * MINUTE);
    expect(wakeTime(night, lateStart, lateStart)).toEqual(new Date(Date.UTC(2026, 10, 26, 22)));
    expect(wakeTime({ ...night, hours: null }, at(12), at(12))).toEqual(new Date(at(12).getTime() + 5 * MINUTE));
  });

  it('is not believed with another signature, token, section or connection, nor once it is switched off', async () => {
    valueOf(await switchOn());
    const { name, delivery } = await announcement();
    const before = await state();
    const [section, connection, token] = name.split(/-(\d+)-(.*)/);
    for (const wrong of [
      `${section}-${connection}-${'x'.repeat(32)}`,
      `${section}-${Number(connection) + 1}-${token}`,
      `${Number(section) + 1}-${connection}-${token}`,
      `${section}-99999999999-${token}`,
      'nonsense',
      '',
    ]) {
      expect(await receiveDelivery(wrong, delivery)).toBe(false);
    }
    expect(await receiveDelivery(name, { ...delivery, body: '[]' })).toBe(false);
    expect(await receiveDelivery(name, { ...delivery, headers: {} })).toBe(false);
    expect(await state()).toEqual(before);
    valueOf(await switchHookOff(shop.actor, shop.where, quick(shop.crm)));
    expect(await receiveDelivery(name, delivery)).toBe(false);
  });
});

describe('switching announcements on', () => {
  it('registers the address at the CRM, and off removes it; nothing readable is stored', async () => {
    expect(valueOf(await switchOn())).toEqual({ note: null });
    const { secret, token, ...own } = await hook();
    expect([...shop.crm.hooks]).toEqual([
      [hookAddress({ ...own, token }), { id: expect.any(String) as string, secret }],
    ]);
    const stored = await one(pool(), sql`select * from connection_hook where section_id = ${shop.sectionId}`);
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(JSON.stringify(await view())).not.toContain(secret);
    expect(await view()).toMatchObject({
      ways: ['crm', 'hand'],
      on: { way: 'crm', isUnfinished: false, byHand: null },
    });
    expect(valueOf(await switchHookOff(shop.actor, shop.where, quick(shop.crm)))).toEqual({ note: null });
    expect(shop.crm.hooks.size).toBe(0);
    expect(await view()).toMatchObject({ on: null });
  });

  it('by hand gives an Admin what to enter in the CRM', async () => {
    valueOf(await switchOn('hand'));
    expect(shop.crm.hooks.size).toBe(0);
    const { byHand } = (await view()).on!;
    expect(byHand).toMatchObject({ address: hookAddress(await hook()), key: (await hook()).secret });
    expect(await announce()).toBe(true);
    expect(valueOf(await switchHookOff(shop.actor, shop.where)).note).toContain('Remove it there');
  });

  it('says why the CRM refused, and is off then', async () => {
    shop.crm.simulator.faults.set({ kind: 'forbidden', match: 'webhooks' });
    const refused = await switchOn();
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'unavailable' } });
    expect(await view()).toMatchObject({ on: null });
  });

  it('never shows its keys, even if the CRM repeats what was sent', async () => {
    valueOf(await switchOn());
    const keys = await hook();
    shop.crm.simulator.faults.set({ kind: 'echo', match: 'webhooks' });
    const results = [await switchHookOff(shop.actor, shop.where, options()), await switchOn()];
    const sent = shop.crm.simulator.log.map(({ body }) => body).join();
    expect(results).toMatchObject([
      { ok: true },
      { ok: false, refusal: { message: expect.stringContaining('…') as string } },
    ]);
    const { secret } = JSON.parse(sent.slice(sent.lastIndexOf('{'))) as { secret: string };
    for (const value of [keys.secret, keys.token, secret]) expect(JSON.stringify(results)).not.toContain(value);
  });

  it('is for Admins: others change nothing, and the CRM is not called', async () => {
    const calls = shop.crm.simulator.log.length;
    const refused = await switchHookOn(account.marketer, { ...shop.where, way: 'crm' }, options());
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
    const stranger = (await createTestAccount()).admin;
    expect(await switchHookOn(stranger, { ...shop.where, way: 'crm' }, options())).toMatchObject({ ok: false });
    expect(await switchHookOff(stranger, shop.where, options())).toMatchObject({ ok: false });
    expect(await removeConnectionAndHook(stranger, shop.where, options())).toMatchObject({ ok: false });
    expect(shop.crm.simulator.log).toHaveLength(calls);
  });

  it('twice at once leaves one webhook, whose announcements are believed', async () => {
    await Promise.all([switchOn(), switchOn()]);
    const own = await hook();
    expect([...shop.crm.hooks.keys()]).toEqual([hookAddress(own)]);
    expect(await announce()).toBe(true);
  });
});

describe('a webhook', () => {
  it('gets new keys with new credentials, and the former ones are refused', async () => {
    valueOf(await switchOn());
    const former = await announcement();
    const secrets = { apiKey: API_KEY };
    expect(valueOf(await replaceSecretsAndHook(shop.actor, { ...shop.where, secrets }, options()))).toMatchObject({
      note: null,
    });
    expect([...shop.crm.hooks.keys()]).toEqual([hookAddress(await hook())]);
    expect(await receiveDelivery(former.name, former.delivery)).toBe(false);
    expect(await announce()).toBe(true);
  });

  it('is registered again when the CRM has moved', async () => {
    valueOf(await switchOn());
    const settings = { address: shop.crm.simulator.origin, pageSize: '50' };
    const changed = await changeConnectionAndHook(shop.actor, { ...shop.where, name: 'Shop', settings }, options());
    expect(valueOf(changed)).toEqual({ tested: true, note: null });
    expect([...shop.crm.hooks.keys()]).toEqual([hookAddress(await hook())]);
  });

  it('is removed from the CRM with its connection', async () => {
    valueOf(await switchOn());
    expect(valueOf(await removeConnectionAndHook(shop.actor, shop.where, quick(shop.crm)))).toEqual({ note: null });
    expect(shop.crm.hooks.size).toBe(0);
    expect(await findHook(pool(), shop.where)).toBeUndefined();
  });

  it('that the CRM does not let go is said, and its connection is removed all the same', async () => {
    valueOf(await switchOn());
    const { name, delivery } = await announcement();
    shop.crm.simulator.faults.set({ kind: 'forbidden', match: 'webhooks' });
    const { note } = valueOf(await removeConnectionAndHook(shop.actor, shop.where, quick(shop.crm)));
    expect(note).toContain('Remove it there');
    const removed = await maybeOne<{ status: string }>(
      pool(),
      sql`select status from connection where section_id = ${shop.sectionId} and id = ${shop.id}`,
    );
    expect(removed).toEqual({ status: 'removed' });
    expect(await receiveDelivery(name, delivery)).toBe(false);
  });
});

it.each([
  ['http://localhost:3000', true],
  ['http://127.0.0.1:3000', true],
  ['http://[::1]:3000', true],
  ['https://192.168.0.7', true],
  ['http://tagwell:3000', true],
  ['https://tags.corp.internal', true],
  ['https://tags.example.com', false],
  ['https://93.184.216.34', false],
])('the origin %s is local: %s', (origin, local) => expect(isLocalOrigin(origin)).toBe(local));
