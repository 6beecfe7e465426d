// The Tribe connector against a made-up site.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startReceiver } from '@/testing/crm/deliveries';
import { faultMatrix } from '@/testing/crm/fault-matrix';
import { openSession, readAll, readChanges, readList, type Subject } from '@/testing/crm/subject';
import { startTribe, type Tribe } from '@/testing/crm/tribe';
import { SHOE_SIZE } from '@/testing/crm/tribe/schema';
import { guidOf } from '@/testing/crm/tribe/site';
import type { ManualDefinition, Session } from '../connector';
import { parseXml } from '../xml';
import { tribe as connector } from './connector';
import { metadataOf } from './metadata';
import type { Secrets, Settings } from './settings';

const PAGE = 100;

const subjectOf = ({ simulator, site, settings, secrets }: Tribe): Subject<Settings, Secrets> => ({
  connector,
  settings,
  secrets,
  simulator,
  world: site,
  pageSize: PAGE,
  pages: String.raw`/Selection\([^)]*\)/Relations`,
  login: '/oauth2/token',
  listOf: (id) => `selection:${id}`,
  // Each page twice, and for each 50 of its members the persons and their relationships.
  plan: (members) => 2 * Math.ceil((members + 1) / PAGE) + 2 * (Math.ceil(members / 50) + 1) + 2,
  nextLinks: false,
  deactivates: false,
  deactivatesContacts: false,
  fields: { birthday: 'BirthDate', lastName: 'LastName' },
  hideField: (name) => void site.hidden.add(`Relation_Person.${name}`),
  hideContact: (id) => site.hidePerson(id),
  changes: { deletions: false },
});

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
});

faultMatrix('Tribe', async () => subjectOf(await startTribe()));

let crm: Tribe;
let session: Session;

beforeAll(async () => {
  crm = await startTribe();
});
afterAll(() => crm.simulator.stop());
beforeEach(() => {
  crm.simulator.reset({ contacts: 0, lists: 0 });
  session = open();
});

const open = (more: object = {}, manual: ManualDefinition[] = []) =>
  openSession({ ...subjectOf(crm), settings: { ...crm.settings, ...more }, manual }).session;
const callsTo = (path: string) => crm.simulator.log.filter(({ line }) => line.includes(path));
const members = async (list: string, fields: string[] = [], of = session) => readAll(of, `selection:${list}`, fields);

describe('Tribe: signing in', () => {
  it('sends the credentials in the body, with the organisation if there is one', async () => {
    expect(await open({ organizationId: crm.organisation }).check()).toMatchObject({ ok: true, account: 'Tagwell' });
    const form = new URLSearchParams(callsTo('/oauth2/token')[0]!.body);
    expect(Object.fromEntries(form)).toMatchObject({ scope: 'read', organization_id: crm.organisation });
    expect(await open({ organizationId: 'other' }).check()).toMatchObject({
      ok: false,
      reason: 'credentials',
      message: expect.stringMatching(/organisation ID.*Unknown organization/) as string,
    });
  });

  it('says that the client id or the secret is wrong', async () => {
    expect(await open({ clientId: 'other' }).check()).toMatchObject({ ok: false, reason: 'credentials' });
  });
});

describe('Tribe: pages', () => {
  it('have a hundred rows, whatever Tribe holds: they are counted', async () => {
    const ids = Array.from({ length: 200 }, () => crm.site.addContact());
    const list = crm.site.addList('Two pages', ids);
    expect((await members(list)).ids).toHaveLength(200);
    expect(callsTo(')/Relations').map(({ url }) => url.searchParams.get('$skip'))).toEqual(['0', '100', '0', '100']);
  });

  it('that stay fewer than the count end the read', async () => {
    const list = crm.site.addList('Miscounted', [crm.site.addContact()]);
    crm.site.countedTooMany = 1;
    await expect(members(list)).rejects.toMatchObject({ kind: 'incomplete' });
    expect(callsTo(')/Relations')).toHaveLength(8);
  });

  it('never ask with “in” or “has”', async () => {
    await members(crm.site.addList('One', [crm.site.addContact()]));
    for (const { url } of callsTo('$filter')) expect(url.searchParams.get('$filter')).not.toMatch(/\b(in|has)\b/);
  });
});

