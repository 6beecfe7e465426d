// The Dataverse Web API of a made-up environment, as a function from requests to responses (crm-apis §4.10).
import { createHmac } from 'node:crypto';
import { compare, compileFilter, FilterError } from '../odata-filter';
import type { SimAnswer, SimRequest } from '@/demo/crm/wire';
import { runFetch } from './fetch';
import { metadataOf } from './metadata';
import { guidOf, type Row, type Site, SiteError } from './site';

const ROOT = '/api/data/v9.2/';
const LOOKUPS = new Set(['Lookup', 'Customer', 'Owner']);
const DAY_MS = 86_400_000;
/** Characters of the longest URL in a batch. */
const LONGEST_INNER_URL = 65_536;

const json = (status: number, value: unknown): SimAnswer => ({
  status,
  headers: { 'content-type': 'application/json; odata.metadata=minimal', 'odata-version': '4.0' },
  body: JSON.stringify(value),
});

export const problem = (status: number, code: string, message: string): SimAnswer =>
  json(status, { error: { code, message } });

const refuse = (message: string) => new SiteError(400, '0x80060888', message);

/** Tokens inside links. A changed one is refused. */
const sign = (state: object) => {
  const text = Buffer.from(JSON.stringify(state)).toString('base64url');
  return `${text}.${createHmac('sha256', 'links of the simulator').update(text).digest('base64url').slice(0, 16)}`;
};
function unsign<State>(token: string): State {
  const [text = ''] = token.split('.');
  const state: unknown = text ? JSON.parse(Buffer.from(text, 'base64url').toString()) : null;
  if (!state || sign(state) !== token) throw new SiteError(400, '0x80060891', 'Skip token is malformed.');
  return state as State;
}

/** Options of a query, in the order of the URL. Two of the same name are refused. */
const optionsOf = (url: URL) => new Map(url.searchParams.entries());

type Context = { site: Site; now: number; request: SimRequest };

/** The name of a column in JSON and OData. */
function odataName(site: Site, table: string, column: string): string {
  const type = site.columnsOf(table).find(({ name }) => name === column)?.type ?? '';
  return LOOKUPS.has(type) ? `_${column}_value` : column;
}

function selectOf(site: Site, table: string, select: string | undefined): [column: string, name: string][] {
  const { key } = site.tableOf(table);
  const all = [key, ...site.columnsOf(table).map(({ name }) => name)].map((column): [string, string] => [
    column,
    odataName(site, table, column),
  ]);
  if (select === undefined) return all;
  return select.split(',').map((wanted) => {
    const found = all.find(([, name]) => name === wanted);
    if (found) return found;
    throw refuse(`Could not find a property named '${wanted}' on type 'Microsoft.Dynamics.CRM.${table}'.`);
  });
}

function rowJson(site: Site, table: string, row: Row, columns: readonly [string, string][]): Row {
  const { key } = site.tableOf(table);
  return {
    '@odata.etag': `W/"${String(row['@version'])}"`,
    ...Object.fromEntries(columns.map(([column, name]) => [name, row[column] ?? null])),
    [key]: row[key],
  };
}

const preferenceOf = (request: SimRequest) => request.headers.prefer ?? '';
const pageSizeOf = ({ request, site }: Context) =>
  Math.min(Number(/odata\.maxpagesize=(\d+)/.exec(preferenceOf(request))?.[1] ?? 5_000), site.options.pageSize);

const linkTo = ({ request }: Context, option: string, token: string) => {
  const link = new URL(request.url);
  for (const name of ['$skiptoken', '$deltatoken']) link.searchParams.delete(name);
  return `${link.href}${link.search ? '&' : '?'}${option}=${encodeURIComponent(token)}`;
};

