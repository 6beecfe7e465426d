// Deliveries of made-up CRMs to a real process: each CRM's own webhooks start the next sync earlier.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { connectCrm } from '@/lib/integrations/connect';
import type { HookWay } from '@/lib/integrations/hook';
import { switchHookOff, switchHookOn } from '@/lib/integrations/hook-commands';
import { readHook } from '@/lib/integrations/reads';
import { signatureOf } from '@/lib/integrations/signature';
import { account, server, withApi } from '@/testing/api';
import type { Deliveries } from '@/testing/crm/deliveries';
import { startEfficy } from '@/testing/crm/efficy';
import { API_KEY, startGeneric } from '@/testing/crm/generic';
import { API_KEY as LIME_KEY, startLime } from '@/testing/crm/lime/simulator';
import type { World } from '@/testing/crm/population';
import type { Simulator } from '@/testing/crm/server';
import { startTribe } from '@/testing/crm/tribe';
import { startWebcrm, TOKEN } from '@/testing/crm/webcrm/simulator';
import { valueOf } from '@/testing/segments';
import { quick } from '@/testing/sync';

withApi();

type Entered = { kind: string; settings: object; secrets: object };
type Site = { simulator: Simulator; deliveries: Deliveries; world: World; registered: () => string[] };

let stop: () => Promise<void>;
beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
});
afterEach(() => stop());

/** A connection to a site, with its announcements switched on. `hook`: what a person enters in the CRM, if they do. */
async function connect(site: Site, entered: Entered, way: HookWay) {
  stop = () => site.simulator.stop();
  const { sectionId, admin } = account;
  const times = quick(site);
  const { id } = valueOf(await connectCrm(admin, { sectionId, name: entered.kind, ...entered }, times));
  const place = { sectionId, connectionId: id };
  valueOf(await switchHookOn(admin, { ...place, way }, { ...times, origin: server.address }));
  const hook = valueOf(await readHook(admin, { ...place, origin: server.address })).on!.byHand;
  const off = async () => valueOf(await switchHookOff(admin, place, times));
  return { id, hook, off };
}

/** Whether an announcement waits for a sync, which is due then; from now on none does. */
async function isAnnounced(id: ConnectionId): Promise<boolean> {
  const of = sql`section_id = ${account.sectionId}`;
  const { woken } = await one<{ woken: boolean }>(
    pool(),
    sql`
      select coalesce(hook.woken_at is not null and connection.next_sync_at <= ${new Date()}, false) as woken
      from connection
      left join connection_hook hook on hook.section_id = ${account.sectionId} and hook.connection_id = connection.id
      where connection.section_id = ${account.sectionId} and connection.id = ${id}`,
  );
  await execute(pool(), sql`update connection set next_sync_at = null where ${of} and id = ${id}`);
  await execute(pool(), sql`update connection_hook set woken_at = null where ${of} and connection_id = ${id}`);
  return woken;
}

const limeSite = async (): Promise<[Site, Entered]> => {
  const site = await startLime();
  const registered = () => [...site.subscriptions.values()].map(({ target_url: url }) => url);
  const entered = { kind: 'lime', settings: { address: site.address }, secrets: { apiKey: LIME_KEY } };
  return [{ ...site, registered }, entered];
};

const webcrmSite = async (): Promise<[Site, Entered]> => {
  const site = await startWebcrm();
  const registered = () => [...site.hooks.values()].map(({ TargetUrl }) => TargetUrl);
  const entered = { kind: 'webcrm', settings: { address: site.simulator.origin }, secrets: { token: TOKEN } };
  return [{ ...site, registered }, entered];
};

const tribeSite = async (): Promise<[Site, Entered]> => {
  const { site: world, webhooks, ...site } = await startTribe();
  const registered = () => [...webhooks.values()].map(({ webhookUrl }) => webhookUrl);
  const settings = { ...site.settings, scope: 'read write' };
  return [
    { ...site, world, registered },
    { kind: 'tribe', settings, secrets: site.secrets },
  ];
};

