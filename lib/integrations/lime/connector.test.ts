// Lime CRM, against a made-up one.
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultMatrix } from '@/testing/crm/fault-matrix';
import { API_KEY, startLime, type LimeSimulator } from '@/testing/crm/lime/simulator';
import { failureOf, openSession, readAll, type Subject } from '@/testing/crm/subject';
import { expectAnnounced } from '@/testing/crm/hooks';
import type { ManualDefinition } from '../connector';
import { signatureOf } from '../signature';
import { lime } from './connector';
import type { Secrets, Settings } from './settings';

const PAGE = 20;

const subjectOf = (
  { simulator, address, world, hideField, hideContact }: LimeSimulator,
  settings: object = {},
  manual: ManualDefinition[] = [],
): Subject<Settings, Secrets> => ({
  connector: lime,
  settings: { address, pageSize: String(PAGE), ...settings },
  secrets: { apiKey: API_KEY },
  manual,
  simulator,
  world,
  pageSize: PAGE,
  pages: 'query/.*"limetype":"participant"',
  listOf: (id) => `campaign:${id}`,
  // Pages and an empty one, the list before and after, the fields.
  plan: (members) => Math.ceil(members / PAGE) + 4,
  checksFields: true,
  nextLinks: false,
  deactivates: false,
  deactivatesContacts: true,
  fields: { birthday: 'birthday', lastName: 'lastname' },
  hideField,
  hideContact,
  changes: { deletions: false },
});

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
});

faultMatrix('Lime', async () => subjectOf(await startLime()));

