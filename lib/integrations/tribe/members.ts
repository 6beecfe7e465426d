// Reads the members of a list (crm-apis §5.5).
import type { Contacts, CrmList } from '../connector';
import { CrmError } from '../crm-error';
import { EachOnce } from '../each-once';
import { knownById } from '../known-by-id';
import { idOf, type Client, type Query, type Row } from './client';
import { contactsOf, personIdsOf, personQuery, personsById, type Reading } from './contacts';
import { PERSONS } from './fields';
import { partsOf, readManual, sourceOf, type ManualQuery } from './lists';

const RELATIONSHIP = 'Relationship.Person.';

/** All members: persons. A relationship counts as its person; organisations are skipped. Of a person that cannot be read only the id is known. */
export async function* readMembers(client: Client, list: CrmList, reading: Reading): Contacts {
  if (list.kind === 'manual') {
    const { set, filter } = queryOf(list);
    return yield* set === PERSONS
      ? readPersons(client, { ...personQuery(reading), filter }, reading)
      : readMixed(client, set, { select: ['ID', '_Type'], filter }, reading);
  }
  const { kind, id } = partsOf(list.externalId);
  const { set, navigation, memberFilter } = sourceOf(reading.settings, kind);
  if (memberFilter) {
    const filter = memberFilter.replaceAll('{id}', id);
    return yield* readPersons(client, { ...personQuery(reading), filter }, reading);
  }
  return yield* readMixed(client, `${set}(${id})/${navigation}`, { select: ['ID', '_Type'] }, reading);
}

function queryOf({ name, definition = '' }: CrmList): ManualQuery {
  const read = readManual(definition);
  if ('set' in read) return read;
  throw new CrmError('refused', `“${name}” cannot be read. ${read.problem}`);
}

/** Rows that are persons. */
async function* readPersons(client: Client, query: Query, reading: Reading): Contacts {
  const rows = client.readRows(PERSONS, query);
  let seen = 0;
  for (;;) {
    const next = await rows.next();
    if (next.done) return { seen, skipped: 0, ...declared(next.value.count) };
    seen += next.value.length;
    yield await contactsOf(client, next.value, reading);
  }
}

/** Rows of several types: their ids and types first, then the persons. */
async function* readMixed(client: Client, path: string, query: Query, reading: Reading): Contacts {
  const rows = client.readRows(path, query);
  const persons = new EachOnce();
  let [seen, skipped] = [0, 0];
  for (;;) {
    const next = await rows.next();
    if (next.done) return { seen, skipped };
    const { ids, left } = await personIdsIn(client, next.value, path);
    const wanted = persons.fresh(ids, (id) => id);
    const found = await personsById(client, wanted, reading);
    skipped += left;
    seen += wanted.length;
    const given = new Set(found.map(idOf));
    const others = wanted.filter((id) => !given.has(id)).map((id) => knownById('person', id));
    if (wanted.length > 0) yield [...(await contactsOf(client, found, reading)), ...others];
  }
}

/** Compared with what was read already. */
const declared = (members: number | undefined) =>
  members === undefined ? {} : { declared: { members, exact: false } };

/** The persons behind rows of several types. `left`: rows that are no persons. Throws `incomplete` if a relationship does not say whose it is. */
async function personIdsIn(
  client: Client,
  rows: readonly Row[],
  path: string,
): Promise<{ ids: string[]; left: number }> {
  const typeOf = ({ _Type: type }: Row) => (typeof type === 'string' ? type : typeOfSet(path));
  const ids: string[] = [];
  let left = 0;
  for (const type of new Set(rows.map(typeOf))) {
    const own = rows.filter((row) => typeOf(row) === type).map(idOf);
    if (type === 'Relation.Person') ids.push(...own);
    else if (type.startsWith(RELATIONSHIP)) {
      const related = await personIdsOf(client, type.replaceAll('.', '_'), own);
      if (related.length < own.length) throw unknownPersons();
      ids.push(...related);
    } else left += own.length;
  }
  return { ids, left };
}

const unknownPersons = () =>
  new CrmError(
    'incomplete',
    'Tribe names relationships on the list, but does not say whose they are: they were deleted while the list was read, or the application may not read them. Nothing was changed; the next run tries again.',
  );

/** A set's type: Tribe writes it with dots. */
const typeOfSet = (path: string) => path.replaceAll('_', '.');
