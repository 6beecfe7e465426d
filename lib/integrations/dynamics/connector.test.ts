// The Dynamics 365 connector against a made-up environment.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Attribute } from '@/lib/attributes/schema';
import { startDynamics, type Dynamics, type Throttle } from '@/testing/crm/dynamics';
import { faultMatrix } from '@/testing/crm/fault-matrix';
import { openSession, readChanges, readList, type Subject } from '@/testing/crm/subject';
import { guidOf } from '@/testing/crm/dynamics/site';
import type { CrmList, ManualDefinition, Session } from '../connector';
import { knownById } from '../known-by-id';
import { ConnectionOptionsSchema } from '../schema';
import { memberOf } from '../stage';
import { dynamics as connector } from './connector';
import type { Secrets, Settings } from './settings';

const PAGE = 20;

const subjectOf = ({ simulator, world, site, settings, secrets }: Dynamics): Subject<Settings, Secrets> => ({
  connector,
  settings,
  secrets,
  simulator,
  world,
  pageSize: PAGE,
  pages: world.dynamic ? String.raw`/contacts\?fetchXml` : '/listcontact_association',
  login: '/token',
  listOf: (id) => `contact:${id}`,
  plan: (members) => Math.ceil(members / PAGE) + 3,
  checksFields: true,
  nextLinks: !world.dynamic,
  saysMore: true,
  deactivates: true,
  deactivatesContacts: true,
  fields: { birthday: 'birthdate', lastName: 'lastname' },
  hideField: (name) => site.removeColumn('contact', name),
  changes: { deletions: true, expire: () => simulator.advance(8 * 86_400_000) },
});

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
});

async function startWith(dynamic: boolean): Promise<Subject<Settings, Secrets>> {
  const started = await startDynamics();
  started.site.options.pageSize = PAGE;
  started.world.dynamic = dynamic;
  return subjectOf(started);
}
faultMatrix('Dynamics 365, static lists', () => startWith(false));
faultMatrix('Dynamics 365, dynamic lists', () => startWith(true));

let crm: Dynamics;
let session: Session;

beforeAll(async () => {
  crm = await startDynamics();
});
afterAll(() => crm.simulator.stop());
beforeEach(() => {
  crm.simulator.reset({ contacts: 0, lists: 0 });
  Object.assign(crm.site.options, { pageSize: 5_000, changeTracking: true });
  crm.signIn.expired = false;
  session = open();
});

const open = (more: object = {}, manual: ManualDefinition[] = [], secrets: object = {}) =>
  openSession({
    ...subjectOf(crm),
    settings: { ...crm.settings, ...more },
    secrets: { ...crm.secrets, ...secrets },
    manual,
  }).session;

const listNamed = async (name: string, of = session): Promise<CrmList> => {
  const { lists } = await of.listLists();
  const found = lists.find((list) => list.name === name);
  if (!found) throw new Error(`There is no list ${name}.`);
  return found;
};
const membersOf = async (name: string, fields: string[] = [], of = session) =>
  readList(of, await listNamed(name, of), fields);

/** The calls that the connector made, without signing in. */
const callsTo = (path: string) => crm.simulator.log.filter(({ line }) => line.includes(path));

const fetchOf = (inside: string, attributes = '') =>
  `<fetch ${attributes}><entity name="contact">${inside}</entity></fetch>`;
const filterOn = (condition: string) => fetchOf(`<filter><condition ${condition}/></filter>`);

