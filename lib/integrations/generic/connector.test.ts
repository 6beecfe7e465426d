// The connector contract, against a made-up system that serves it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultMatrix } from '@/testing/crm/fault-matrix';
import { API_KEY, startGeneric, type GenericSimulator } from '@/testing/crm/generic';
import { openSession, readAll, type Subject } from '@/testing/crm/subject';
import { expectAnnounced } from '@/testing/crm/hooks';
import { signatureOf } from '../signature';
import { generic } from './connector';
import type { Secrets, Settings } from './settings';

const PAGE = 20;

const subjectOf = ({ simulator, world, hideField, hideContact }: GenericSimulator): Subject<Settings, Secrets> => ({
  connector: generic,
  settings: { address: simulator.origin, pageSize: String(PAGE) },
  secrets: { apiKey: API_KEY },
  simulator,
  world,
  pageSize: PAGE,
  pages: String.raw`/profile_lists/profile/\d+/records\?`,
  listOf: (id) => `list:${id}`,
  // Each page and an empty one twice, its profiles, the lists and an empty page of them, the fields, the count.
  plan: (members) => 3 * Math.ceil((members + 1) / PAGE) + 6,
  checksFields: true,
  nextLinks: false,
  deactivates: false,
  deactivatesContacts: true,
  fields: { birthday: 'birthday', lastName: 'last_name' },
  hideField,
  hideContact,
});

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
});

faultMatrix('The connector contract', async () => subjectOf(await startGeneric()));

describe('A system with the connector contract', () => {
  let system: GenericSimulator;
  beforeAll(async () => {
    system = await startGeneric();
  });
  afterAll(() => system.simulator.stop());
  beforeEach(() => system.simulator.reset());

  it('says which of its lists are dynamic, and how many members they have', async () => {
    const { session } = openSession(subjectOf(system));
    const { lists } = await session.listLists();
    expect(lists.map(({ name, kind }) => [name, kind])).toEqual([
      ['Trade Show 2025', 'static'],
      ['Nordic CFOs', 'dynamic'],
      ['Newsletter', 'static'],
    ]);
    const { end, ids } = await readAll(session, lists[0]!.externalId);
    expect(end.declared).toEqual({ members: ids.length, exact: true });
  });

  it('has numbers, texts and yes or no as they are', async () => {
    const id = system.world.addContact({ phone: '+46701234567', position: 'ceo', company: '' });
    const list = system.world.addList('One', [id]);
    const { contacts } = await readAll(openSession(subjectOf(system)).session, `list:${list}`, [
      'vip',
      'company',
      'phone',
    ]);
    expect(contacts).toMatchObject([
      { entity: 'profile', id, phones: ['46701234567'], fields: { vip: true, company: null, phone: 46_701_234_567 } },
    ]);
  });

  it('that names members and gives no records is not believed', async () => {
    const list = system.world.addList('Two', [system.world.addContact(), system.world.addContact()]);
    system.simulator.beforeAnswer = ({ url }) => {
      if (url.pathname.endsWith('/records/profile')) url.searchParams.set('ids', '0');
    };
    await expect(readAll(openSession(subjectOf(system)).session, `list:${list}`)).rejects.toMatchObject({
      kind: 'incomplete',
    });
  });

  it('is asked for its lists once, however many of them are read', async () => {
    const lists = Array.from({ length: 8 }, (_, number) =>
      system.world.addList(`List ${number}`, [system.world.addContact()]),
    );
    const { session } = openSession(subjectOf(system));
    for (const list of lists) expect((await readAll(session, `list:${list}`)).ids).toHaveLength(1);
    // A page, and an empty one.
    expect(system.simulator.log.filter(({ line }) => line.includes('profile_lists?'))).toHaveLength(2);
  });

  it('that lost a list meanwhile, and says that it is empty, is not believed', async () => {
    const list = system.world.addList('Gone', [system.world.addContact()]);
    const { session } = openSession(subjectOf(system));
    const found = (await session.findList(`list:${list}`))!;
    system.world.removeMembers(list, [...system.world.members.get(list)!]);
    system.simulator.beforeAnswer = ({ line }) => {
      if (line.includes('/records?')) system.world.deleteList(list);
    };
    await expect(readAll(session, found.externalId)).rejects.toMatchObject({ kind: 'missing' });
  });

  it('is asked for no more ids than fit into an address', async () => {
    const ids = Array.from({ length: 900 }, () => system.world.addContact());
    const list = system.world.addList('Long', ids);
    const subject = { ...subjectOf(system), settings: { address: system.simulator.origin, pageSize: 1_000 } };
    expect((await readAll(openSession(subject).session, `list:${list}`)).ids).toHaveLength(900);
    const longest = Math.max(...system.simulator.log.map(({ url }) => url.href.length));
    expect(longest).toBeLessThan(5_000);
  });

  it('takes a webhook once, and forgets it', async () => {
    const { session } = openSession(subjectOf(system));
    const registered = await session.registerWebhooks!('https://tagwell.example/hook', 'the secret');
    expect(await session.registerWebhooks!('https://tagwell.example/hook', 'the secret')).toEqual(registered);
    await session.removeWebhooks!(registered);
    await session.removeWebhooks!(registered);
    expect(system.hooks.size).toBe(0);
  });

  it('sends webhooks that are believed, and name the contact that changed', () =>
    expectAnnounced({ session: openSession(subjectOf(system)).session, ...system }, (...given) =>
      generic.readWebhook!(...given),
    ));

  it('is believed by its signature only', () => {
    const body = JSON.stringify([{ record_id: 7, operation: 'updated' }]);
    const read = (signature: string, text = body) =>
      generic.readWebhook!({ headers: { 'x-justin-signature': signature }, body: text }, 'secret');
    expect(read(signatureOf(body, 'secret'))).toEqual({ contactIds: ['7'] });
    expect(read(signatureOf(body, 'other'))).toBeNull();
    expect(read('')).toBeNull();
    expect(read(signatureOf('nonsense', 'secret'), 'nonsense')).toEqual({ contactIds: [] });
  });

  it.each([
    ['https://shop.example.com/', 'https://shop.example.com/apsisendpoint/v1'],
    ['https://shop.example.com/own/v2', 'https://shop.example.com/own/v2'],
  ])('may have its contract at a path of its own: %s', (address, base) => {
    expect(generic.settings.parse({ address })).toMatchObject({ address: base });
  });

  it('needs an address and a key', () => {
    expect(generic.settings.safeParse({ address: 'shop' }).error?.issues[0]?.message).toMatch(/^Enter the address/);
    expect(generic.secrets.safeParse({ apiKey: ' ' }).error?.issues[0]?.message).toBe('Enter the API key.');
  });
});
