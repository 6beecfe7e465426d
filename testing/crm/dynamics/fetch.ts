// Runs FetchXML over rows in memory, as far as marketing lists use it (crm-apis §4.10).
import { childrenOf, parseXml, textIn, type XmlElement } from '@/lib/integrations/xml';
import { compare } from '../odata-filter';
import { type Row, type Site, SiteError } from './site';

const DAY_MS = 86_400_000;

type Scope = { site: Site; now: number };

/** A page of a query. */
export type FetchResult = { rows: Row[]; attributes: string[]; more: boolean; cookie?: string; page: number };

const dayOf = (value: unknown) => (typeof value === 'string' ? value.slice(0, 10) : '');

const like = (value: unknown, pattern: string) => {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return typeof value === 'string' && new RegExp(`^${source}$`, 'is').test(value);
};

const codesOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value.split(',') : []);

function holds(condition: XmlElement, row: Row, { site, now }: Scope): boolean {
  const { attribute = '', operator = '', value = '' } = condition.attributes;
  const values = childrenOf(condition, 'value').map((one) => textIn(one).trim());
  const actual = row[attribute];
  const order = () => compare(actual, typeof actual === 'number' ? Number(value) : value);
  const isIn = () => values.some((one) => compare(actual, typeof actual === 'number' ? Number(one) : one) === 0);
  switch (operator) {
    case 'eq':
      return actual !== null && actual !== undefined && order() === 0;
    case 'ne':
    case 'neq':
      return order() !== 0;
    case 'gt':
      return (order() ?? 0) > 0;
    case 'ge':
      return (order() ?? -1) >= 0;
    case 'lt':
      return (order() ?? 0) < 0;
    case 'le':
      return (order() ?? 1) <= 0;
    case 'like':
      return like(actual, value);
    case 'not-like':
      return !like(actual, value);
    case 'in':
      return isIn();
    case 'not-in':
      return !isIn();
    case 'null':
      return actual === null || actual === undefined;
    case 'not-null':
      return actual !== null && actual !== undefined;
    case 'on-or-after':
      return typeof actual === 'string' && dayOf(actual) >= dayOf(value);
    case 'on-or-before':
      return typeof actual === 'string' && dayOf(actual) <= dayOf(value);
    case 'today':
      return dayOf(actual) === new Date(now).toISOString().slice(0, 10);
    case 'last-x-days': {
      const time = Date.parse(String(actual));
      return time <= now && time >= now - Number(value) * DAY_MS;
    }
    case 'eq-userid':
      return actual === site.applicationUser;
    case 'contain-values':
      return values.some((one) => codesOf(actual).includes(one));
    case 'not-contain-values':
      return !values.some((one) => codesOf(actual).includes(one));
    default:
      throw new SiteError(400, '0x80041129', `The condition operator '${operator}' is not supported.`);
  }
}

function passes(filter: XmlElement, row: Row, scope: Scope): boolean {
  const tests = [
    ...childrenOf(filter, 'condition').map((condition) => () => holds(condition, row, scope)),
    ...childrenOf(filter, 'filter').map((inner) => () => passes(inner, row, scope)),
  ];
  if (tests.length === 0) return true;
  return filter.attributes.type === 'or' ? tests.some((test) => test()) : tests.every((test) => test());
}

/** How many rows a row becomes by its filters and joins: 0 if it does not fit. */
function multiplicity(node: XmlElement, table: string, row: Row, scope: Scope): number {
  if (!childrenOf(node, 'filter').every((filter) => passes(filter, row, scope))) return 0;
  return childrenOf(node, 'link-entity').reduce((product, link) => {
    const { name = '', from = '', to = '', 'link-type': type = 'inner' } = link.attributes;
    scope.site.columnOf(table, to);
    scope.site.columnOf(name, from);
    const value = row[to] ?? undefined;
    const joined = (value === undefined ? [] : scope.site.joined(name, from, value)).reduce(
      (sum, other) => sum + multiplicity(link, name, other, scope),
      0,
    );
    return product * (type === 'outer' ? Math.max(1, joined) : joined);
  }, 1);
}

