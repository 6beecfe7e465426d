// The efficy connector against a made-up efficy of both flavours.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startReceiver } from '@/testing/crm/deliveries';
import { startEfficy, type Efficy } from '@/testing/crm/efficy';
import { SHAPES } from '@/testing/crm/efficy/rpc';
import type { Flavour } from '@/testing/crm/efficy/site';
import { faultMatrix } from '@/testing/crm/fault-matrix';
import { openSession, readAll, readChanges, type Subject } from '@/testing/crm/subject';
import type { ManualDefinition, Session } from '../connector';
import { efficy as connector } from './connector';
import type { Secrets, Settings } from './settings';

const PAGE = 20;

const subjectOf = ({ simulator, site, settings, secrets }: Efficy): Subject<Settings, Secrets> => ({
  connector,
  settings: { ...settings, pageSize: String(PAGE) },
  secrets,
  simulator,
  world: site,
  pageSize: PAGE,
  pages: site.flavour === 'u' ? ' Prof_Cont' : String.raw` in \(:p1`,
  login: ' login ',
  listOf: (id) => `profile:${id}`,
  // The pages of efficy U are numbered, and so read twice, with an empty one each time.
  plan: (members) => (site.flavour === 'u' ? 3 : 1) * Math.ceil((members + 1) / PAGE) + 9,
  nextLinks: false,
  deactivates: false,
  deactivatesContacts: false,
  fields: { birthday: site.names.birthday, lastName: site.names.last },
  hideField: (name) => void site.hidden.add(name),
  hideContact: (id) => void site.unreadable.add(id),
  ...(site.flavour === 'enterprise' && { changes: { deletions: false } }),
});

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
});

faultMatrix('efficy Enterprise', async () => subjectOf(await startEfficy('enterprise')));
faultMatrix('efficy U', async () => subjectOf(await startEfficy('u')));

