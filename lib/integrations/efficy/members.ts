// Reads the members of a list (crm-apis §6.6).
import type { Contacts, CrmList } from '../connector';
import { CrmError } from '../crm-error';
import { EachOnce } from '../each-once';
import { numberedPages } from '../numbered-pages';
import type { Client, Row } from './client';
import { contactsOf, keyOf, type Reading } from './contacts';
import { keyset, partsOf, readManual } from './lists';
import type { Settings } from './settings';

/** All members. `exists`: whether the list is still there. */
export async function* readMembers(
  client: Client,
  settings: Settings,
  list: CrmList,
  reading: Reading,
  exists: () => Promise<boolean>,
): Contacts {
  if (list.kind !== 'manual' && !(await exists())) {
    throw new CrmError('missing', `“${list.name}” no longer exists in efficy.`);
  }
  const { contactKey } = reading.names;
  const once = new EachOnce();
  for await (const page of memberRows(client, settings, list, reading)) {
    // A query with a join finds a contact several times.
    const fresh = once.fresh(page, (row) => keyOf(row, contactKey));
    for (let from = 0; from < fresh.length; from += reading.pageSize) {
      const rows = fresh.slice(from, from + reading.pageSize);
      yield await contactsOf(client, rows, reading);
    }
  }
  return { seen: once.seen, skipped: 0 };
}

/** The rows of a list, with the key of a contact each. */
async function* memberRows(
  client: Client,
  settings: Settings,
  list: CrmList,
  { names, pageSize }: Reading,
): AsyncGenerator<Row[], void, void> {
  if (list.kind === 'manual') {
    const read = readManual(list.definition ?? '');
    if ('problem' in read) throw new CrmError('refused', `“${list.name}” cannot be read. ${read.problem}`);
    if ('key' in read) yield await storedQuery(client, read.key, read.values);
    else {
      const { contactKey, beforeFirstKey } = names;
      const sql = `select * from (${read.sql}) members where ${contactKey} > :p1`;
      yield* keyset(client, sql, contactKey, beforeFirstKey, pageSize);
    }
    return;
  }
  const { kind, key } = partsOf(list.externalId);
  if (kind === 'query') yield await storedQuery(client, key, []);
  else if (settings.flavour === 'u') yield* profileOfU(client, key, names.contactKey, pageSize);
  else
    yield await client.rows([
      { '@name': 'consult', entity: 'Prof', key: sentKey(key), closecontext: true },
      { '@name': 'detail', detail: 'Cont' },
    ]);
}

/** Keys are kept as text; those of Enterprise are sent as numbers, as the vendor's client does. */
const sentKey = (key: string): string | number => (/^\d{1,15}$/.test(key) ? Number(key) : key);

/** All rows at once: there is no way to page a stored query. */
const storedQuery = (client: Client, key: string, values: readonly string[]): Promise<Row[]> =>
  client.rows([
    { '@name': 'api' },
    {
      '@name': 'query',
      key: sentKey(key),
      queryparams: values.join('|'),
      recordcount: 0,
      loadblobs: false,
    },
  ]);

/** [I] The relation of profiles and contacts. */
const profileOfU = (client: Client, key: string, contactKey: string, pageSize: number) =>
  numberedPages({
    readPage: (page, size) =>
      client.summary({
        tableName: 'Prof_Cont',
        fields: [contactKey],
        query: [[`profKey = '${key.replaceAll("'", "''")}'`]],
        orderBy: [contactKey],
        nbOfLines: size,
        startIndex: page * size,
      }),
    keyOf: (row) => keyOf(row, contactKey),
    pageSize,
  });
