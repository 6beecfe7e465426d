// Calls to the OData service of Tribe CRM (crm-apis §5.2, §5.3, §5.8).
import { z } from 'zod';
import { keepToken } from '../access-token';
import { CrmError, type CrmErrorKind } from '../crm-error';
import type { Http, HttpAnswer, HttpRequest } from '../http';
import { readJson } from '../json';
import { numberedPages } from '../numbered-pages';
import { quoted, vendorText } from '../vendor-text';
import type { Secrets, Settings } from './settings';

/** Rows of a page: Tribe gives no more, whatever is asked for, and does not say so. */
const PAGE_SIZE = 100;
const MINUTE = 60_000;

const Token = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
const Page = z.object({
  value: z.array(z.record(z.string(), z.unknown())),
  '@odata.count': z.number().int().nonnegative().optional(),
});

export type Row = Record<string, unknown>;
type Page = { rows: Row[]; serverTime: Date; /** Of all rows, now. */ count?: number };
export type RowsEnd = { count?: number; began: Date };
/** What is asked of a set or a navigation. */
export type Query = { select: readonly string[]; expand?: readonly string[]; filter?: string };

/** A row's id. Throws `unreadable` if it has none. */
export function idOf(row: unknown): string {
  const id = typeof row === 'object' && row !== null ? (row as Row).ID : undefined;
  if (typeof id === 'string' && id !== '') return id.toLowerCase();
  throw new CrmError('unreadable', 'Tribe sent a row without an ID, so the read cannot be trusted. Try again later.');
}

export type Client = ReturnType<typeof openClient>;

export function openClient(settings: Settings, { clientSecret }: Secrets, http: Http) {
  const tokens = keepToken(async () => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: settings.clientId,
      client_secret: clientSecret,
      scope: settings.scope,
      ...(settings.organizationId && { organization_id: settings.organizationId }),
    });
    const answer = await http.send(
      {
        method: 'POST',
        url: `${settings.authority}/oauth2/token`,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: form.toString(),
        repeatable: true,
      },
      { accept: [400, 401, 403] },
    );
    if (answer.status >= 400) throw refused('credentials', SIGN_IN, answer);
    const { access_token: value, expires_in: seconds } = readJson(answer, Token);
    const life = seconds * 1_000;
    return { value, useMs: Math.max(life - MINUTE, life / 2) };
  });

  /** Sends a request with the token; with another one if it has ended. `path`: below `/v1/`. */
  const send = async (path: string, more: Partial<HttpRequest> = {}, again = true): Promise<HttpAnswer> => {
    const token = await tokens.get();
    const answer = await http.send(
      {
        method: 'GET',
        url: `${settings.api}/v1/${path}`,
        ...more,
        headers: { accept: 'application/json', ...more.headers, authorization: `Bearer ${token}` },
      },
      { accept: [401, 501] },
    );
    if (answer.status === 501) throw refused('refused', 'Tribe does not support this query.', answer);
    if (answer.status !== 401) return answer;
    tokens.refused(token);
    if (again) return send(path, more, false);
    throw refused('credentials', 'Tribe refused the sign-in.', answer);
  };

  const readPage = async (path: string, query: Query, { top, skip }: { top: number; skip: number }): Promise<Page> => {
    const { select, expand = [], filter } = query;
    const options = [
      `$select=${select.join(',')}`,
      ...(expand.length > 0 ? [`$expand=${encodeURIComponent(expand.join(','))}`] : []),
      ...(filter ? [`$filter=${encodeURIComponent(filter)}`] : []),
      '$orderby=ID',
      `$top=${top}`,
      `$skip=${skip}`,
      '$count=true',
    ];
    const answer = await send(`odata/${path}?${options.join('&')}`);
    const { value: rows, '@odata.count': count } = readJson(answer, Page);
    if (rows.length <= PAGE_SIZE) return { rows, count, serverTime: answer.serverTime };
    throw new CrmError('unreadable', `Tribe sent ${rows.length} rows, more than were asked for. Try again later.`);
  };

  /**
   * All rows of a set or a navigation, each once, page by page; then their count, and when the read began. There are no
   * links: the count, or an empty page, is the end. Throws `incomplete` if the count does not fit.
   */
  async function* readRows(path: string, query: Query): AsyncGenerator<Row[], RowsEnd, void> {
    const read: Page[] = [];
    yield* numberedPages({
      readPage: async (number, size) => {
        const page = await readPage(path, query, { top: size, skip: number * size });
        // The first says when the read began, the last how many there are.
        read.splice(1, 1, page);
        return page.rows;
      },
      keyOf: idOf,
      pageSize: PAGE_SIZE,
      counted: () => read.at(-1)?.count,
    });
    return { count: read.at(-1)?.count, began: read[0]?.serverTime ?? new Date() };
  }

  return { send, readRows };
}

const SIGN_IN = 'Tribe refused the sign-in. Check the client ID, the client secret and the organisation ID.';

function refused(kind: CrmErrorKind, words: string, { status, body }: HttpAnswer): CrmError {
  const said = vendorText(body);
  return new CrmError(kind, said ? `${words} It said: ${quoted(said)}` : words, { status });
}