/** A page of rows of a set, filtered and sorted. */
function readRows(context: Context, table: string, candidates: () => readonly Row[]): SimAnswer {
  const { site, request } = context;
  const options = optionsOf(request.url);
  const { key } = site.tableOf(table);
  const columns = selectOf(site, table, options.get('$select'));
  const valueAt = (row: Row, path: string) => row[/^_(.+)_value$/.exec(path)?.[1] ?? path];
  const filter = options.get('$filter');
  const fits = filter === undefined ? () => true : compileFilter(filter, { valueAt });
  const orders = [...(options.get('$orderby')?.split(',') ?? []), key].map((order) => order.trim().split(' ')[0]!);
  const inOrder = (left: Row, right: Row) =>
    orders.map((order) => compare(valueAt(left, order), valueAt(right, order)) ?? 0).find((order) => order !== 0) ?? 0;
  const asked = JSON.stringify([site.version, site.role, request.url.pathname, filter, orders]);
  const found = site.found.of(asked, () => candidates().filter(fits).toSorted(inOrder));
  const after = options.has('$skiptoken') ? unsign<{ last: Row }>(options.get('$skiptoken')!).last : undefined;
  const rest = after ? found.filter((row) => inOrder(after, row) < 0) : found;
  const top = options.get('$top');
  const rows = rest.slice(0, top ? Number(top) : pageSizeOf(context));
  const last = rows.at(-1);
  return json(200, {
    '@odata.context': `${request.url.origin}${ROOT}$metadata#${site.tableOf(table).set}`,
    ...(options.get('$count') === 'true' && { '@odata.count': Math.min(5_000, found.length) }),
    value: rows.map((row) => rowJson(site, table, row, columns)),
    ...(!top &&
      last &&
      rest.length > rows.length && {
        '@odata.nextLink': linkTo(
          context,
          '$skiptoken',
          sign({ last: Object.fromEntries(orders.map((order) => [order, valueAt(last, order)])) }),
        ),
      }),
  });
}

/** Change tracking: changed rows first, then deletions; the last page has the link for the next time. */
function readTracked(context: Context, table: string): SimAnswer {
  const { site, now, request } = context;
  const options = optionsOf(request.url);
  for (const name of ['$filter', '$orderby', '$expand', '$top']) {
    if (options.has(name)) throw refuse(`The ${name} parameter isn't supported when Change Tracking is enabled.`);
  }
  if (!site.options.changeTracking) throw refuse(`Change tracking is not enabled for '${table}'.`);
  if (site.role.businessUnit) {
    throw new SiteError(403, '0x80040220', 'Change tracking needs organization level read privilege.');
  }
  type State = { since: number; until: number; offset: number; at: number };
  const start = options.get('$deltatoken');
  let state: State = { since: 0, until: site.version, offset: 0, at: now };
  if (start !== undefined) {
    const { version, at } = unsign<{ version: number; at: number }>(start);
    if (now - at > site.options.tokenDays * DAY_MS) {
      const words = 'Version stamp associated with the client has expired. Please perform a full sync.';
      throw new SiteError(400, '0x80044352', words);
    }
    state = { ...state, since: version };
  }
  const token = options.get('$skiptoken');
  if (token !== undefined) state = unsign<State>(token);
  const columns = selectOf(site, table, options.get('$select'));
  const isNew = (version: unknown) => Number(version) > state.since && Number(version) <= state.until;
  const changed = site.visible(table).filter((row) => isNew(row['@version']));
  const deleted = state.since === 0 ? [] : site.deleted.filter((one) => one.table === table && isNew(one.version));
  const all = [
    ...changed.map((row) => rowJson(site, table, row, columns)),
    ...deleted.map(({ id }) => ({
      '@odata.context': `${request.url.origin}${ROOT}$metadata#${site.tableOf(table).set}/$deletedEntity`,
      id,
      reason: 'deleted',
    })),
  ];
  const end = state.offset + pageSizeOf(context);
  const link =
    end < all.length
      ? { '@odata.nextLink': linkTo(context, '$skiptoken', sign({ ...state, offset: end })) }
      : { '@odata.deltaLink': linkTo(context, '$deltatoken', sign({ version: state.until, at: state.at })) };
  return json(200, { value: all.slice(state.offset, end), ...link });
}

function readFetch(context: Context, set: string, fetchXml: string): SimAnswer {
  const { site, now, request } = context;
  const { rows, attributes, more, cookie, page } = runFetch(fetchXml, set, { site, now });
  const table = site.tableOfSet(set);
  const columns = attributes.map((column): [string, string] => [column, odataName(site, table, column)]);
  const annotated = preferenceOf(request).includes('fetchxmlpagingcookie');
  const twice = cookie && encodeURIComponent(encodeURIComponent(cookie));
  return json(200, {
    '@odata.context': `${request.url.origin}${ROOT}$metadata#${set}`,
    ...(annotated &&
      more && {
        '@Microsoft.Dynamics.CRM.morerecords': true,
        ...(twice && {
          '@Microsoft.Dynamics.CRM.fetchxmlpagingcookie': `<cookie pagenumber="${page + 1}" pagingcookie="${twice}" istracking="False" />`,
        }),
      }),
    // A query's answer leaves out what is empty.
    value: rows.map((row) => withoutNulls(rowJson(site, table, row, columns))),
  });
}

const withoutNulls = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));