describe('Tribe: lists', () => {
  it('are selections, labels and campaigns, as far as the site has them', async () => {
    crm.site.addList('Nordic CFOs');
    crm.site.add('Label', { _Name: 'VIP', Relations: [] });
    crm.site.add('Activity_Campaign', { _Name: 'Spring', Participants: [] });
    const { lists, complete, notes } = await session.listLists();
    expect(lists.map(({ kind, name }) => [kind, name])).toEqual([
      ['selection', 'Nordic CFOs'],
      ['label', 'VIP'],
      ['campaign', 'Spring'],
    ]);
    expect({ complete, notes }).toEqual({ complete: true, notes: [] });
  });

  it('that the site does not publish are not taken for gone: candidates are named, and manual lists stay', async () => {
    const id = crm.site.addList('Nordic CFOs');
    crm.site.hidden.add('Selection');
    const own = open({}, [{ id: 'manual-1', name: 'Everyone', definition: 'Relation_Person' }]);
    const { lists, complete, notes } = await own.listLists();
    expect(lists.map(({ name }) => name)).toEqual(['Everyone']);
    expect(complete).toBe(false);
    expect(notes.join()).toMatch(/no entity set “Selection”.*Label \(members: Relations\).*manual list/);
    await expect(own.findList(`selection:${id}`)).rejects.toMatchObject({ kind: 'missing' });
    expect(await open({ listSet: '' }).listLists()).toMatchObject({ complete: true, notes: [] });
  });

  it('may be in another set, found by a filter on persons', async () => {
    const person = crm.site.addContact();
    crm.site.addContact();
    const label = crm.site.add('Label', { _Name: 'VIP', Relations: [person] });
    crm.site.change('Relation_Person', person, { Labels: [label] });
    const own = open({
      listSet: 'Label',
      listNameField: '_Name',
      memberFilter: 'Labels/any(l: l/ID eq {id})',
      labelSet: '',
    });
    expect((await readAll(own, `selection:${label}`)).ids).toEqual([person]);
  });
});

describe('Tribe: members', () => {
  it('of several types are persons: relationships count as theirs, organisations are left out', async () => {
    const [ada, grace] = [crm.site.addContact(), crm.site.addContact()];
    const relationship = crm.site.addRelationship(grace);
    const again = crm.site.addRelationship(ada);
    const organisation = crm.site.add('Relation_Organization', { Name: 'Analytical AB' });
    const list = crm.site.addList('Mixed', [ada, relationship, again, organisation]);
    const { ids, end } = await members(list);
    expect(ids).toEqual([ada, grace].toSorted());
    expect(end).toMatchObject({ seen: 2, skipped: 1 });
  });

  it('of relationships that do not say whose they are end the read', async () => {
    const alan = crm.site.addContact();
    const list = crm.site.addList('Mixed', [crm.site.addContact(), crm.site.addRelationship(alan)]);
    crm.site.deleteContact(alan);
    await expect(members(list)).rejects.toMatchObject({ kind: 'incomplete' });
  });

  it('have the addresses of their contact relationships and their own, in the configured order', async () => {
    const ada = crm.site.addContact({ email: 'ada@home.example', phone: '1' });
    crm.site.addRelationship(ada, { EmailAddress: 'ada@work.example', PhoneNumber: '2', Department: 'IT' });
    crm.site.addRelationship(ada, { EmailAddress: 'ada@other.example; info@other.example' });
    const list = crm.site.addList('One', [ada]);
    const emailsWith = async (addresses: string) => (await members(list, [], open({ addresses }))).contacts[0]!.emails;
    const business = (await emailsWith('contact_first')).slice(0, 3);
    expect(business.toSorted()).toEqual(['ada@other.example', 'ada@work.example', 'info@other.example']);
    expect(await emailsWith('contact_first')).toEqual([...business, 'ada@home.example']);
    expect(await emailsWith('person_first')).toEqual(['ada@home.example', ...business]);
    const before = callsTo('Relationship_').length;
    expect(await emailsWith('person_only')).toEqual(['ada@home.example']);
    expect(callsTo('Relationship_')).toHaveLength(before);
  });
});