const genericSite = async (): Promise<[Site, Entered]> => {
  const site = await startGeneric();
  const entered = { kind: 'generic', settings: { address: site.simulator.origin }, secrets: { apiKey: API_KEY } };
  return [{ ...site, registered: () => [...site.hooks.keys()] }, entered];
};

describe('a change in the CRM', () => {
  it.each([
    ['Lime CRM', limeSite],
    ['webCRM', webcrmSite],
    ['Tribe CRM', tribeSite],
    ['a system of the connector contract', genericSite],
  ])('makes the sync with %s due, until announcements are switched off', async (_, start) => {
    const [site, entered] = await start();
    const { id, off } = await connect(site, entered, 'crm');
    expect(site.registered().every((url) => url.startsWith(`${server.address}/hooks/crm/`))).toBe(true);
    const contact = site.world.addContact({});
    await site.deliveries.settled();
    expect(await isAnnounced(id)).toBe(true);
    site.world.changeContact(contact, { lastName: 'Changed' });
    await site.deliveries.settled();
    expect(await isAnnounced(id)).toBe(true);
    expect(await off()).toEqual({ note: null });
    expect(site.registered()).toEqual([]);
    site.world.deleteContact(contact);
    await site.deliveries.settled();
    expect(await isAnnounced(id)).toBe(false);
  });

  it('makes the sync with efficy due, whose webhooks a person enters', async () => {
    const { site: world, webhooks, ...site } = await startEfficy();
    const entered = { kind: 'efficy', settings: site.settings, secrets: site.secrets };
    const { id, hook, off } = await connect({ ...site, world, registered: () => [...webhooks] }, entered, 'hand');
    expect(hook).toMatchObject({ key: null });
    webhooks.add(hook!.address.slice(0, hook!.address.lastIndexOf('/')));
    world.addContact({});
    await site.deliveries.settled();
    expect(await isAnnounced(id)).toBe(false);
    webhooks.add(hook!.address);
    world.addContact({});
    await site.deliveries.settled();
    expect(await isAnnounced(id)).toBe(true);
    await off();
    world.addContact({});
    await site.deliveries.settled();
    expect(await isAnnounced(id)).toBe(false);
  });
});

describe('a delivery', () => {
  it('is answered alike whatever is wrong with it, and is limited in size', async () => {
    const [site, entered] = await genericSite();
    const { id, hook } = await connect(site, entered, 'hand');
    const { address, key } = hook!;
    const send = (url: string, body: string, signature: string) =>
      fetch(url, { method: 'POST', body, headers: { 'x-justin-signature': signature } });
    const wrong = await send(address, '[]', signatureOf('[]', 'another'));
    const unknown = await send(`${address}x`, '[]', signatureOf('[]', key!));
    const nonsense = await send(`${server.address}/hooks/crm/`, '[]', '');
    const texts = await Promise.all([wrong, unknown, nonsense].map((answer) => answer.text()));
    expect(new Set([...texts, wrong.status, unknown.status, nonsense.status]).size).toBe(2);
    expect(wrong.status).toBe(404);
    const large = JSON.stringify('x'.repeat(250_000));
    expect((await send(address, large, signatureOf(large, key!))).status).toBe(413);
    expect((await fetch(address)).status).toBe(404);
    expect(await isAnnounced(id)).toBe(false);
    // Sent again, it is another announcement at most.
    for (let sent = 0; sent < 2; sent++) {
      expect((await send(address, '[]', signatureOf('[]', key!))).status).toBe(204);
    }
    expect(await isAnnounced(id)).toBe(true);
  });

  it('is never in the log', async () => {
    const [site, entered] = await genericSite();
    const { hook } = await connect(site, entered, 'hand');
    const body = JSON.stringify([{ record_id: 'a-private-value' }]);
    await fetch(hook!.address, {
      method: 'POST',
      body,
      headers: { 'x-justin-signature': signatureOf(body, hook!.key!) },
    });
    await fetch(hook!.address, { method: 'POST', body });
    expect(server.output()).not.toContain('a-private-value');
    expect(server.output()).not.toContain(hook!.address.split('/').at(-1));
  });
});
