// webCRM, against a made-up one.
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultMatrix } from '@/testing/crm/fault-matrix';
import { failureOf, openSession, readAll, type Subject } from '@/testing/crm/subject';
import { startWebcrm, TOKEN, type WebcrmSimulator } from '@/testing/crm/webcrm/simulator';
import { expectAnnounced } from '@/testing/crm/hooks';
import type { ManualDefinition } from '../connector';
import { webcrm } from './connector';
import type { Secrets, Settings } from './settings';

const PAGE = 20;

const subjectOf = (
  { simulator, world, hideField }: WebcrmSimulator,
  settings: object = {},
  manual: ManualDefinition[] = [],
): Subject<Settings, Secrets> => ({
  connector: webcrm,
  settings: { address: simulator.origin, pageSize: String(PAGE), ...settings },
  secrets: { token: TOKEN },
  manual,
  simulator,
  world,
  pageSize: PAGE,
  pages: String.raw`/Overviews/\d+/Persons\?`,
  login: '/Auth/ApiLogin',
  listOf: (id) => `overview:${id}`,
  // Each page twice, with an empty one; the list before and after; the sign-in.
  plan: (members) => 2 * (Math.ceil(members / PAGE) + 1) + 5,
  checksFields: true,
  nextLinks: false,
  deactivates: false,
  deactivatesContacts: false,
  fields: { birthday: 'PersonBirthday', lastName: 'PersonLastName' },
  hideField,
  changes: { deletions: false },
});

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
});

faultMatrix('webCRM', async () => subjectOf(await startWebcrm()));

