// Calls to the OData service of Tribe CRM (crm-apis §5.2, §5.3, §5.8).
import { z } from 'zod';
import { keepToken } from '../access-token';
import { CrmError, type CrmErrorKind } from '../crm-error';
import { EachOnce } from '../each-once';
import type { Http, HttpAnswer, HttpRequest } from '../http';
import { readJson } from '../json';
import { vendorText } from '../vendor-text';
import type { Secrets, Settings } from './settings';

/** Rows of a page: Tribe gives no more, whatever is asked for, and does not say so. */
const PAGE_SIZE = 100;
/** Times that all pages are read at most. */
const PASSES = 4;
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
  throw new CrmError('unreadable', 'Tribe sent a row without an id, so the read cannot be trusted. Try again later.');
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

  const readPage = async (path: string, query: Query, skip: number): Promise<Page> => {
    const { select, expand = [], filter } = query;
    const options = [
      `$select=${select.join(',')}`,
      ...(expand.length > 0 ? [`$expand=${encodeURIComponent(expand.join(','))}`] : []),
      ...(filter ? [`$filter=${encodeURIComponent(filter)}`] : []),
      '$orderby=ID',
      `$top=${PAGE_SIZE}`,
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
   * links: the first page that is not full is the last. A row that leaves moves others onto pages that were read already,
   * so all is read again until the count stays the same and fits. Throws `incomplete` if it never does.
   */
  async function* readRows(path: string, query: Query): AsyncGenerator<Row[], RowsEnd, void> {
    const all = new EachOnce();
    let began: Date | undefined;
    for (let pass = 1; pass <= PASSES; pass += 1) {
      const inPass = new EachOnce();
      const counts = new Set<number | undefined>();
      for (let skip = 0; ; skip += PAGE_SIZE) {
        const page = await readPage(path, query, skip);
        began ??= page.serverTime;
        counts.add(page.count);
        inPass.take(page.rows, idOf);
        const fresh = all.fresh(page.rows, idOf);
        if (fresh.length > 0) yield fresh;
        if (page.rows.length < PAGE_SIZE) break;
      }
      const [count] = counts;
      if (counts.size === 1 && (count === undefined || count === inPass.seen)) return { count, began };
    }
    throw new CrmError(
      'incomplete',
      'The number of rows that Tribe counts and the number that it sends differ, so somebody may be missing. Nothing was changed; the next run tries again.',
    );
  }

  return { send, readRows };
}

const SIGN_IN = 'Tribe refused the sign-in. Check the client id, the client secret and the organisation id.';

function refused(kind: CrmErrorKind, words: string, { status, body }: HttpAnswer): CrmError {
  const said = vendorText(body);
  return new CrmError(kind, said ? `${words} It said: “${said}”` : words, { status });
}