describe.each<Flavour>(['enterprise', 'u'])('efficy (%s):', (flavour) => {
  let crm: Efficy;
  let session: Session;
  beforeAll(async () => {
    crm = await startEfficy(flavour);
  });
  afterAll(() => crm.simulator.stop());
  beforeEach(() => {
    crm.simulator.reset({ contacts: 0, lists: 0 });
    session = open();
  });

  const open = (more: object = {}, manual: ManualDefinition[] = [], secrets: object = crm.secrets) => {
    const subject = subjectOf(crm);
    const settings = { ...(subject.settings as object), ...more };
    return openSession({ ...subject, settings, secrets: secrets as Record<string, unknown>, manual }).session;
  };
  const calls = (part: string) => crm.simulator.log.filter(({ line }) => line.includes(part));
  const profile = (members: string[] = []) => `profile:${crm.site.addList('Nordic CFOs', members)}`;

  describe('signing in', () => {
    it('is checked by who it is, with a key or with a user and a password', async () => {
      const { host } = new URL(crm.simulator.origin);
      const expected = { ok: true, account: `Tagwell at ${host}`, identity: '/Tagwell', identifies: 'user' };
      expect(await session.check()).toEqual(expected);
      const { user, password } = crm.rpc.credentials;
      expect(await open({}, [], { user, password }).check()).toEqual(expected);
      expect(connector.secrets.safeParse({ user, apiKey: '' }).success).toBe(false);
    });

    it('says that the key is wrong after one more try', async () => {
      expect(await open({}, [], { apiKey: 'another-key' }).check()).toMatchObject({
        ok: false,
        reason: 'credentials',
        message: expect.stringMatching(/white list.*Invalid User/) as string,
      });
      expect(crm.simulator.log).toHaveLength(2);
    });

    it('names what was entered if the password is wrong', async () => {
      const { user } = crm.rpc.credentials;
      expect(await open({}, [], { user, password: 'another' }).check()).toMatchObject({
        reason: 'credentials',
        message: expect.stringMatching(/Check the user and the password\. It said/) as string,
      });
    });

    it('happens once for all calls of a session, and again once when the session has ended', async () => {
      const list = profile([crm.site.addContact()]);
      await Promise.all([session.findList(list), session.listLists(), session.describeFields()]);
      expect(calls(' login ')).toHaveLength(1);
      crm.simulator.advance(60 * 60_000);
      crm.rpc.options.mostSessions = 1;
      const [again] = await Promise.all([readAll(session, list), session.listLists(), session.findList(list)]);
      expect(again.ids).toHaveLength(1);
      expect(calls(' login ')).toHaveLength(2);
    });

    it('leaves no session and no context behind', async () => {
      crm.rpc.options.mostSessions = 1;
      const list = profile([crm.site.addContact()]);
      for (let round = 0; round < 5; round += 1) {
        const own = open();
        await own.listLists();
        await readAll(own, list);
        await own.close();
      }
      expect(crm.rpc.sessions.size).toBe(0);
      expect(crm.rpc.contexts).toBe(0);
      const before = crm.simulator.log.length;
      await open().close();
      expect(crm.simulator.log).toHaveLength(before);
    });
  });

  describe('errors with status 200', () => {
    it.each(SHAPES)('are found in the shape “%s”', async (shape) => {
      crm.rpc.options.shape = shape;
      crm.rpc.options.sql = false;
      const query = `query:${crm.site.addQuery('Broken', () => [])}`;
      const own = open({}, [{ id: 'manual-1', name: 'Broken', definition: '424242' }]);
      await expect(readAll(own, 'manual-1')).rejects.toMatchObject({
        kind: 'refused',
        message: expect.stringMatching(/424242 does not exist/) as string,
      });
      // A session that has ended is one of them too.
      crm.simulator.advance(60 * 60_000);
      crm.rpc.options.sql = true;
      expect((await readAll(own, query)).ids).toEqual([]);
    });

    it('are not taken for no rows: a result without data', async () => {
      const list = profile([crm.site.addContact()]);
      const found = await session.findList(list);
      crm.rpc.withoutData = true;
      const own = open({}, [{ id: 'manual-1', name: 'Any', definition: crm.site.addQuery('Any', () => []) }]);
      await expect(readAll(own, 'manual-1')).rejects.toMatchObject({ kind: 'unreadable' });
      expect(found).not.toBeNull();
    });
  });

  describe('lists', () => {
    it('are profiles and stored queries, with keys as text', async () => {
      const id = crm.site.addList('Nordic CFOs');
      const query = crm.site.addQuery('Last year', () => []);
      const { lists, complete } = await session.listLists();
      expect(lists.map(({ externalId, kind, name }) => [externalId, kind, name])).toEqual([
        [`profile:${id}`, 'profile', 'Nordic CFOs'],
        [`query:${query}`, 'query', 'Last year'],
      ]);
      expect(complete).toBe(true);
    });

    it('that cannot be listed are noted, and not taken for gone; they can be switched off', async () => {
      crm.site.addList('Nordic CFOs');
      crm.rpc.options.lists = false;
      const { lists, complete, notes } = await session.listLists();
      expect(lists).toEqual([]);
      expect(complete).toBe(false);
      expect(notes.join()).toMatch(/Profiles cannot be listed.*Stored queries cannot be listed.*manual lists/s);
      expect(await open({ profiles: false, queries: false }).listLists()).toEqual({
        lists: [],
        complete: true,
        notes: [],
      });
    });
  });

  describe('members', () => {
    const rowOf = (id: string) => crm.site.shown(crm.site.contacts.get(id)!);

    it('of a stored query are its rows, each contact once', async () => {
      const [ada, grace] = [crm.site.addContact(), crm.site.addContact()];
      const query = crm.site.addQuery('Joined', () => [rowOf(ada), rowOf(ada), rowOf(grace)]);
      expect((await readAll(session, `query:${query}`)).ids).toEqual([ada, grace].toSorted());
      expect(calls(' in (')).toHaveLength(0);
    });

    it('are read all the same where the site has no such columns for names, which is tried once', async () => {
      const ids = [crm.site.addContact(), crm.site.addContact(), crm.site.addContact()];
      const query = crm.site.addQuery('Keys', () => ids.map((id) => ({ [crm.site.names.key]: id })));
      crm.site.hidden.add(crm.site.names.first);
      const { contacts } = await readAll(open({ pageSize: 1 }), `query:${query}`);
      expect(contacts.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      expect(contacts.every(({ emails }) => emails.length === 1)).toBe(true);
      const asked = calls(' in (').map(({ line }) => line.includes(crm.site.names.first));
      expect(asked).toEqual([true, false, false, false]);
    });

    it('are read by their keys where the list shows some of the columns only', async () => {
      const ada = crm.site.addContact({ email: 'ada@example.org' });
      const query = crm.site.addQuery('Keys', () => [{ [crm.site.names.key]: ada }]);
      expect((await readAll(session, `query:${query}`)).contacts[0]!.emails).toEqual(['ada@example.org']);
      crm.rpc.options.sql = false;
      const found = await readAll(open({}, [{ id: 'manual-1', name: 'Keys', definition: query }]), 'manual-1');
      expect(found.contacts[0]!.emails).toEqual(['ada@example.org']);
      expect(calls('consultmanyex').length).toBeGreaterThan(0);
    });

    it('of a query without the key of contacts cannot be read; of one that gives an error neither', async () => {
      const companies = crm.site.addQuery('Companies', () => [{ K_COMPANY: '7', NAME: 'Analytical AB' }]);
      await expect(readAll(session, `query:${companies}`)).rejects.toMatchObject({
        kind: 'refused',
        message: expect.stringMatching(/no column “(K_CONTACT|contKey)”/) as string,
      });
    });

    it('have several values, days and times as they are meant', async () => {
      const { birthday, interests, changed } = crm.site.names;
      const ada = crm.site.addContact({ birthday: '1990-03-25' });
      crm.site.changeRow(ada, { [interests]: ';2;3;', [changed]: '2026-07-01T10:00:00' });
      const { contacts } = await readAll(session, profile([ada]), [birthday, interests, changed]);
      expect(contacts[0]!.fields).toEqual({
        [birthday]: '1990-03-25',
        [interests]: ['2', '3'],
        [changed]: '2026-07-01T08:00:00.000Z',
      });
    });

    it('that are switched off say so', async () => {
      const ada = crm.site.addContact({ active: false });
      const { contacts } = await readAll(open({ inactiveField: crm.site.names.inactive }), profile([ada]));
      expect(contacts).toMatchObject([{ id: ada, active: false }]);
    });

    it('need a time zone for times, which the settings can name', async () => {
      const { changed } = crm.site.names;
      const ada = crm.site.addContact();
      crm.site.changeRow(ada, { [changed]: '2026-01-01T10:00:00' });
      crm.rpc.options.timeZone = 'W. Europe Standard Time';
      await expect(readAll(session, profile([ada]), [changed])).rejects.toMatchObject({
        message: expect.stringMatching(/time zone.*settings/) as string,
      });
      const { contacts } = await readAll(open({ timeZone: '+02:00' }), profile([ada]), [changed]);
      expect(contacts[0]!.fields).toEqual({ [changed]: '2026-01-01T08:00:00.000Z' });
    });
  });

  describe('a manual list', () => {
    it('is a stored query with values', async () => {
      const ada = crm.site.addContact();
      const query = crm.site.addQuery('By city', ([city]) =>
        city === 'Paris' ? [crm.site.shown(crm.site.contacts.get(ada)!)] : [],
      );
      const read = (definition: string) => readAll(open({}, [{ id: 'm', name: 'City', definition }]), 'm');
      expect((await read(`${query}|Paris`)).ids).toEqual([ada]);
      expect((await read(`${query}|Oslo`)).ids).toEqual([]);
    });

    it('is SQL, read by the key a page at a time', async () => {
      const ids = Array.from({ length: 2 * PAGE + 1 }, () => crm.site.addContact({ lastName: 'Byron' }));
      crm.site.addContact({ lastName: "O'Brien" });
      const { contacts, last, key } = crm.site.names;
      const definition = `SELECT ${key} FROM ${contacts} WHERE ${last} <> 'O''Brien'`;
      const own = open({}, [{ id: 'm', name: 'SQL', definition }]);
      expect((await readAll(own, 'm')).ids).toEqual(ids.toSorted());
      expect(calls('select * from (')).toHaveLength(4);
      crm.rpc.options.sql = false;
      await expect(readAll(own, 'm')).rejects.toMatchObject({ kind: 'permission' });
    });
  });
});

describe('efficy: manual definitions', () => {
  it.each<[string, RegExp | null]>([
    ['99990034', null],
    ['00010Q0u00001Nvm|Paris|2025', null],
    ["SELECT K_CONTACT FROM CONTACTS WHERE NAME = 'a;b'", null],
    ['SELECT K_CONTACT FROM CONTACTS; DROP TABLE CONTACTS', /one SELECT only/],
    ['SELECT K_CONTACT FROM CONTACTS -- all', /one SELECT only/],
    ['DELETE FROM CONTACTS', /begins with SELECT/],
    ['SELECT K_CONTACT FROM CONTACTS WHERE CITY = :p1', /parameters/],
    ['SELECT K_CONTACT FROM CONTACTS ORDER BY NAME', /ORDER BY/],
  ])('%j: %s', (definition, words) => {
    const problem = connector.manual!.problem(definition);
    if (words) expect(problem).toMatch(words);
    else expect(problem).toBeNull();
  });
});

describe('efficy: addresses', () => {
  it.each([
    ['https://mycompany.efficy.cloud', 'https://mycompany.efficy.cloud/crm'],
    ['https://mycompany.efficy.cloud/crm/', 'https://mycompany.efficy.cloud/crm'],
  ])('%s', (entered, address) => {
    expect(connector.settings.parse({ address: entered }).address).toBe(address);
  });
});

describe('efficy: changed contacts', () => {
  it('are asked for in the time of the database, also when the clocks change', async () => {
    const crm = await startEfficy();
    crm.simulator.reset({ contacts: 0, lists: 0 });
    // 29 March 2026, 01:30 UTC: half an hour after the clocks went forward in Brussels.
    crm.simulator.advance(Date.parse('2026-03-29T01:30:00Z') - crm.simulator.clock.now());
    const { session } = openSession(subjectOf(crm));
    const { nextCursor } = await readChanges(session, null);
    crm.simulator.advance(60_000);
    const id = crm.site.addContact();
    expect((await readChanges(session, nextCursor)).ids).toEqual([id]);
    const asked = crm.simulator.log.filter(({ line }) => line.includes('D_CHANGE >='));
    expect(asked[0]!.body).toContain('2026-03-29T03:25:');
    await crm.simulator.stop();
  });
});

describe('efficy: webhooks', () => {
  it('name the contacts that changed, and are believed with the secret in their address only', async () => {
    const [crm, receiver] = [await startEfficy(), await startReceiver()];
    crm.webhooks.add(`${receiver.address}/the-secret`);
    const id = crm.site.addContact();
    crm.site.changeContact(id, { lastName: 'Changed' });
    crm.site.deleteContact(id);
    await crm.deliveries.settled();
    const hints = (secret: string) => receiver.received.map((delivery) => connector.readWebhook!(delivery, secret));
    expect(hints('the-secret')).toEqual([{ contactIds: [id] }, { contactIds: [id] }, { contactIds: [id] }]);
    expect(hints('another')).toEqual([null, null, null]);
    await Promise.all([crm.simulator.stop(), receiver.stop()]);
  });

  it('may be about other tables, and may be nonsense', () => {
    const read = (body: string) => connector.readWebhook!({ headers: {}, body, path: 'secret' }, 'secret');
    expect(read('{"records":[{"table":"Companies","key":7}]}')).toEqual({ contactIds: [] });
    expect(read('{"records":[{"table":11000,"key":12}]}')).toEqual({ contactIds: ['12'] });
    expect(read('{"records":7}')).toBeNull();
    expect(read('<html>')).toBeNull();
  });
});