describe('webCRM', () => {
  let site: WebcrmSimulator;
  beforeAll(async () => {
    site = await startWebcrm();
  });
  afterAll(() => site.simulator.stop());
  beforeEach(() => site.simulator.reset({ contacts: 50 }));

  const open = (settings: object = {}, manual: ManualDefinition[] = []) =>
    openSession(subjectOf(site, settings, manual)).session;
  const readManual = (definition: string, settings: object = {}, fields: string[] = []) =>
    readAll(open(settings, [{ id: 'manual:1', name: 'Ours', definition }]), 'manual:1', fields);
  const idsWhere = (keep: (contact: { position: string; company: string; lastName: string }) => boolean) =>
    [...site.world.contacts.values()]
      .filter(keep)
      .map(({ id }) => id)
      .toSorted();

  describe('signing in', () => {
    it.each([200, 401] as const)('with a wrong token says so, also with status %i', async (status) => {
      site.options.failedLogin = status;
      const subject = { ...subjectOf(site), secrets: { token: '11111111-2222-3333-4444-555555555555' } };
      const check = await openSession(subject).session.check();
      expect(check).toMatchObject({
        ok: false,
        reason: 'credentials',
        message: expect.stringContaining('The application token is unknown') as string,
      });
    });

    it('is repeated after the hour, in the middle of a read', async () => {
      const list = site.world.addList('Long', [...site.world.contacts.keys()]);
      let pages = 0;
      site.simulator.beforeAnswer = ({ line }) => {
        if (line.includes('/Persons?') && (pages += 1) === 2) site.simulator.advance(61 * 60_000);
      };
      expect((await readAll(open(), `overview:${list}`)).ids).toHaveLength(50);
      expect(site.simulator.log.filter(({ line }) => line.includes('ApiLogin'))).toHaveLength(2);
    });

    it('sends the token in the body only', async () => {
      await open().check();
      const login = site.simulator.log.find(({ line }) => line.includes('ApiLogin'));
      expect(login).toMatchObject({ method: 'POST', line: 'POST /Auth/ApiLogin', body: `authCode=${TOKEN}` });
    });
  });

  it('that throttles is waited for, as long as it says', async () => {
    site.options.callsPerMinute = 1;
    const began = site.simulator.clock.now();
    expect((await open().listLists()).lists).toHaveLength(3);
    expect(site.simulator.log.map(({ status }) => status)).toContain(429);
    expect(site.simulator.clock.now() - began).toBeGreaterThanOrEqual(59_000);
  });

  describe('overviews', () => {
    it('of a site that does not show them are missed, not gone; manual lists are the way', async () => {
      site.options.overviews = false;
      const lists = await open({}, [{ id: 'manual:1', name: 'Ours', definition: 'PersonStatus = Active' }]).listLists();
      expect(lists).toMatchObject({
        complete: false,
        notes: [expect.stringContaining('manual lists') as string],
        lists: [{ externalId: 'manual:1', kind: 'manual' }],
      });
      await expect(open().findList('overview:1')).rejects.toMatchObject({ kind: 'missing' });
      expect(await open({ overviewsPath: '' }).listLists()).toEqual({ lists: [], complete: true, notes: [] });
    });

    it('of organisations are named, and not read', async () => {
      site.options.entity = 'Organisation';
      const session = open();
      const [list] = (await session.listLists()).lists;
      expect(list).toMatchObject({
        memberType: 'organisation',
        problem: expect.stringContaining('Organisation') as string,
      });
      await expect(readAll(session, list!.externalId)).rejects.toMatchObject({ kind: 'refused' });
    });

    it('are whole in any order of rows, or the read says that they are not', async () => {
      site.options.unstable = true;
      const result = await readManual('PersonStatus = Active').catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toMatchObject({ kind: 'incomplete' });
      else expect((result as { ids: string[] }).ids).toHaveLength(50);
    });
  });

  describe('a query', () => {
    it('is read with its joins, and ends with an empty page', async () => {
      const { ids } = await readManual(
        "SELECT * FROM Person JOIN Organisation ON (Person.PersonOrganisationId = Organisation.OrganisationId) WHERE OrganisationCountry = 'NO' AND (PersonCustom1 = 'Yes' OR PersonCheckMark1 = 'true')",
      );
      const expected = idsWhere(
        ({ company, position }) => company.startsWith('Nordic') && ['cfo', 'ceo'].includes(position),
      );
      expect(expected.length).toBeGreaterThan(0);
      expect(ids).toEqual(expected);
      expect(site.simulator.log.at(-1)?.line).toContain('ORDER BY PersonId');
    });

    it('may hold quoted names and semicolons', async () => {
      const id = site.world.addContact({ lastName: "O'Brien; junior" });
      expect((await readManual("SELECT * FROM Person WHERE PersonLastName = 'O''Brien; junior';")).ids).toEqual([id]);
    });

    it.each([
      ['SELECT * FROM Person; DELETE FROM Person', /without a semicolon/],
      ["SELECT * FROM Person WHERE PersonLastName = 'O'Brien'", /quotation mark/],
      ['SELECT * INTO x FROM Person UNION SELECT 1 FROM y', /changes nothing/],
      ['SELECT 1', /FROM Person/],
    ])('is refused with words: %s', (definition, words) => {
      expect(webcrm.manual!.problem(definition)).toMatch(words);
    });

    it('that does not select what is needed says which field', async () => {
      const failed = await failureOf(readManual('SELECT PersonId FROM Person'), {});
      expect(failed).toMatchObject({ kind: 'refused', message: expect.stringContaining('PersonEmail') as string });
      expect((await failureOf(readManual('SELECT PersonEmail FROM Person'), {})).message).toContain('PersonId');
    });

    it('that the site finds wrong says what the site says', async () => {
      const failed = await failureOf(readManual('SELECT * FROM Persons'), {});
      expect(failed).toMatchObject({
        kind: 'refused',
        message: expect.stringContaining("Invalid object name 'Persons'") as string,
      });
    });

    it('with a relative date is read, and flagged', async () => {
      const definition = 'SELECT * FROM Person WHERE PersonUpdatedAt >= GETDATE()';
      const { lists } = await open({ overviewsPath: '' }, [{ id: 'manual:1', name: 'New', definition }]).listLists();
      expect(lists[0]?.caution).toContain('relative date');
    });

    it('on a site without queries ends the read, and changes are not offered', async () => {
      site.options.queries = false;
      await expect(readManual('SELECT * FROM Person')).rejects.toMatchObject({
        kind: 'refused',
        message: expect.stringContaining('as conditions') as string,
      });
      expect(open({ queriesPath: '' }).readChanged).toBeUndefined();
      await expect(readManual('SELECT * FROM Person', { queriesPath: '' })).rejects.toMatchObject({ kind: 'refused' });
    });
  });

  describe('conditions', () => {
    it.each<[string, Parameters<typeof idsWhere>[0]]>([
      ['PersonCustom1 = yes', ({ position }) => position === 'cfo'],
      [
        'PersonCustom1 empty\nPersonLastName contains øR',
        ({ position, lastName }) => position !== 'cfo' && lastName === 'Ørsted',
      ],
      [
        'any:\nPersonCheckMark1 = true\nPersonLastName in Curie, Holm',
        ({ position, lastName }) => position === 'ceo' || ['Curie', 'Holm'].includes(lastName),
      ],
      [
        'all:\nOrganisationCountry = DK\nPersonCustom1 notempty',
        ({ position, company }) => position === 'cfo' && !company.startsWith('Nordic'),
      ],
      ['PersonSortOrder >= 0\nPersonSortOrder <= 0.5\nPersonStatus != Guest', () => true],
    ])('are held against everybody: %s', async (definition, keep) => {
      expect(idsWhere(keep).length).toBeGreaterThan(0);
      expect((await readManual(definition)).ids).toEqual(idsWhere(keep));
    });

    it.each([
      ['', /begins with SELECT/],
      ['everybody', /not a condition/],
      ['PersonStatus =', /no value/],
      ['PersonEmail empty yes', /does not need/],
    ])('are refused with words: %s', (definition, words) => {
      expect(webcrm.manual!.problem(definition)).toMatch(words);
    });

    it.each(['PersonStatsu = Active', 'OrganisationLand = DK'])(
      'with a misspelt field are not read: %s',
      async (definition) => {
        await expect(readManual(definition)).rejects.toMatchObject({ kind: 'refused' });
      },
    );
  });

  describe.each([
    ['a query', 'SELECT * FROM Person'],
    ['conditions', 'PersonStatus = Active'],
  ])('a read of %s', (_what, definition) => {
    /** The pages of the list; conditions look at one row first. */
    const pages = String.raw`(script|/Persons).*Size=20\b`;

    it('misses nobody when somebody is deleted in the middle of it', async () => {
      const all = [...site.world.contacts.keys()];
      let seen = 0;
      site.simulator.beforeAnswer = ({ line }) => {
        if (new RegExp(pages).test(line) && (seen += 1) === 2) site.world.deleteContact(all[0]!);
      };
      expect((await readManual(definition)).ids).toEqual(expect.arrayContaining(all.slice(1)));
    });

    it.each(['html', 'truncated', 'empty', 'repeat', 'forbidden'] as const)('is not half a list: %s', async (kind) => {
      site.simulator.faults.set({ kind, match: pages, after: 1 });
      await expect(readManual(definition)).rejects.toMatchObject({
        kind: { repeat: 'incomplete', forbidden: 'permission' }[kind as string] ?? 'unreadable',
      });
    });
  });

  it('has yes or no, choices, days and times as they are meant', async () => {
    const id = site.world.addContact({ position: 'cfo', birthday: '2026-03-29' });
    const list = site.world.addList('One', [id]);
    const fields = [
      'PersonCustom1',
      'PersonCustom2',
      'PersonCheckMark1',
      'PersonStatus',
      'PersonUpdatedAt',
      'PersonDirectPhone',
    ];
    const { contacts } = await readAll(open({ timeZone: 'Europe/Copenhagen' }), `overview:${list}`, fields);
    const updated = new Date(site.world.contact(id).changedAt - 3_600_000).toISOString();
    expect(contacts[0]?.fields).toEqual({
      PersonCustom1: true,
      PersonCustom2: ['Wine', 'Ships'],
      PersonCheckMark1: false,
      PersonStatus: 'Active',
      PersonUpdatedAt: updated,
      PersonDirectPhone: null,
    });
  });

  it('leaves out who has a status of the settings', async () => {
    const [here, resigned] = [site.world.addContact(), site.world.addContact({ active: false })];
    const list = site.world.addList('Two', [here, resigned]);
    const activeIn = async (settings: object) =>
      (await readAll(open(settings), `overview:${list}`)).contacts.filter(({ active }) => active).map(({ id }) => id);
    expect(await activeIn({})).toEqual([here, resigned]);
    expect(await activeIn({ inactiveStatuses: 'Resigned, Other' })).toEqual([here]);
  });

  it('registers a webhook for each kind of change, and removes them', async () => {
    const session = open();
    const registered = await session.registerWebhooks!('https://tagwell.example/hook', 'a/secret');
    expect([...site.hooks.values()].map(({ EventType, TargetUrl }) => `${EventType} ${TargetUrl}`)).toEqual(
      ['Create', 'Update', 'Delete'].map((what) => `${what} https://tagwell.example/hook/a%2Fsecret`),
    );
    await session.removeWebhooks!(registered);
    await session.removeWebhooks!(registered);
    expect(site.hooks.size).toBe(0);
  });

  it('sends webhooks that are believed, and name the contact that changed', () =>
    expectAnnounced({ session: open(), ...site }, (...given) => webcrm.readWebhook!(...given)));

  it('is believed by the secret in the path only', () => {
    const read = (path: string | undefined, body: string) =>
      webcrm.readWebhook!({ headers: {}, body, path }, 'a/secret');
    expect(read('a%2Fsecret', '{"PersonId":12}')).toEqual({ contactIds: ['12'] });
    expect(read('a%2Fsecret', 'anything')).toEqual({ contactIds: [] });
    expect(read('other', '{"PersonId":12}')).toBeNull();
    expect(read(undefined, '{"PersonId":12}')).toBeNull();
  });

  it('takes any definition and any delivery without failing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(webcrm.manual!.problem(text) === null || webcrm.manual!.problem(text) !== '').toBe(true);
        expect(webcrm.readWebhook!({ headers: {}, body: text, path: text }, 'a/secret')).toBeNull();
      }),
    );
    fc.assert(
      fc.property(fc.json(), (body) => {
        expect(webcrm.readWebhook!({ headers: {}, body, path: 'secret' }, 'secret')).not.toBeNull();
      }),
    );
  });

  it('needs settings with words for what is wrong', () => {
    const problem = (settings: object) => webcrm.settings.safeParse(settings).error?.issues[0]?.message;
    expect(problem({ address: 'webcrm' })).toMatch(/^Enter the address of webCRM/);
    expect(problem({ timeZone: 'Mars' })).toMatch(/^Enter a time zone/);
    expect(problem({ queriesPath: 'Queries' })).toMatch(/^Begin the path with a slash/);
    expect(webcrm.settings.parse({})).toMatchObject({
      address: 'https://api.webcrm.com',
      entity: 'Person',
      pageSize: 1_000,
    });
  });
});
