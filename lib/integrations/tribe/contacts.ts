// Persons of Tribe with the addresses of their contact relationships (crm-apis §5.4).
import type { ContactRecord } from '../connector';
import { nameIn } from '../person-name';
import { splitAddresses } from '../split-addresses';
import { idOf, type Client, type Row } from './client';
import { askedFor, CONTACTS, PERSONS, valueOf, type Source } from './fields';
import type { Settings } from './settings';

/** Tribe has no `in`, so ids are joined by `or`: so many keep the URL near 3,000 characters. */
const IDS_OF_A_CALL = 50;
const NAME = ['_Name'];
const EMAILS = ['EmailAddress'];
const PHONES = ['MobilePhoneNumber', 'PhoneNumber'];

/** Which fields to read, and how. */
export type Reading = { settings: Settings; sources: readonly Source[] };

/** The query for persons without a filter. */
export function personQuery({ sources }: Reading) {
  const { select, expand } = askedFor(sources.filter(({ on }) => on === 'person'));
  return { select: [...new Set(['ID', ...NAME, ...EMAILS, ...PHONES, ...select])], expand };
}

/** `field eq a or field eq b`, a few ids at a time. */
function* filtersFor(field: string, ids: readonly string[]): Generator<string, void, void> {
  for (let from = 0; from < ids.length; from += IDS_OF_A_CALL) {
    yield ids
      .slice(from, from + IDS_OF_A_CALL)
      .map((id) => `${field} eq ${id}`)
      .join(' or ');
  }
}

/** Rows of a set by their ids. Those that are gone are absent. */
export async function rowsById(
  client: Client,
  set: string,
  ids: readonly string[],
  query: { select: readonly string[]; expand?: readonly string[] },
): Promise<Row[]> {
  const found: Row[] = [];
  for (const filter of filtersFor('ID', ids)) {
    for await (const rows of client.readRows(set, { ...query, filter })) found.push(...rows);
  }
  return found;
}

/** The contact relationships of persons, by the persons' ids. */
async function relationships(
  client: Client,
  ids: readonly string[],
  { sources }: Reading,
): Promise<Map<string, Row[]>> {
  const { select, expand } = askedFor(sources.filter(({ on }) => on === 'contact'));
  const query = {
    select: [...new Set(['ID', ...EMAILS, ...PHONES, ...select])],
    expand: ['Person($select=ID)', ...expand],
  };
  const found = new Map<string, Row[]>();
  for (const filter of filtersFor('Person/ID', ids)) {
    for await (const rows of client.readRows(CONTACTS, { ...query, filter })) {
      for (const row of rows) {
        const person = idOf(row.Person);
        found.set(person, [...(found.get(person) ?? []), row]);
      }
    }
  }
  return found;
}

/** Persons' rows, with the addresses of their relationships if the connection wants them. */
export async function contactsOf(client: Client, persons: readonly Row[], reading: Reading): Promise<ContactRecord[]> {
  const { settings, sources } = reading;
  const needed = settings.addresses !== 'person_only' || sources.some(({ on }) => on === 'contact');
  const related = needed ? await relationships(client, persons.map(idOf), reading) : new Map<string, Row[]>();
  return persons.map((person) => {
    const id = idOf(person);
    const contacts = related.get(id) ?? [];
    const inOrder = {
      contact_first: [...contacts, person],
      person_first: [person, ...contacts],
      person_only: [person],
    }[settings.addresses];
    const valuesOf = (names: readonly string[]) => inOrder.flatMap((row) => names.map((name) => row[name]));
    return {
      entity: 'person',
      id,
      name: nameIn(person, [NAME]),
      emails: splitAddresses(valuesOf(EMAILS)),
      phones: splitAddresses(valuesOf(PHONES)),
      fields: Object.fromEntries(
        sources
          .map((source) => ({ source, row: source.on === 'person' ? person : contacts[0] }))
          // What the answer leaves out is unknown, not empty.
          .filter(({ source, row }) => row?.[source.wireName] !== undefined)
          .map(({ source, row }) => [source.name, valueOf(row, source)]),
      ),
      active: true,
    };
  });
}

/** Persons by their ids. */
export const personsById = (client: Client, ids: readonly string[], reading: Reading): Promise<Row[]> =>
  rowsById(client, PERSONS, ids, personQuery(reading));

/** The persons of relationships, by the relationships' ids. */
export async function personIdsOf(client: Client, set: string, ids: readonly string[]): Promise<string[]> {
  const rows = await rowsById(client, set, ids, { select: ['ID'], expand: ['Person($select=ID)'] });
  return rows.flatMap(({ Person: person }) => (person ? [idOf(person)] : []));
}