describe('signing in', () => {
  it('is checked with the lists and the contacts, and names who it is', async () => {
    expect(await session.check()).toEqual({
      ok: true,
      identifies: 'user',
      account: `application user ${crm.site.applicationUser} of ${new URL(crm.simulator.origin).host}`,
      identity: `${crm.site.organisation}/${crm.site.applicationUser}`,
    });
  });

  it.each<[string, () => Session, RegExp]>([
    ['a wrong secret', () => open({}, [], { clientSecret: 'wrong' }), /secret’s value, not its ID.*AADSTS7000215/],
    ['an unknown application', () => open({ clientId: 'other' }), /does not know this application.*AADSTS700016/],
    ['an unknown tenant', () => open({ tenantId: 'other' }), /does not know this tenant.*AADSTS90002/],
    [
      'an expired secret',
      () => {
        crm.signIn.expired = true;
        return open();
      },
      /has expired.*AADSTS7000222/,
    ],
  ])('says what to do about %s', async (_what, opened, words) => {
    const check = await opened().check();
    expect(check).toMatchObject({ ok: false, reason: 'credentials', message: expect.stringMatching(words) as string });
    expect(JSON.stringify(check)).not.toContain(crm.secrets.clientSecret);
  });

  it('says which permission is missing', async () => {
    crm.site.role.hidden = ['list'];
    expect(await session.check()).toMatchObject({
      ok: false,
      reason: 'permission',
      message: expect.stringMatching(/security role.*missing prvRead/) as string,
    });
  });

  it('is done again once when the token ends in the middle of a read, and not for ever', async () => {
    crm.site.options.pageSize = 2;
    crm.site.addStaticList(
      'Five',
      ['A', 'B', 'C', 'D', 'E'].map((name) => crm.site.addContact(`${name} X`)),
    );
    const list = await listNamed('Five');
    crm.simulator.beforeAnswer = ({ line }) => {
      if (line.includes('$skiptoken') && callsTo('/token').length === 1) crm.signIn.endAll();
    };
    expect((await readList(session, list)).end.seen).toBe(5);
    expect(callsTo('/token')).toHaveLength(2);
    crm.simulator.beforeAnswer = ({ line }) => {
      if (!line.includes('/token')) crm.signIn.endAll();
    };
    await expect(membersOf('Five')).rejects.toMatchObject({ kind: 'credentials' });
  });

  it('fetches one token for calls at the same time', async () => {
    await Promise.all([session.listLists(), session.listLists(), session.describeFields()]);
    expect(callsTo('/token')).toHaveLength(1);
  });
});

describe('marketing lists', () => {
  it('are listed with what they are, and what cannot be read says why', async () => {
    const { site } = crm;
    site.addStaticList('Static', [site.addContact('Ada Byron')]);
    site.addDynamicList('Dynamic', filterOn('attribute="department" operator="eq" value="IT"'), { statecode: 1 });
    site.addStaticList('Accounts', [], { code: 1 });
    site.addStaticList('Leads', [], { code: 4 });
    site.addDynamicList('Mine', filterOn('attribute="ownerid" operator="eq-userid"'));
    site.addDynamicList('Recent', filterOn('attribute="createdon" operator="last-x-days" value="30"'));
    const { lists, complete } = await session.listLists();
    expect(complete).toBe(true);
    const byName = Object.fromEntries(lists.map((list) => [list.name, list]));
    expect(byName.Static).toMatchObject({ kind: 'static', memberType: 'contact', active: true });
    expect(byName.Static).toMatchObject({ count: { members: 1, exact: false } });
    expect(byName.Static!.problem).toBeUndefined();
    expect(byName.Dynamic).toMatchObject({ kind: 'dynamic', active: false });
    expect(byName.Dynamic!.definition).toContain('department');
    expect(byName.Accounts).toMatchObject({
      externalId: `account:${guidOf('list Accounts')}`,
      memberType: 'organisation',
      problem: expect.stringMatching(/accounts/) as string,
    });
    expect(byName.Leads).toMatchObject({ memberType: 'lead', problem: expect.stringMatching(/leads/) as string });
    expect(byName.Mine!.problem).toMatch(/“eq-userid”.*application user/);
    expect(byName.Recent).toMatchObject({ caution: expect.stringMatching(/time zone/) as string });
    expect(byName.Recent!.problem).toBeUndefined();
    await expect(readList(session, byName.Mine!)).rejects.toMatchObject({ kind: 'refused' });
  });

  it('are found by id, under a new name too; one that is deleted is gone, one that may not be read is not', async () => {
    const id = crm.site.addStaticList('Old name', []);
    const { externalId } = await listNamed('Old name');
    crm.world.renameList(id, 'New name');
    expect(await session.findList(externalId)).toMatchObject({ externalId, name: 'New name' });
    crm.site.role.hidden = ['list'];
    await expect(session.findList(externalId)).rejects.toMatchObject({ kind: 'permission' });
    crm.site.role.hidden = [];
    crm.world.deleteList(id);
    expect(await session.findList(externalId)).toBeNull();
    crm.simulator.faults.set({ kind: 'missing', match: '/lists' });
    await expect(session.findList(externalId)).rejects.toMatchObject({ kind: 'missing' });
  });
});

