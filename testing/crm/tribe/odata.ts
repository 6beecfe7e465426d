// The OData service of the made-up Tribe site (crm-apis §5.3, §5.9).
import { compare, compileFilter, FilterError } from '../odata-filter';
import { json, type SimAnswer, type SimRequest } from '@/demo/crm/wire';
import { describeSchema, SCHEMA } from './schema';
import type { Row, TribeSite } from './site';

/** Never more rows than these, whatever is asked for. */
const MOST_ROWS = 100;

class ServiceError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const problem = (status: number, message: string) => json(status, { error: { code: String(status), message } });

/** Splits at a separator outside of parentheses. */
function splitOutside(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    depth += character === '(' ? 1 : character === ')' ? -1 : 0;
    if (character === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** `Person($select=FirstName;$expand=…)`: nested options are separated by semicolons. */
function expansionsIn(text: string): { name: string; options: Map<string, string> }[] {
  return splitOutside(text, ',').map((part) => {
    const [, name = '', inside = ''] = /^(\w+)(?:\((.*)\))?$/s.exec(part) ?? [];
    const options = splitOutside(inside, ';').map((option): [string, string] => {
      const at = option.indexOf('=');
      return [option.slice(0, at), option.slice(at + 1)];
    });
    return { name, options: new Map(options) };
  });
}

/** The row of an id, or rows of ids, that a navigation holds. Rows that are gone are left out. */
function follow(site: TribeSite, set: string, row: Row, name: string): Row | Row[] | null {
  const navigation = SCHEMA[set]?.navigations[name];
  if (!navigation) throw new ServiceError(400, `Could not find a property named '${name}' on type '${set}'.`);
  const found = (id: string) => site.find(id)?.row;
  if (navigation.many) return ((row[name] ?? []) as string[]).map(found).filter((one) => one !== undefined);
  return typeof row[name] === 'string' ? (found(row[name]) ?? null) : null;
}

const SETS = new Map(Object.entries(SCHEMA).map(([set, { type }]) => [type as unknown, set]));
const setOf = (row: Row) => SETS.get(row._Type)!;

function valueAt(site: TribeSite, row: Row, path: string): unknown {
  const [first = '', rest] = path.split(/\/(.*)/s, 2);
  const set = setOf(row);
  if (rest === undefined && SCHEMA[set]!.navigations[first] === undefined) return row[first];
  const next = follow(site, set, row, first);
  return Array.isArray(next) || next === null || rest === undefined ? next : valueAt(site, next, rest);
}

/** A row as JSON: `ID` always, the selected fields, and navigations only where they are expanded. */
function shown(site: TribeSite, row: Row, options: Map<string, string>): Row {
  const set = setOf(row);
  const names = options.get('$select')?.split(',') ?? Object.keys(SCHEMA[set]!.properties);
  const properties = ['ID', ...names].map((name): [string, unknown] => {
    const known = name === 'ID' || Object.hasOwn(SCHEMA[set]!.properties, name);
    if (!known || site.isHidden(set, name)) {
      throw new ServiceError(400, `Could not find a property named '${name}' on type '${set}'.`);
    }
    return [name, row[name] ?? null];
  });
  const expanded = expansionsIn(options.get('$expand') ?? '').map(({ name, options: inner }): [string, unknown] => {
    const next = follow(site, set, row, name);
    return [name, Array.isArray(next) ? next.map((one) => shown(site, one, inner)) : next && shown(site, next, inner)];
  });
  return Object.fromEntries([...properties, ...expanded]);
}

/** `field eq id or field eq id …`: the ids. */
function idsIn(filter: string | undefined, field: string): string[] | undefined {
  const parts = filter?.split(' or ').map((part) => part.split(' eq '));
  return parts?.every(([name, id]) => name === field && id !== undefined) ? parts.map(([, id]) => id!) : undefined;
}

/** The rows of a set that can fit a filter: for one of ids there is no need to look at all. */
function candidates(site: TribeSite, set: string, filter: string | undefined): Row[] {
  const ids = idsIn(filter, 'ID');
  if (ids) return ids.map((id) => site.get(set, id)).filter((row) => row !== undefined);
  const persons = idsIn(filter, 'Person/ID');
  return persons ? persons.flatMap((id) => site.relationshipsOf(id)) : site.rowsOf(set);
}

/** `key`: what the rows are. */
function listed(
  site: TribeSite,
  key: string,
  rows: () => readonly Row[],
  options: Map<string, string>,
  extra = 0,
): SimAnswer {
  const filter = options.get('$filter');
  const unsupported = /\s(in|has)\s/.exec(filter?.replace(/'[^']*'/g, '') ?? '');
  if (unsupported) throw new ServiceError(site.unsupported, `The operator '${unsupported[1]}' is not supported.`);
  const orders = options.get('$orderby')?.split(',') ?? [];
  const found = site.found.of(JSON.stringify([site.version, key, filter, orders]), () => {
    const fits = filter
      ? compileFilter(filter, { ignoreCase: true, valueAt: (row, path) => valueAt(site, row, path) })
      : () => true;
    const inOrder = (left: Row, right: Row) =>
      orders.map((name) => compare(left[name], right[name]) ?? 0).find((order) => order !== 0) ?? 0;
    return rows().filter(fits).toSorted(inOrder);
  });
  const skip = Number(options.get('$skip') ?? 0);
  const top = Math.min(MOST_ROWS, Number(options.get('$top') ?? MOST_ROWS));
  return json(200, {
    '@odata.context': '$metadata',
    ...(options.get('$count') === 'true' && { '@odata.count': found.length + extra }),
    value: found.slice(skip, skip + top).map((row) => shown(site, row, options)),
  });
}

function known(site: TribeSite, set: string): void {
  if (!Object.hasOwn(SCHEMA, set) || site.isHidden(set)) throw new ServiceError(404, `There is no set '${set}'.`);
}

function answered(site: TribeSite, path: string, options: Map<string, string>): SimAnswer {
  if (path === '$metadata') {
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: describeSchema(site.isHidden) };
  }
  if (path === 'GetCurrentEmployee()')
    return json(200, { ID: 'e0000000-0000-4000-b000-000000000001', _Name: 'Tagwell' });
  const [, set = '', id, navigation] = /^(\w+)(?:\(([\w-]+)\))?(?:\/(\w+))?$/.exec(path) ?? [];
  known(site, set);
  const readable = ({ ID: own }: Row) => typeof own !== 'string' || !site.unreadable.has(own);
  const found = () => candidates(site, set, options.get('$filter')).filter(readable);
  if (id === undefined) return listed(site, set, found, options);
  const row = site.get(set, id);
  if (!row) throw new ServiceError(404, `There is no '${set}' with the id ${id}.`);
  if (navigation === undefined) return json(200, shown(site, row, options));
  const members = () => {
    const found = follow(site, set, row, navigation);
    return Array.isArray(found) ? found : [];
  };
  return listed(site, path, members, options, site.countedTooMany);
}

/** Answers a request below `/v1/odata/`. */
export function answerOData(site: TribeSite, { url }: SimRequest): SimAnswer {
  try {
    const path = decodeURIComponent(url.pathname.replace(/^\/v1\/odata\//, ''));
    return answered(site, path, new Map(url.searchParams.entries()));
  } catch (error) {
    if (error instanceof ServiceError) return problem(error.status, error.message);
    if (error instanceof FilterError) return problem(400, error.message);
    throw error;
  }
}
