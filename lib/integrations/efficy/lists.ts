// The lists of efficy: profiles, stored queries and manual lists. How they are listed is not published (crm-apis §6.6 [P]).
import type { CrmList, Lists, ManualDefinition } from '../connector';
import { EachOnce } from '../each-once';
import { manualList } from '../manual-list';
import { numberedPages } from '../numbered-pages';
import type { Client, Row } from './client';
import { isRefusal, keyOf, searchAll } from './contacts';
import type { Names, Settings } from './settings';

/** Rows of a page of lists. */
const PAGE_SIZE = 1_000;

export type ListKindOfEfficy = 'profile' | 'query';

/** A manual definition: a key of a stored query with its values, or SQL. */
export type ManualQuery = { key: string; values: string[] } | { sql: string };

const STORED = /^\s*([0-9A-Za-z]+)\s*((?:\|[^|\n]*)*)$/;
const QUOTED = /'(?:[^']|'')*'/g;

export function readManual(definition: string): ManualQuery | { problem: string } {
  const [, key, values = ''] = STORED.exec(definition) ?? [];
  if (key) return { key, values: values.split('|').slice(1) };
  const plain = definition.replace(QUOTED, "''").trim();
  if (!/^select\s/i.test(plain)) {
    return { problem: 'Write the key of a stored query, such as 99990034, or SQL that begins with SELECT.' };
  }
  if (plain.includes(';') || plain.includes('--') || plain.includes('/*')) {
    return { problem: 'Write one SELECT only, without “;” and without comments.' };
  }
  if (/:p\d/i.test(plain)) return { problem: 'Write the values into the SQL: parameters such as :p1 have none here.' };
  if (/\border\s+by\b(?![^(]*\))/i.test(plain))
    return { problem: 'Leave out ORDER BY: Tagwell reads by the key of the contacts.' };
  return { sql: definition.trim() };
}

function manualListOf(manual: ManualDefinition): CrmList {
  const read = readManual(manual.definition);
  return manualList(manual, 'problem' in read ? read : {});
}

const tableOf = (kind: ListKindOfEfficy, names: Names) => (kind === 'profile' ? names.profiles : names.queries);

const listOf = (row: Row, kind: ListKindOfEfficy, names: Names): CrmList => {
  const { key, name } = tableOf(kind, names);
  const text = row[name];
  return {
    externalId: `${kind}:${keyOf(row, key)}`,
    name: typeof text === 'string' ? text : '',
    kind,
    memberType: kind === 'profile' ? 'contact' : 'mixed',
    active: true,
  };
};

/** The rows of profiles or queries. `key`: only the one with this key. */
async function readRows(
  client: Client,
  settings: Settings,
  names: Names,
  kind: ListKindOfEfficy,
  only?: string,
): Promise<Row[]> {
  const { table, key, name } = tableOf(kind, names);
  if (settings.flavour === 'u') {
    const query = [
      ...(kind === 'profile' ? ['profArchived = 0'] : []),
      ...(only === undefined ? [] : [`${key} = '${only.replaceAll("'", "''")}'`]),
    ];
    const pages = numberedPages({
      readPage: (page, size) =>
        client.summary({
          tableName: table,
          fields: [key, name],
          query: [query],
          orderBy: [key],
          nbOfLines: size,
          startIndex: page * size,
        }),
      keyOf: (row) => keyOf(row, key),
      pageSize: PAGE_SIZE,
    });
    return collected(pages);
  }
  try {
    if (only !== undefined)
      return await client.sql(`select ${key}, ${name} from ${table} where ${key} = :p1`, [only], 0);
    return await collected(
      keyset(client, `select ${key}, ${name} from ${table} where ${key} > :p1`, key, names.beforeFirstKey, PAGE_SIZE),
    );
  } catch (error) {
    if (kind === 'query' || !isRefusal(error)) throw error;
    const found = await client.rows([searchAll('Prof'), { '@name': 'master' }]);
    return only === undefined ? found : found.filter((row) => keyOf(row, key) === only);
  }
}

async function collected(pages: AsyncIterable<Row[]>): Promise<Row[]> {
  const found: Row[] = [];
  for await (const page of pages) found.push(...page);
  return found;
}

/**
 * Pages by key: `sql` ends in the condition that the key is beyond `:p1`. Only an empty page is the end: the server may give fewer rows
 * than it is asked for.
 */
export async function* keyset(
  client: Client,
  sql: string,
  key: string,
  beforeFirst: string,
  size: number,
  ...values: readonly string[]
): AsyncGenerator<Row[], void, void> {
  const once = new EachOnce();
  for (let last = beforeFirst; ;) {
    const rows = await client.sql(`${sql} order by ${key}`, [last, ...values], size);
    if (rows.length === 0) return;
    once.take(rows, (row) => keyOf(row, key));
    yield rows;
    last = keyOf(rows.at(-1)!, key);
  }
}

/** All lists. What the user may not list is noted, and then the read is not complete. */
export async function listLists(
  client: Client,
  settings: Settings,
  names: Names,
  manual: readonly ManualDefinition[],
): Promise<Lists> {
  const lists: CrmList[] = [];
  const notes: string[] = [];
  const kinds: [ListKindOfEfficy, boolean][] = [
    ['profile', settings.profiles],
    ['query', settings.queries],
  ];
  for (const [kind, wanted] of kinds) {
    if (!wanted) continue;
    try {
      lists.push(...(await readRows(client, settings, names, kind)).map((row) => listOf(row, kind, names)));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const what = kind === 'profile' ? 'Profiles' : 'Stored queries';
      notes.push(
        `${what} cannot be listed. ${error.message} Switch them off in the settings of the connection, and add them as manual lists.`,
      );
    }
  }
  return { lists: [...lists, ...manual.map(manualListOf)], complete: notes.length === 0, notes };
}

/** A list as it is now, or null if it is gone. */
export async function findList(
  client: Client,
  settings: Settings,
  names: Names,
  manual: readonly ManualDefinition[],
  externalId: string,
): Promise<CrmList | null> {
  const definition = manual.find(({ id }) => id === externalId);
  if (definition) return manualListOf(definition);
  const { kind, key } = partsOf(externalId);
  const [row] = await readRows(client, settings, names, kind, key);
  return row ? listOf(row, kind, names) : null;
}

export function partsOf(externalId: string): { kind: ListKindOfEfficy; key: string } {
  const [kind = '', key = ''] = externalId.split(':');
  return { kind: kind === 'query' ? 'query' : 'profile', key };
}