describe('members of a static list', () => {
  it('come in pages whose links are opaque, with the same preference each time', async () => {
    crm.site.options.pageSize = 2;
    const ids = ['A', 'B', 'C', 'D', 'E'].map((name) => crm.site.addContact(`${name} X`));
    crm.site.addContact('Not Member');
    crm.site.addStaticList('Five', ids);
    const { ids: found, end } = await membersOf('Five');
    expect(found.toSorted()).toEqual(ids.toSorted());
    expect(end).toEqual({ seen: 5, declared: { members: 5, exact: false }, skipped: 0 });
    const pages = callsTo('listcontact_association');
    expect(pages).toHaveLength(3);
    expect(pages.map(({ headers }) => headers.prefer)).toEqual(Array(3).fill('odata.maxpagesize=5000'));
  });

  it('have their addresses in the configured order, split where one field holds several', async () => {
    const id = crm.site.addContact('Ada Byron', {
      emailaddress1: ' ada@example.org; ADA@work.example ',
      emailaddress2: 'ada@home.example',
      mobilephone: '+46 70 1',
    });
    crm.site.addStaticList('One', [id]);
    const { contacts } = await membersOf('One', [], open({ emailFields: 'emailaddress2, emailaddress1' }));
    expect(contacts).toEqual([
      {
        entity: 'contact',
        id,
        name: 'Ada Byron',
        emails: ['ada@home.example', 'ada@example.org', 'ADA@work.example'],
        phones: ['+46 70 1'],
        fields: {},
        active: true,
      },
    ]);
  });

  it('that were merged name the last survivor and are not active', async () => {
    const [first, second, third] = ['A', 'B', 'C'].map((name) => crm.site.addContact(`${name} X`)) as [
      string,
      string,
      string,
    ];
    crm.site.merge(first, second);
    crm.site.merge(second, third);
    crm.site.addStaticList('Merged', [first, third]);
    const { contacts } = await membersOf('Merged');
    const byId = new Map(contacts.map((contact) => [contact.id, contact]));
    expect(byId.get(first)).toMatchObject({ active: false, mergedInto: third });
    expect(byId.get(third)).toMatchObject({ active: true });
    crm.site.merge(third, first);
    expect((await membersOf('Merged')).contacts).toHaveLength(2);
  });

  it('are all on the list, though the application user sees only some: the count shows that there are more', async () => {
    const [one, other] = [
      crm.site.addContact('A X', { owningbusinessunit: 'north' }),
      crm.site.addContact('B X', { owningbusinessunit: 'south' }),
    ];
    crm.site.addStaticList('Both', [one, other]);
    crm.site.role.businessUnit = 'north';
    const { contacts, end } = await membersOf('Both');
    expect(end).toMatchObject({ seen: 2, declared: { members: 2 } });
    expect(contacts.find(({ id }) => id === other)).toEqual(knownById('contact', other));
    crm.simulator.faults.set({ kind: 'forbidden', match: '/listmembers' });
    await expect(membersOf('Both')).rejects.toMatchObject({
      kind: 'incomplete',
      message: expect.stringMatching(/counts 2 members of “Both”, but shows 1\..*whole organisation/) as string,
    });
  });

  it('are all there, though the count that Dynamics keeps is an old one', async () => {
    const id = crm.site.addContact('Ada Byron');
    const list = crm.site.addStaticList('Counted long ago', [id]);
    crm.site.put('list', { listid: list, membercount: 7 });
    expect((await membersOf('Counted long ago')).end).toMatchObject({ seen: 1 });
  });

  it('of accounts that the user does not see end the read', async () => {
    const { site } = crm;
    const ada = site.addContact('Ada Byron');
    const account = (name: string, more: object = {}) => site.put('account', { name, primarycontactid: ada, ...more });
    site.addStaticList('Accounts', [account('A'), account('B', { owningbusinessunit: 'south' })], { code: 1 });
    site.role.businessUnit = 'north';
    await expect(membersOf('Accounts', [], open({ accounts: 'primary_contact' }))).rejects.toMatchObject({
      kind: 'incomplete',
    });
  });

  it('of accounts are their primary contacts, each once, if the settings say so', async () => {
    const { site } = crm;
    const ada = site.addContact('Ada Byron');
    const account = (name: string, primarycontactid: string | null) => site.put('account', { name, primarycontactid });
    site.addStaticList('Accounts', [account('A', ada), account('B', ada), account('C', null)], { code: 1 });
    const { ids, end } = await membersOf('Accounts', [], open({ accounts: 'primary_contact' }));
    expect(ids).toEqual([ada]);
    expect(end).toEqual({ seen: 1, skipped: 1 });
  });

  it('of leads are leads, with those of the fields that leads have', async () => {
    const { site } = crm;
    const lead = site.put('lead', { fullname: 'Ada Byron', emailaddress1: 'ada@example.org', department: 'IT' });
    site.addStaticList('Leads', [lead], { code: 4 });
    const { contacts } = await membersOf('Leads', ['department', 'birthdate'], open({ leads: true }));
    expect(contacts).toMatchObject([
      { entity: 'lead', id: lead, emails: ['ada@example.org'], fields: { department: 'IT' } },
    ]);
  });
});

