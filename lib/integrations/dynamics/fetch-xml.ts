// FetchXML: the queries of dynamic marketing lists and of manual lists, made into reads of their members (crm-apis §4.4, §4.6).
import { childrenOf, descendantsOf, parseXml, writeXml, type XmlElement } from '../xml';

/** The tables whose rows can be members. */
export const MEMBER_TABLES = {
  account: { set: 'accounts', key: 'accountid' },
  contact: { set: 'contacts', key: 'contactid' },
  lead: { set: 'leads', key: 'leadid' },
} as const;
export type MemberTable = keyof typeof MEMBER_TABLES;

/** Whose rows a query finds, and how. */
export type MemberQuery = { table: MemberTable; conditions: XmlElement[]; distinct: boolean };

/** A query that was understood, or why it cannot be used. */
export type ReadQuery = { query: MemberQuery; caution?: string } | { problem: string };

/** Operators whose result depends on who asks. */
const OF_THE_CALLER = new Set([
  'eq-userid',
  'ne-userid',
  'eq-userteams',
  'eq-useroruserteams',
  'eq-useroruserhierarchy',
  'eq-useroruserhierarchyandteams',
  'eq-businessid',
  'ne-businessid',
  'eq-userlanguage',
]);
/** Operators whose result depends on the day in the caller's time zone. */
const RELATIVE_DATE = /^(yesterday|today|tomorrow|(last|this|next|olderthan)-.+)$/;

/** What a link or a filter may hold. All else, such as columns and orders, is left out: the members stay the same. */
const KEPT = new Set(['filter', 'condition', 'value', 'link-entity']);

const conditionsOf = (element: XmlElement): XmlElement => ({
  ...element,
  children: element.children
    .filter((child) => typeof child === 'string' || KEPT.has(child.name))
    .map((child) => (typeof child === 'string' ? child : conditionsOf(child))),
});

function problemOf(fetch: XmlElement, table: MemberTable | undefined): string | undefined {
  const all = descendantsOf(fetch);
  const isSet = (element: XmlElement, name: string) => ['true', '1'].includes(element.attributes[name] ?? '');
  if (isSet(fetch, 'aggregate') || all.some((element) => isSet(element, 'groupby') || element.attributes.aggregate)) {
    return 'Its query counts or sums rows, so it has no members.';
  }
  if (!table) return 'Its query does not look for contacts, leads or accounts.';
  const personal = all.find(({ name, attributes }) => name === 'condition' && OF_THE_CALLER.has(attributes.operator!));
  if (personal) {
    return (
      `Its query asks for “${personal.attributes.operator}”, which means the user who runs it: for Tagwell that is the ` +
      'application user. Replace that condition in Dynamics.'
    );
  }
  return undefined;
}

function cautionOf(fetch: XmlElement): string | undefined {
  const relative = descendantsOf(fetch).find(
    ({ name, attributes }) => name === 'condition' && RELATIVE_DATE.test(attributes.operator ?? ''),
  );
  const cautions = [
    relative &&
      `Its query has a date relative to today (“${relative.attributes.operator}”). Set the time zone of the application ` +
        'user in Dynamics, because days begin and end by it.',
    fetch.attributes.top &&
      `Its query asks for the first ${fetch.attributes.top} rows only. Marketing lists have no such limit: all are read.`,
  ].filter((caution) => typeof caution === 'string' && caution !== '');
  return cautions.length ? cautions.join(' ') : undefined;
}

/** Reads a query. Throws nothing: what cannot be read faithfully has a `problem`. */
export function readFetchXml(text: string): ReadQuery {
  let fetch: XmlElement;
  try {
    fetch = parseXml(text);
  } catch (error) {
    return { problem: `Its query cannot be read. ${(error as Error).message}` };
  }
  if (fetch.name !== 'fetch') return { problem: 'Its query is no FetchXML: it must begin with <fetch>.' };
  const [entity, second] = childrenOf(fetch, 'entity');
  if (!entity || second) return { problem: 'Its query must have exactly one <entity>.' };
  const name = entity.attributes.name ?? '';
  const table = Object.hasOwn(MEMBER_TABLES, name) ? (name as MemberTable) : undefined;
  const problem = problemOf(fetch, table);
  if (problem || !table) return { problem: problem ?? 'Its query does not look for contacts, leads or accounts.' };
  const conditions = conditionsOf(entity).children.filter((child) => typeof child !== 'string');
  const caution = cautionOf(fetch);
  // [I] §4.4: a join repeats a contact that has several matching rows.
  const distinct = conditions.some(({ name: kind }) => kind === 'link-entity');
  return { query: { table, conditions, distinct }, ...(caution && { caution }) };
}

const element = (name: string, attributes: Record<string, string>, children: XmlElement[] = []): XmlElement => ({
  name,
  attributes,
  children,
});

/**
 * The text of one page of a query. `cookie`: from the page before. Sorted by the primary key: only such pages have a
 * cookie, and without it Dynamics stops after 50,000 rows.
 */
export function writePage(
  { table, conditions, distinct }: MemberQuery,
  { columns, page, size, cookie }: { columns: readonly string[]; page: number; size: number; cookie?: string },
): string {
  const { key } = MEMBER_TABLES[table];
  return writeXml(
    element(
      'fetch',
      {
        version: '1.0',
        mapping: 'logical',
        ...(distinct && { distinct: 'true' }),
        count: String(size),
        page: String(page),
        ...(cookie && { 'paging-cookie': cookie }),
      },
      [
        element('entity', { name: table }, [
          ...columns.map((name) => element('attribute', { name })),
          ...conditions,
          element('order', { attribute: key }),
        ]),
      ],
    ),
  );
}

/** The query for rows with these ids. */
export const rowsWithIds = (table: MemberTable, ids: readonly string[]): MemberQuery => ({
  table,
  conditions: [
    element('filter', { type: 'and' }, [
      element(
        'condition',
        { attribute: MEMBER_TABLES[table].key, operator: 'in' },
        ids.map((id) => ({ ...element('value', {}), children: [id] })),
      ),
    ]),
  ],
  distinct: false,
});

/**
 * The cookie for the next page, from the annotation of a page. It is XML inside an attribute, URL-encoded twice. Throws
 * an `Error` if it is no such XML.
 */
export function readCookie(annotation: string): string | undefined {
  const encoded = parseXml(annotation).attributes.pagingcookie;
  return encoded ? decodeURIComponent(decodeURIComponent(encoded)) : undefined;
}