const one = (site: Site, table: string, id: string): Row => {
  const [row] = site.joined(table, site.tableOf(table).key, id);
  if (!row) throw new SiteError(404, '0x80040217', `${table} With Id = ${id} Does Not Exist`);
  return row;
};

/** What a request inside the API answers. Throws `SiteError`. */
function answerTo(context: Context): SimAnswer {
  const { site, request } = context;
  const path = decodeURIComponent(request.url.pathname.slice(ROOT.length));
  const options = optionsOf(request.url);
  if (path === 'WhoAmI') {
    return json(200, {
      BusinessUnitId: guidOf('root business unit'),
      UserId: site.applicationUser,
      OrganizationId: site.organisation,
    });
  }
  if (path.startsWith('EntityDefinitions')) {
    return json(200, metadataOf(site, path, options.get('$select')?.split(',') ?? []));
  }
  const [, set = '', id, association] = /^(\w+)(?:\(([^)]+)\))?(?:\/list(\w+)_association)?$/.exec(path) ?? [];
  const table = site.tableOfSet(set);
  if (id === undefined) {
    const fetchXml = options.get('fetchXml');
    if (fetchXml !== undefined) return readFetch(context, set, fetchXml);
    const tracked = preferenceOf(request).includes('odata.track-changes') || options.has('$deltatoken');
    return tracked ? readTracked(context, table) : readRows(context, table, () => site.visible(table));
  }
  const row = one(site, table, id);
  if (association === undefined) {
    return json(200, rowJson(site, table, row, selectOf(site, table, options.get('$select'))));
  }
  const { key } = site.tableOf(association);
  // Members of a dynamic list are not in the association.
  const members = () => {
    if (row.type === true) return [];
    const isMember = new Set(site.joined('listmember', 'listid', id).map(({ entityid }) => entityid));
    return site.visible(association).filter((member) => isMember.has(member[key]));
  };
  return readRows(context, association, members);
}

function guarded(context: Context): SimAnswer {
  try {
    return answerTo(context);
  } catch (error) {
    if (error instanceof SiteError) return problem(error.status, error.code, error.message);
    if (error instanceof FilterError) return problem(400, '0x80060888', error.message);
    throw error;
  }
}

const REASONS: Record<number, string> = { 200: 'OK', 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found' };

/** `$batch`: requests inside the body, each with headers of its own. Lines end with CRLF. */
function batch(context: Context): SimAnswer {
  const { request } = context;
  const boundary = /multipart\/mixed;\s*boundary="?([^";]+)"?/.exec(request.headers['content-type'] ?? '')?.[1];
  const parts = boundary ? request.body.split(`--${boundary}`) : [];
  if (parts.length < 3 || !parts.at(-1)!.startsWith('--')) {
    return problem(400, '0x80060888', 'The batch request is malformed.');
  }
  const reply = `batchresponse_${guidOf(request.body)}`;
  const answers = parts.slice(1, -1).map((part) => {
    const [partHead = '', head = ''] = part.split('\r\n\r\n');
    const [line = '', ...headerLines] = head.split('\r\n');
    const [, method = '', target = ''] = /^(\w+) (\S+) HTTP\/1\.1$/.exec(line) ?? [];
    const isHttp = /content-type: application\/http/i.test(partHead) && /transfer-encoding: binary/i.test(partHead);
    const inner =
      !isHttp || !target || target.length > LONGEST_INNER_URL
        ? problem(400, '0x80060888', 'A part of the batch request is malformed.')
        : guarded({
            ...context,
            request: {
              method,
              url: new URL(target, request.url),
              headers: Object.fromEntries(
                headerLines.map((header) => [
                  header.split(':')[0]!.toLowerCase(),
                  header.split(':').slice(1).join(':').trim(),
                ]),
              ),
              body: '',
            },
          });
    return [
      `--${reply}`,
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      `HTTP/1.1 ${inner.status} ${REASONS[inner.status] ?? ''}`,
      'Content-Type: application/json; odata.metadata=minimal',
      'OData-Version: 4.0',
      '',
      inner.body,
    ].join('\r\n');
  });
  return {
    status: 200,
    headers: { 'content-type': `multipart/mixed; boundary=${reply}` },
    body: `${answers.join('\r\n')}\r\n--${reply}--\r\n`,
  };
}

/** Answers a request whose token has been checked. */
export function answerWebApi(context: Context): SimAnswer {
  const { request, site } = context;
  if (request.url.pathname === `${ROOT}$batch` && request.method === 'POST') return batch(context);
  if (request.url.href.length > site.options.longestUrl) {
    return { status: 414, headers: { 'content-type': 'text/html' }, body: '<html>URI Too Long</html>' };
  }
  return guarded(context);
}