describe('members of a dynamic list', () => {
  const people = () =>
    ['A', 'B', 'C', 'D', 'E'].map((name, index) =>
      crm.site.addContact(`${name} X`, { department: index < 4 ? "Nordic's & <co>" : 'Other' }),
    );
  const nordic = filterOn('attribute="department" operator="eq" value="Nordic\'s &amp; &lt;co&gt;"');

  it('are read page by page with cookies that are encoded twice', async () => {
    crm.site.options.pageSize = 2;
    const ids = people();
    crm.site.addDynamicList('Nordic', nordic);
    const { ids: found, end } = await membersOf('Nordic');
    expect(found.toSorted()).toEqual(ids.slice(0, 4).toSorted());
    expect(end).toEqual({ seen: 4, skipped: 0 });
    expect(callsTo('fetchXml')).toHaveLength(2);
    expect(callsTo('fetchXml')[1]!.line).toContain(
      'paging-cookie="&lt;cookie page=&quot;1&quot;&gt;&lt;contactid last=',
    );
  });

  it('keep the values that the answer leaves out: an empty column looks the same as one that was not given', async () => {
    crm.site.addContact('Ada Byron', { department: 'IT', creditlimit: null });
    crm.site.addDynamicList('Everybody', fetchOf(''));
    const { contacts } = await membersOf('Everybody', ['department', 'creditlimit']);
    expect(contacts).toMatchObject([{ fields: { department: 'IT' } }]);
    expect(contacts[0]!.fields).not.toHaveProperty('creditlimit');
    const fields = ['department', 'creditlimit'].map((field) => ({ field, code: field, existing: 'fill' as const }));
    const attributes = new Map(fields.map(({ code }) => [code, { code, type: 'text' } as Attribute]));
    expect(memberOf(contacts[0]!, ConnectionOptionsSchema.parse({ fields }), attributes)).toMatchObject({
      attributes: {},
      fills: { department: 'IT' },
    });
  });

  it('come once each though a join finds them several times, without the columns and the order of the query', async () => {
    crm.site.options.pageSize = 2;
    const ids = people();
    for (const name of ['One', 'Two', 'Three']) crm.site.put('opportunity', { name, parentcontactid: ids[0] });
    crm.site.put('opportunity', { name: 'Four', parentcontactid: ids[1] });
    crm.site.addDynamicList(
      'Joined',
      fetchOf(
        `<all-attributes/><attribute name="numberofchildren"/><order attribute="numberofchildren"/>` +
          `<link-entity name="opportunity" from="parentcontactid" to="contactid" link-type="inner" alias="o">` +
          `<attribute name="name"/><order attribute="name"/><filter><condition attribute="statecode" operator="eq" value="0"/></filter></link-entity>`,
        'version="1.0" output-format="xml-platform" count="2" page="7" returntotalrecordcount="true"',
      ),
    );
    expect((await membersOf('Joined')).ids.toSorted()).toEqual([ids[0], ids[1]].toSorted());
    const { line } = callsTo('fetchXml')[0]!;
    expect(line).toContain('distinct="true"');
    expect(line).not.toMatch(/all-attributes|numberofchildren|returntotalrecordcount/);
  });

  it('are asked for in the body of a batch when the query is long', async () => {
    crm.site.options.pageSize = 3;
    const ids = people();
    const values = Array.from({ length: 200 }, (_, index) => `<value>Department number ${index}</value>`).join('');
    const long = `<filter type="or"><condition attribute="department" operator="in">${values}<value>Other</value></condition>`;
    const more = `<condition attribute="department" operator="like" value="Nordic%"/></filter>`;
    crm.site.addDynamicList('Long', fetchOf(long + more));
    expect((await membersOf('Long')).ids.toSorted()).toEqual(ids.toSorted());
    expect(callsTo('$batch')).toHaveLength(2);
    expect(callsTo('?fetchXml')).toHaveLength(0);
    expect(callsTo('$batch')[0]!.headers['content-type']).toMatch(/^multipart\/mixed; boundary="batch_/);
  });

  it('fail, and do not become fewer, when the query names a column or a table that may not be read', async () => {
    people();
    crm.site.addDynamicList('Nordic', nordic);
    crm.site.addDynamicList(
      'Joined',
      fetchOf('<link-entity name="opportunity" from="parentcontactid" to="contactid" link-type="inner"/>'),
    );
    crm.site.role.hidden = ['opportunity'];
    await expect(membersOf('Joined')).rejects.toMatchObject({ kind: 'permission' });
    crm.site.removeColumn('contact', 'department');
    await expect(membersOf('Nordic')).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/doesn't contain attribute/) as string,
    });
  });

  it('are those of today where the query has a relative date', async () => {
    const day = (date: string) => crm.site.addContact(`On ${date}`, { createdon: `${date}T08:00:00Z` });
    const recent = day('2026-03-20');
    day('2026-01-01');
    const before = new Date(crm.simulator.clock.now());
    expect(before.getUTCFullYear()).toBe(2026);
    crm.site.addDynamicList('Recent', filterOn('attribute="createdon" operator="last-x-days" value="30"'));
    expect((await membersOf('Recent')).ids).toEqual([recent]);
  });
});

