// Calls to Lime: its types, and its query API, read by keyset.
import { z } from 'zod';
import { CrmError } from '../crm-error';
import { EachOnce } from '../each-once';
import type { Http, HttpAnswer, HttpRequest } from '../http';
import { readJson } from '../json';
import type { Expression } from './expression';
import type { Secrets, Settings } from './settings';

/** Characters of an address that servers and proxies take. */
const LONGEST_URL = 8_000;

/** No maximum is published. */
const OBJECTS_OF_A_PAGE = 100;

const asTexts = ([name, value]: [string, number]) => [name, String(value)];

/** Names of properties, and of related objects with theirs: the query API's `responseFormat.object`. */
export type Wanted = { [name: string]: '' | Wanted };

export type Row = { _id: number } & Record<string, unknown>;
const Row = z.looseObject({ _id: z.number().int() });
const Rows = z.object({ objects: z.array(Row) });
const Objects = z.object({
  _embedded: z.object({ limeobjects: z.array(Row) }),
  _links: z.object({ next: z.object({ href: z.string() }).nullish() }),
});

export type Client = {
  send: (
    request: Omit<HttpRequest, 'url' | 'headers'> & { path: string },
    accept?: readonly number[],
  ) => Promise<HttpAnswer>;
  /** An address of Lime, absolute or from the root of its server. */
  urlOf: (path: string) => string;
  /** Objects of a type, by ascending id, page by page. */
  query: (type: string, wanted: Wanted, filter?: Expression) => AsyncGenerator<Row[], void, void>;
  /** Objects of a type with all their properties, related ones by id, page by page. `where`: values of properties. */
  objects: (type: string, where: Record<string, number>) => AsyncGenerator<Row[], void, void>;
  one: (type: string, id: number, wanted: Wanted) => Promise<Row | null>;
};

export function openClient({ address, pageSize }: Settings, { apiKey }: Secrets, http: Http): Client {
  const headers = { 'x-api-key': apiKey, accept: 'application/hal+json, application/json' };
  const urlOf = (path: string) => (path.startsWith('/api/') ? address + path : new URL(path, address).href);

  const send: Client['send'] = ({ path, body, ...request }, accept) =>
    http.send(
      {
        ...request,
        url: urlOf(path),
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        body,
      },
      { accept },
    );

  async function page(type: string, wanted: Wanted, filter: Expression | undefined, limit: number): Promise<Row[]> {
    const query = {
      limetype: type,
      responseFormat: { object: { _id: '', ...wanted } },
      ...(filter ? { filter } : {}),
      orderBy: [{ _id: 'ASC' }],
      limit,
      offset: 0,
    };
    const path = `/api/v1/query/?q=${encodeURIComponent(JSON.stringify(query))}`;
    if (urlOf(path).length > LONGEST_URL) {
      throw new CrmError(
        'refused',
        'The filter and the fields together are too long for Lime. Bring along fewer fields, or make the filter shorter.',
      );
    }
    return readJson(await send({ method: 'GET', path }), Rows).objects;
  }

  return {
    send,
    urlOf,
    /** A page that is shorter than asked for need not be the last: servers may have a limit of their own. */
    async *query(type, wanted, filter) {
      for (let last = 0; ;) {
        const after: Expression = { key: '_id', op: '>', exp: last };
        const rows = await page(type, wanted, filter ? { op: 'AND', exp: [filter, after] } : after, pageSize);
        if (rows.length === 0) return;
        for (const { _id } of rows) {
          if (_id <= last) throw repeated();
          last = _id;
        }
        yield rows;
      }
    },
    async *objects(type, where) {
      const query = new URLSearchParams(Object.entries({ ...where, _limit: OBJECTS_OF_A_PAGE }).map(asTexts));
      const once = new EachOnce();
      for (let path: string | undefined = `/api/v1/limeobject/${encodeURIComponent(type)}/?${query}`; path;) {
        const { _embedded, _links }: z.output<typeof Objects> = readJson(await send({ method: 'GET', path }), Objects);
        yield once.take(_embedded.limeobjects, ({ _id }) => String(_id));
        path = _links.next?.href;
      }
    },
    async one(type, id, wanted) {
      const rows = await page(type, wanted, { key: '_id', op: '=', exp: id }, 1);
      return rows.find(({ _id }) => _id === id) ?? null;
    },
  };
}

const repeated = () =>
  new CrmError(
    'incomplete',
    'Lime sent the same page twice, or pages out of order, so the read cannot be complete. Nothing was changed; the next run tries again.',
  );