/** The columns that a query names must exist. */
function checkColumns(site: Site, node: XmlElement, table: string): void {
  for (const child of node.children) {
    if (typeof child === 'string') continue;
    if (child.name === 'condition') site.columnOf(table, child.attributes.attribute ?? '');
    if (child.name === 'attribute') site.columnOf(table, child.attributes.name ?? '');
    if (child.name === 'filter') checkColumns(site, child, table);
    if (child.name === 'link-entity') {
      site.tableOf(child.attributes.name ?? '');
      checkColumns(site, child, child.attributes.name ?? '');
    }
  }
}

const cookieFor = (key: string, rows: readonly Row[], page: number) =>
  `<cookie page="${page}"><${key} last="{${String(rows.at(-1)![key]).toUpperCase()}}" first="{${String(rows[0]![key]).toUpperCase()}}" /></cookie>`;

/** Where the page begins, from a cookie. */
function lastOf(cookie: string, key: string): string {
  let last: string | undefined;
  try {
    last = childrenOf(parseXml(cookie), key)[0]?.attributes.last;
  } catch {
    last = undefined;
  }
  if (!last) throw new SiteError(400, '0x80041129', 'Malformed XML in the Paging Cookie');
  return last.replace(/[{}]/g, '').toLowerCase();
}

/** Runs a query and returns a page. Throws `SiteError`. */
export function runFetch(text: string, set: string, scope: Scope): FetchResult {
  const { site } = scope;
  let fetch: XmlElement;
  try {
    fetch = parseXml(text);
  } catch (error) {
    throw new SiteError(400, '0x80040201', `Invalid XML. ${(error as Error).message}`);
  }
  const [entity] = childrenOf(fetch, 'entity');
  const table = entity?.attributes.name ?? '';
  if (!entity || site.tableOf(table).set !== set) {
    throw new SiteError(400, '0x80060888', 'Entity Name specified in fetchXML does not match the entity set.');
  }
  checkColumns(site, entity, table);
  const { key } = site.tableOf(table);
  const count = Math.min(5_000, Number(fetch.attributes.count ?? 5_000));
  const page = Number(fetch.attributes.page ?? 1);
  const orders = childrenOf(entity, 'order').map(({ attributes }) => attributes.attribute);
  const distinct = fetch.attributes.distinct === 'true';
  // What the query finds does not depend on the page.
  const asked = JSON.stringify([site.version, site.role, scope.now, entity, distinct]);
  const matching = site.found.of(asked, () =>
    site
      .visible(table)
      .flatMap((row) => {
        const times = multiplicity(entity, table, row, scope);
        return Array.from({ length: distinct ? Math.min(1, times) : times }, () => row);
      })
      .toSorted((left, right) => compare(left[orders[0] ?? key], right[orders[0] ?? key]) ?? 0),
  );
  const byKey = orders.length === 1 && orders[0] === key;
  const cookie = fetch.attributes['paging-cookie'];
  const last = cookie && byKey ? lastOf(cookie, key) : undefined;
  // A site's pages may be smaller than asked for: the simulator's are, so that few rows make several pages.
  const size = Math.min(count, site.options.pageSize);
  const rest = last ? matching.filter((row) => String(row[key]) > last) : matching.slice((page - 1) * size);
  if (!last && page * size > site.options.simplePagingRows) {
    throw new SiteError(400, '0x80040203', 'Paging without a cookie is limited to 50000 records.');
  }
  const rows = rest.slice(0, size);
  const more = rest.length > rows.length;
  return {
    rows,
    attributes: childrenOf(entity, 'attribute').map(({ attributes }) => attributes.name ?? ''),
    more,
    page,
    ...(byKey && rows.length > 0 && { cookie: cookieFor(key, rows, page) }),
  };
}