describe('a manual list', () => {
  it('is a query in FetchXML', async () => {
    const id = crm.site.addContact('Ada Byron', { department: 'IT' });
    crm.site.addContact('Grace Hopper');
    const definition = filterOn('attribute="department" operator="eq" value="IT"');
    const own = open({}, [{ id: 'manual-7', name: 'IT', definition }]);
    const list = await own.findList('manual-7');
    expect(list).toMatchObject({ kind: 'manual', name: 'IT', memberType: 'contact', definition });
    expect((await readList(own, list!)).ids).toEqual([id]);
    expect(await own.findList('manual-8')).toBeNull();
  });

  it.each<[string, RegExp]>([
    ['select * from contact', /exactly one root/],
    ['<!DOCTYPE fetch [<!ENTITY a "b">]><fetch/>', /DOCTYPE/],
    ['<query/>', /must begin with <fetch>/],
    ['<fetch/>', /exactly one <entity>/],
    ['<fetch><entity name="opportunity"/></fetch>', /does not look for contacts/],
    ['<fetch><entity name="constructor"/></fetch>', /does not look for contacts/],
    [fetchOf('<attribute name="contactid" aggregate="count" alias="n"/>', 'aggregate="true"'), /counts or sums/],
    [
      fetchOf('<filter><filter><condition attribute="ownerid" operator="eq-userteams"/></filter></filter>'),
      /eq-userteams/,
    ],
  ])('%j is refused with the reason', (definition, words) => {
    expect(connector.manual!.problem(definition)).toMatch(words);
  });
});

describe('fields', () => {
  it('have types, labels and options; a label that is missing is its name', async () => {
    const fields = Object.fromEntries((await session.describeFields()).map((field) => [field.name, field]));
    expect(fields.lastname).toMatchObject({ label: 'Last Name', type: 'text', required: true, maxLength: 50 });
    expect(fields.emailaddress2).toMatchObject({ label: 'emailaddress2' });
    expect(fields.gendercode).toMatchObject({
      type: 'choice',
      options: [
        { value: '1', label: 'Male' },
        { value: '2', label: '2' },
      ],
    });
    expect(fields.new_hobbies).toMatchObject({ type: 'choices' });
    expect(fields.birthdate).toMatchObject({ type: 'date' });
    expect(fields.modifiedon).toMatchObject({ type: 'date_time' });
    expect(fields.new_courseat).toMatchObject({ type: 'text' });
    expect(fields.parentcustomerid).toMatchObject({ type: 'reference' });
    // Only shows another column, and cannot be read.
    expect(fields.parentcustomeridname).toBeUndefined();
  });

  it('come normalised', async () => {
    const id = crm.site.addContact('Ada Byron', {
      birthdate: '1990-03-25',
      new_courseat: '2026-03-29T02:30:00Z',
      gendercode: 2,
      new_hobbies: '2,3',
      creditlimit: 12.5,
      donotbulkemail: true,
      parentcustomerid: 'abc',
      modifiedon: '2026-11-25T10:00:00Z',
    });
    crm.site.addStaticList('One', [id]);
    const names = [
      'birthdate',
      'new_courseat',
      'gendercode',
      'new_hobbies',
      'creditlimit',
      'donotbulkemail',
      'parentcustomerid',
      'modifiedon',
      'numberofchildren',
    ];
    const { contacts } = await membersOf('One', names);
    expect(contacts[0]!.fields).toEqual({
      birthdate: '1990-03-25',
      new_courseat: '2026-03-29T02:30:00Z',
      gendercode: '2',
      new_hobbies: ['2', '3'],
      creditlimit: 12.5,
      donotbulkemail: true,
      parentcustomerid: 'abc',
      modifiedon: '2026-11-25T10:00:00.000Z',
      numberofchildren: null,
    });
  });

  it('that are gone stop the read with their name', async () => {
    crm.site.addStaticList('One', []);
    crm.site.removeColumn('contact', 'department');
    await expect(membersOf('One', ['department'])).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/“department”/) as string,
    });
  });
});