describe('Tribe: a manual list', () => {
  it('is an entity set and a filter, whose text functions ignore case', async () => {
    const son = crm.site.addContact({ lastName: "O'HanSON & co" });
    crm.site.addContact({ lastName: 'Byron' });
    const definition = "Relation_Person?$filter=contains(LastName,'o''hanson & co') and not (EmailAddress eq null)";
    const own = open({}, [{ id: 'manual-1', name: 'Sons', definition }]);
    const list = await own.findList('manual-1');
    expect(list).toMatchObject({ externalId: 'manual-1', kind: 'manual', definition });
    expect((await readList(own, list!)).ids).toEqual([son]);
  });

  it('may be of relationships', async () => {
    const ada = crm.site.addContact();
    crm.site.addRelationship(ada, { Department: 'IT' });
    crm.site.addRelationship(crm.site.addContact(), { Department: 'HR' });
    const definition = "Relationship_Person_Contact_Standard?$filter=Department eq 'it'";
    const own = open({}, [{ id: 'manual-1', name: 'IT', definition }]);
    expect((await readAll(own, 'manual-1')).ids).toEqual([ada]);
  });

  it.each<[string, RegExp | null]>([
    ["Relation_Person?$filter=LastName in ('A','B')", /does not support “in”/],
    ["Relation_Person?$filter=Kind has Tribe.Kind'A'", /does not support “has”/],
    ['Relation_Organization', /does not hold persons/],
    ['$metadata', /Write an entity set/],
    ["Relation_Person?$filter=LastName eq 'born in (Oslo)'", null],
  ])('%j: %s', (definition, words) => {
    const problem = connector.manual!.problem(definition);
    if (words) expect(problem).toMatch(words);
    else expect(problem).toBeNull();
  });

  it('that Tribe refuses fails with its words', async () => {
    const own = open({}, [{ id: 'manual-1', name: 'Bad', definition: 'Relation_Person?$filter=Nonsense eq' }]);
    const words = expect.stringMatching(/breaks off/) as string;
    await expect(readAll(own, 'manual-1')).rejects.toMatchObject({ kind: 'refused', message: words });
    crm.site.unsupported = 501;
    const other = open({ listFilter: "Name in ('A')" });
    await expect(other.listLists()).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/'in'/) as string,
    });
  });
});

describe('Tribe: fields', () => {
  it('come from the description of the site, with choices and custom fields', async () => {
    const fields = Object.fromEntries((await session.describeFields()).map((field) => [field.name, field]));
    expect(fields.LastName).toMatchObject({ type: 'text', required: true, maxLength: 255 });
    expect(fields.BirthDate).toMatchObject({ type: 'date' });
    expect(fields[SHOE_SIZE]).toMatchObject({ type: 'integer' });
    expect(fields.Gender).toMatchObject({ type: 'choice', options: [{ value: 'F', label: 'Female' }] });
    expect(fields.Interests).toMatchObject({ type: 'choices' });
    expect(fields['contact.Department']).toMatchObject({ type: 'text', label: 'Department (contact person)' });
    expect(fields.Person).toBeUndefined();
  });

  it('come normalised: choices as their code, or as their id', async () => {
    const ada = crm.site.addContact({ birthday: '1990-03-25' });
    crm.site.change('Relation_Person', ada, {
      Gender: guidOf('female'),
      Interests: [guidOf('sailing'), guidOf('no code')],
      NoMailing: true,
      [SHOE_SIZE]: 38,
    });
    crm.site.addRelationship(ada, { Department: 'IT' });
    const names = ['BirthDate', 'Gender', 'Interests', 'NoMailing', SHOE_SIZE, 'contact.Department', 'FirstName'];
    const { contacts } = await members(crm.site.addList('One', [ada]), names);
    expect(contacts[0]!.fields).toEqual({
      BirthDate: '1990-03-25',
      Gender: 'F',
      Interests: ['SAIL', guidOf('no code')],
      NoMailing: true,
      [SHOE_SIZE]: 38,
      'contact.Department': 'IT',
      FirstName: 'Ada',
    });
  });

  it('are not guessed from a description that is broken or has a document type', () => {
    expect(() => metadataOf(parseXml('<!DOCTYPE a><edmx:Edmx/>'))).toThrow(/DOCTYPE/);
    crm.simulator.faults.set({ kind: 'truncated', match: 'metadata' });
    return expect(session.describeFields()).rejects.toMatchObject({ kind: 'unreadable' });
  });
});