describe('Lime', () => {
  let site: LimeSimulator;
  beforeAll(async () => {
    site = await startLime();
  });
  afterAll(() => site.simulator.stop());
  beforeEach(() => site.simulator.reset({ contacts: 50 }));

  const open = (settings: object = {}, manual: ManualDefinition[] = []) =>
    openSession(subjectOf(site, settings, manual)).session;
  const manual = (filter: unknown): ManualDefinition[] => [
    { id: 'manual:1', name: 'Ours', definition: JSON.stringify(filter) },
  ];
  const idsWith = (position: string) =>
    [...site.world.contacts.values()]
      .filter((contact) => contact.position === position)
      .map(({ id }) => id)
      .toSorted();

  describe('a campaign', () => {
    it('leaves out who declined, or other statuses of the settings', async () => {
      const [yes, no] = [site.world.addContact(), site.world.addContact()];
      const list = site.world.addList('Party', [yes, no]);
      site.things.statuses.set(`${list}/${no}`, 'decline');
      expect((await readAll(open(), `campaign:${list}`)).ids).toEqual([yes]);
      expect((await readAll(open({ leftOut: 'accept' }), `campaign:${list}`)).ids).toEqual([no]);
      expect((await readAll(open({ leftOut: '' }), `campaign:${list}`)).ids).toEqual([yes, no]);
    });

    it('counts participants whose contact is gone as skipped', async () => {
      const [stays, goes] = [site.world.addContact(), site.world.addContact()];
      const list = site.world.addList('Party', [stays, goes]);
      site.world.deleteContact(goes);
      expect(await readAll(open(), `campaign:${list}`)).toMatchObject({ ids: [stays], end: { seen: 1, skipped: 1 } });
    });

    it('is read to the end, even if the server gives fewer rows than asked for', async () => {
      const members = Array.from({ length: 33 }, () => site.world.addContact()).toSorted();
      const list = site.world.addList('Many', members);
      site.options.most = 7;
      expect((await readAll(open(), `campaign:${list}`)).ids).toEqual(members);
    });

    it('that is deleted in the middle of a read is not half a list', async () => {
      const members = Array.from({ length: 45 }, () => site.world.addContact());
      const list = site.world.addList('Doomed', members);
      let pages = 0;
      site.simulator.beforeAnswer = ({ line }) => {
        if (line.includes('"participant"') && (pages += 1) === 2) site.world.deleteList(list);
      };
      await expect(readAll(open(), `campaign:${list}`)).rejects.toMatchObject({ kind: 'missing' });
    });

    it('of a site with other names of types is found by the settings', async () => {
      await expect(open({ participantType: 'deltagare' }).findList('campaign:1')).resolves.toBeNull();
      const list = site.world.addList('Party', [site.world.addContact()]);
      const reading = readAll(open({ participantType: 'deltagare' }), `campaign:${list}`);
      expect((await failureOf(reading, {})).message).toContain('deltagare');
    });
  });

  it('whose campaigns may not be read still has its filters, and says so', async () => {
    const lists = await open({ campaignType: 'kampanj' }).listLists();
    expect(lists).toMatchObject({ complete: false, notes: [expect.stringContaining('“kampanj”') as string] });
    expect(lists.lists.map(({ kind }) => kind)).toEqual(['filter']);
  });

  describe('a saved filter', () => {
    it.each(['embedded', 'array', 'object'] as const)('is found and read: %s', async (shape) => {
      site.options.filters = shape;
      const { lists, complete } = await open().listLists();
      expect(complete).toBe(true);
      expect(lists.find(({ kind }) => kind === 'filter')).toMatchObject({ externalId: 'filter:1', name: 'CFOs' });
      expect((await readAll(open(), 'filter:1')).ids).toEqual(idsWith('cfo'));
    });

    it('is found on further pages, but not on another host', async () => {
      site.options.filtersPerPage = 1;
      site.filters.push({
        id: 2,
        limetype: 'person',
        name: 'Buyers',
        filter: '{"key":"position","op":"=","exp":"buyer"}',
      });
      expect((await readAll(open(), 'filter:2')).ids).toEqual(idsWith('buyer'));
      site.simulator.faults.set({ kind: 'elsewhere', match: '/filter/' });
      await expect(open().listLists()).rejects.toMatchObject({ kind: 'address' });
    });

    it('that means the reader, or organisations, or a relative date says so', async () => {
      site.filters.push(
        { id: 2, limetype: 'person', name: 'Mine', filter: { key: 'coworker', op: '=', exp: '$me' } },
        { id: 3, limetype: 'company', name: 'Firms', filter: { key: 'name', op: '?', exp: 'AB' } },
        { id: 4, limetype: 'person', name: 'New', filter: { key: '_createdtime', op: '>', exp: { days: -7 } } },
        { id: 5, limetype: 'person', name: 'Odd', filter: { some: 'thing' } },
      );
      const { lists } = await open().listLists();
      const byName = (name: string) => lists.find((list) => list.name === name);
      expect(byName('Mine')?.problem).toContain('$me');
      expect(byName('Firms')).toMatchObject({
        memberType: 'organisation',
        problem: expect.stringContaining('company') as string,
      });
      expect(byName('New')?.caution).toContain('relative date');
      expect(byName('Odd')?.problem).toContain('not a filter expression');
      for (const id of ['filter:2', 'organisation_filter:3', 'filter:5'])
        await expect(readAll(open(), id)).rejects.toMatchObject({ kind: 'refused' });
    });

    it('of organisations is read as their contacts, if the settings say so', async () => {
      site.filters.push({
        id: 3,
        limetype: 'company',
        name: 'Firms',
        filter: { key: 'name', op: '=?', exp: 'nordic' },
      });
      const settings = { organisations: 'contacts', pageSize: '2' };
      expect(await open(settings).findList('organisation_filter:3')).toMatchObject({
        memberType: 'contact',
        name: 'Firms',
      });
      const expected = [...site.world.contacts.values()].filter(({ company }) => company.startsWith('Nordic'));
      expect(expected.length).toBeGreaterThan(4);
      expect((await readAll(open(settings), 'organisation_filter:3')).ids).toEqual(
        expected.map(({ id }) => id).toSorted(),
      );
      expect(
        (await open(settings).listLists()).lists.filter(({ externalId }) => externalId === 'filter:1'),
      ).toHaveLength(1);
    });

    it('of a site without that path is missed, not gone; manual lists are the way', async () => {
      site.options.filters = 'off';
      const lists = await open().listLists();
      expect(lists).toMatchObject({ complete: false, notes: [expect.stringContaining('manual list') as string] });
      expect(lists.lists.length).toBeGreaterThan(0);
      await expect(open().findList('filter:1')).rejects.toMatchObject({ kind: 'missing' });
      expect(await open({ filtersPath: '' }).listLists()).toMatchObject({ complete: true, notes: [] });
    });
  });

  describe('a manual filter', () => {
    it('is read with groups, negation and related objects', async () => {
      const filter = {
        op: 'AND',
        exp: [
          { key: 'position', op: 'IN', exp: ['cfo', 'ceo'] },
          { op: '!', exp: { key: 'company.name', op: '=?', exp: 'nordic' } },
        ],
      };
      const { ids } = await readAll(open({}, manual(filter)), 'manual:1');
      const expected = [...site.world.contacts.values()]
        .filter(({ position, company }) => ['cfo', 'ceo'].includes(position) && !company.startsWith('Nordic'))
        .map(({ id }) => id)
        .toSorted();
      expect(expected.length).toBeGreaterThan(0);
      expect(ids).toEqual(expected);
    });

    it.each([
      ['nonsense', /JSON/],
      ['{"key":"a","op":"~","exp":1}', /not a filter expression/],
      ['{"op":"OR","exp":[{"key":"owner","op":"=","exp":"$me.group"}]}', /\$me/],
      ['{"op":"!"}', /not a filter expression/],
    ])('is refused with words: %s', (definition, words) => {
      expect(lime.manual!.problem(definition)).toMatch(words);
    });

    it('of a server that finds it wrong says what the server says', async () => {
      const reading = readAll(open({}, manual({ key: 'shoesize', op: '=', exp: 42 })), 'manual:1');
      expect((await failureOf(reading, {})).message).toContain("No property 'shoesize'");
    });

    it('that is too long for an address is refused', async () => {
      const long = {
        key: 'email',
        op: 'IN',
        exp: Array.from({ length: 500 }, (_, index) => `person-${index}@example.org`),
      };
      await expect(readAll(open({}, manual(long)), 'manual:1')).rejects.toMatchObject({ kind: 'refused' });
    });
  });

  it('describes the fields that contacts can bring along', async () => {
    const fields = await open().describeFields();
    expect(fields.map(({ name, type }) => `${name} ${type}`)).toEqual(
      expect.arrayContaining([
        'position choice',
        'interests choices',
        'lastcontact date_time',
        'company reference',
        'inactive boolean',
      ]),
    );
    expect(fields.find(({ name }) => name === 'position')?.options).toContainEqual({ value: 'cfo', label: 'CFO' });
    expect(fields.map(({ name }) => name)).not.toContain('history');
  });

  it('gives choices by key, references by id, times in UTC', async () => {
    const id = site.world.addContact({ position: 'cfo', company: 'Nordic Oak' });
    const list = site.world.addList('One', [id]);
    const fields = ['position', 'interests', 'company', 'lastcontact', 'inactive'];
    const { contacts } = await readAll(open(), `campaign:${list}`, fields);
    expect(contacts[0]?.fields).toEqual({
      position: 'cfo',
      interests: ['cfo'],
      company: expect.stringMatching(/^70\d\d$/) as string,
      lastcontact: expect.stringMatching(/^2026-.*Z$/) as string,
      inactive: false,
    });
  });

  it('registers a webhook for contacts and participants, and removes it', async () => {
    const session = open();
    const registered = await session.registerWebhooks!('https://tagwell.example/hook', 'the secret');
    expect([...site.subscriptions.values()]).toMatchObject([{ target_url: 'https://tagwell.example/hook' }]);
    expect([...site.subscriptions.values()][0]?.events).toContain('participant.delete');
    await session.removeWebhooks!(registered);
    await session.removeWebhooks!(registered);
    expect(site.subscriptions.size).toBe(0);
  });

  it('sends webhooks that are believed, and name the contact that changed', () =>
    expectAnnounced({ session: open(), ...site }, (...given) => lime.readWebhook!(...given)));

  it('is believed by its signature only', () => {
    const read = (body: string, secret = 'secret') =>
      lime.readWebhook!({ headers: { 'x-lime-signature': signatureOf(body, 'secret') }, body }, secret);
    const person = JSON.stringify({ event: 'person.update', body: { id: 1_012, limetype: 'person', values: {} } });
    expect(read(person)).toEqual({ contactIds: ['1012'] });
    expect(read(person, 'other')).toBeNull();
    expect(read(person.replace('person"', 'participant"').replace('person"', 'participant"'))).toEqual({
      contactIds: [],
    });
    expect(read('{}')).toEqual({ contactIds: [] });
    expect(lime.readWebhook!({ headers: {}, body: person }, 'secret')).toBeNull();
  });

  it('takes any filter and any delivery without failing', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(lime.manual!.problem(text)).not.toBe('');
        const signature = signatureOf(text, 'secret');
        const headers = { 'x-lime-signature': signature };
        expect(lime.readWebhook!({ headers, body: text }, 'secret')).toEqual({ contactIds: [] });
      }),
    );
  });

  it('needs an address with words for what is wrong', () => {
    const problem = (settings: object) => lime.settings.safeParse(settings).error?.issues[0]?.message;
    expect(problem({ address: 'lime' })).toMatch(/^Enter the address of Lime/);
    expect(problem({ address: 'https://a.example/lime', memberType: 'a b' })).toMatch(/^Enter a name as Lime has it/);
    expect(problem({ address: 'https://a.example/lime', pageSize: '900' })).toBe('Enter a whole number from 1 to 200.');
    expect(lime.settings.parse({ address: 'https://a.example/Lime%20CRM/' })).toMatchObject({
      address: 'https://a.example/Lime%20CRM',
    });
  });
});
