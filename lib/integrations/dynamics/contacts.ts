// Contacts and leads as rows of Dataverse, and the reads that find them (crm-apis §4.4 to §4.6).
import { z } from 'zod';
import type { ContactRecord } from '../connector';
import { CrmError } from '../crm-error';
import { nameIn } from '../person-name';
import { splitAddresses } from '../split-addresses';
import { valuesIn } from '../wire-values';
import { circles, PAGE_SIZE, rowAs, type Client, type Page, type Row } from './client';
import { MEMBER_TABLES, readCookie, rowsWithIds, writePage, type MemberQuery, type MemberTable } from './fetch-xml';
import { valueOf, type Column } from './fields';
import type { Settings } from './settings';

/** Rows of a query by their ids. The query is sent in a batch, whose URL may be long. */
const IDS_OF_A_QUERY = 500;
/** Contacts are merged into contacts that were merged. More steps than this are a circle. */
const LONGEST_CHAIN = 20;

/** The tables whose rows are persons. */
export type PersonTable = Exclude<MemberTable, 'account'>;

const BaseRow = z.object({
  statecode: z.number(),
  merged: z.boolean().nullish(),
  _masterid_value: z.string().nullish(),
});

/** How rows of a table become contacts, with some of their fields. */
export type Reading = { table: PersonTable; columns: Column[]; settings: Settings };

/** The columns to ask for. */
export function selectOf({ table, columns, settings }: Reading): string[] {
  const { emailFields, phoneFields } = settings;
  const base = [MEMBER_TABLES[table].key, 'fullname', 'statecode', 'merged', '_masterid_value'];
  return [...new Set([...base, ...emailFields, ...phoneFields, ...columns.map(({ column }) => column)])];
}

/** FetchXML names a lookup without what OData puts around it. */
export const attributesOf = (reading: Reading): string[] =>
  selectOf(reading).map((column) => /^_(.+)_value$/.exec(column)?.[1] ?? column);

/** The row's id. Throws `unreadable` if it has none. */
export function idOf(row: Row, table: MemberTable): string {
  const id = row[MEMBER_TABLES[table].key];
  if (typeof id === 'string' && id !== '') return id.toLowerCase();
  throw new CrmError(
    'unreadable',
    'Dynamics sent a row without an id, so the read cannot be trusted. Try again later.',
  );
}

function contactOf(row: Row, { table, columns, settings }: Reading): ContactRecord {
  const id = idOf(row, table);
  const { statecode, merged, _masterid_value: master } = rowAs(BaseRow, row);
  return {
    entity: table,
    id,
    name: nameIn(row, [['fullname']]),
    emails: splitAddresses(settings.emailFields.map((name) => row[name])),
    phones: splitAddresses(settings.phoneFields.map((name) => row[name])),
    fields: valuesIn(row, columns, ({ column }) => column, valueOf),
    active: statecode === 0 && merged !== true,
    ...(merged === true && master && { mergedInto: master.toLowerCase() }),
  };
}

/** Contacts of rows. Those that were merged know the last contact of the chain. That a merge sets `merged` and `masterid` is [I] (§4.5). */
export async function contactsOf(client: Client, rows: readonly Row[], reading: Reading): Promise<ContactRecord[]> {
  const contacts = rows.map((row) => contactOf(row, reading));
  let open = contacts.filter(({ mergedInto }) => mergedInto !== undefined);
  for (let step = 0; open.length > 0 && step < LONGEST_CHAIN; step += 1) {
    const masters = await rowsById(
      client,
      reading.table,
      [...new Set(open.map(({ mergedInto }) => mergedInto!))],
      ['statecode', 'merged', 'masterid'],
    );
    open = open.filter((contact) => {
      const master = masters.get(contact.mergedInto!);
      const next = master?.merged === true ? master._masterid_value : null;
      if (typeof next !== 'string' || next.toLowerCase() === contact.id) return false;
      contact.mergedInto = next.toLowerCase();
      return true;
    });
  }
  return contacts;
}

/** Rows by their ids. Those that are gone are absent. */
export async function rowsById(
  client: Client,
  table: MemberTable,
  ids: readonly string[],
  attributes: readonly string[],
): Promise<Map<string, Row>> {
  const found = new Map<string, Row>();
  for (let from = 0; from < ids.length; from += IDS_OF_A_QUERY) {
    const query = rowsWithIds(table, ids.slice(from, from + IDS_OF_A_QUERY));
    for await (const page of readQuery(client, query, [MEMBER_TABLES[table].key, ...attributes])) {
      for (const row of page.value) found.set(idOf(row, table), row);
    }
  }
  return found;
}

/** All pages of a query. Throws `incomplete` if they go round in circles. */
export async function* readQuery(
  client: Client,
  query: MemberQuery,
  attributes: readonly string[],
): AsyncGenerator<Page, void, void> {
  const columns = [...new Set(attributes)];
  const cookies = new Set<string>();
  let cookie: string | undefined;
  for (let page = 1; ; page += 1) {
    const fetchXml = writePage(query, { columns, page, size: PAGE_SIZE, cookie });
    const answer = await client.fetchPage(MEMBER_TABLES[query.table].set, fetchXml);
    yield answer;
    if (answer['@Microsoft.Dynamics.CRM.morerecords'] !== true) return;
    cookie = cookieOf(answer);
    if (cookie === undefined) continue;
    if (cookies.has(cookie)) throw circles();
    cookies.add(cookie);
  }
}

function cookieOf(page: Page): string | undefined {
  const annotation = page['@Microsoft.Dynamics.CRM.fetchxmlpagingcookie'];
  if (annotation === undefined) return undefined;
  try {
    return readCookie(annotation);
  } catch (error) {
    throw new CrmError('unreadable', 'Dynamics sent a paging cookie that cannot be read. Try again later.', {
      cause: error,
    });
  }
}