describe('Tribe: changed contacts', () => {
  it('are those whose business address changed, too', async () => {
    const ada = crm.site.addContact();
    const relationship = crm.site.addRelationship(ada, { EmailAddress: 'old@work.example' });
    crm.simulator.advance(3_600_000);
    const { nextCursor } = await readChanges(session, null);
    crm.simulator.advance(3_600_000);
    crm.site.change('Relationship_Person_Contact_Standard', relationship, { EmailAddress: 'new@work.example' });
    const changes = await readChanges(session, nextCursor);
    expect(changes.contacts).toMatchObject([
      { id: ada, emails: expect.arrayContaining(['new@work.example']) as string[] },
    ]);
  });
});

describe('Tribe: limits', () => {
  it('are waited for a minute and longer, without a Retry-After, so that Tribe does not block', async () => {
    crm.simulator.faults.set({ kind: 'throttled', match: '/Selection', times: 4 });
    await session.listLists();
    const times = callsTo('/Selection?').map(({ at }) => at);
    expect(times).toHaveLength(5);
    times.slice(1).forEach((at, index) => expect(at - times[index]!).toBeGreaterThanOrEqual(60_000));
  });
});

describe('Tribe: webhooks', () => {
  const SECRET = 'a secret of the webhook';
  const ADDRESS = 'https://tagwell.example/hooks/1';

  it('are registered for persons and their relationships, and removed', async () => {
    const own = open({ scope: 'read write' });
    const ids = await own.registerWebhooks!(ADDRESS, SECRET);
    expect([...crm.webhooks.values()]).toMatchObject([
      {
        id: ids[0],
        entityType: 'Relation.Person',
        webhookUrl: ADDRESS,
        headers: [{ name: 'x-tagwell-secret', value: SECRET }],
      },
      { id: ids[1], entityType: 'Relationship.Person.Contact.Standard' },
    ]);
    await own.removeWebhooks!([...ids, 'gone before']);
    expect(crm.webhooks.size).toBe(0);
  });

  it('are for persons only where the site has none for relationships', async () => {
    crm.site.relationsOnly = true;
    expect(await open({ scope: 'read write' }).registerWebhooks!(ADDRESS, SECRET)).toHaveLength(1);
    expect([...crm.webhooks.values()].map(({ entityType }) => entityType)).toEqual(['Relation.Person']);
  });

  it('need the permission to write', async () => {
    await expect(session.registerWebhooks!(ADDRESS, SECRET)).rejects.toMatchObject({ kind: 'permission' });
  });

  it('arrive when persons and relationships change', async () => {
    const receiver = await startReceiver();
    const own = open({ scope: 'read write' });
    await own.registerWebhooks!(receiver.address, SECRET);
    const ada = crm.site.addContact();
    crm.site.changeContact(ada, { lastName: 'Changed' });
    crm.site.addRelationship(ada);
    await crm.deliveries.settled();
    await receiver.stop();
    const hints = (secret: string) => receiver.received.map((delivery) => connector.readWebhook!(delivery, secret));
    const expected = [{ contactIds: [ada] }, { contactIds: [ada] }, { contactIds: [] }];
    expect(hints(SECRET)).toHaveLength(3);
    expect(hints(SECRET)).toEqual(expect.arrayContaining(expected));
    expect(hints('another')).toEqual([null, null, null]);
  });

  it('are believed with the secret in their header only', () => {
    const body = JSON.stringify({ webhookId: '1', payload: { mutation: 'entityUpdate', entityId: 'ABC' } });
    const read = (headers: Record<string, string>, text = body) =>
      connector.readWebhook!({ headers, body: text }, SECRET);
    expect(read({ 'X-Tagwell-Secret': SECRET })).toEqual({ contactIds: ['abc'] });
    expect(read({ 'x-tagwell-secret': SECRET }, '{"payload":{"relationshipId":"1"}}')).toEqual({ contactIds: [] });
    expect(read({ 'x-tagwell-secret': 'wrong' })).toBeNull();
    expect(read({})).toBeNull();
    expect(read({ 'x-tagwell-secret': SECRET }, 'not JSON')).toBeNull();
  });
});