describe('changed contacts', () => {
  const changes = (cursor: string | null, fields: string[] = [], of = session) => readChanges(of, cursor, fields);

  it('are all at first, then what changed, then what was deleted, also on later pages', async () => {
    crm.site.options.pageSize = 2;
    const ids = ['A', 'B', 'C', 'D', 'E'].map((name) => crm.site.addContact(`${name} X`));
    const first = await changes(null);
    expect(first.contacts.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    crm.world.changeContact(ids[0]!, { email: 'new@example.org' });
    for (const id of ids.slice(1, 4)) crm.world.deleteContact(id);
    const second = await changes(first.nextCursor);
    expect(second.contacts).toMatchObject([{ id: ids[0], emails: ['new@example.org'] }]);
    expect(second.deletedIds.toSorted()).toEqual(ids.slice(1, 4).toSorted());
    const third = await changes(second.nextCursor);
    expect(third).toMatchObject({ contacts: [], deletedIds: [] });
  });

  it('must all be read again when the token has expired, or other fields are wanted', async () => {
    crm.site.addContact('Ada Byron');
    const { nextCursor } = await changes(null);
    await expect(changes(nextCursor, ['department'])).rejects.toMatchObject({ kind: 'cursor_expired' });
    await expect(changes('nonsense')).rejects.toMatchObject({ kind: 'cursor_expired' });
    crm.simulator.advance(8 * 86_400_000);
    await expect(changes(nextCursor)).rejects.toMatchObject({ kind: 'cursor_expired' });
  });

  it('are found by time where change tracking is off, with an overlap', async () => {
    crm.site.options.changeTracking = false;
    const ada = crm.world.addContact();
    const first = await changes(null);
    expect(first.contacts).toHaveLength(1);
    crm.simulator.advance(3_600_000);
    const grace = crm.world.addContact();
    const second = await changes(first.nextCursor);
    expect(second.contacts.map(({ id }) => id).toSorted()).toEqual([ada, grace].toSorted());
    crm.simulator.advance(3_600_000);
    const third = await changes((await changes(second.nextCursor)).nextCursor);
    expect(third.contacts).toEqual([]);
  });
});

describe('limits', () => {
  it.each<Throttle>(['requests', 'time', 'concurrency'])(
    'of %s are waited for as long as Dynamics says',
    async (kind) => {
      crm.throttle(kind);
      crm.site.addStaticList('Empty', []);
      crm.simulator.faults.set({ kind: 'throttled', match: 'lists', retryAfter: 37, times: 1 });
      await session.listLists();
      const [refused, answered] = callsTo('lists');
      expect(refused!.status).toBe(429);
      expect(answered!.at - refused!.at).toBeGreaterThanOrEqual(37_000);
    },
  );
});

it('Dynamics takes the address that the browser shows, and keeps its first part', () => {
  const { environment } = connector.settings.parse({
    environment: 'https://contoso.crm4.dynamics.com/main.aspx?appid=12#x',
    tenantId: 't',
    clientId: 'c',
  });
  expect(environment).toBe('https://contoso.crm4.dynamics.com');
  expect(connector.settings.safeParse({ environment: 'contoso', tenantId: 't', clientId: 'c' }).success).toBe(false);
});
