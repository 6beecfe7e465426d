// Calls to webCRM: sign-in for an hour, and reads by page number (crm-apis §3.2, §3.3).
import { z } from 'zod';
import { keepToken } from '../access-token';
import { CrmError } from '../crm-error';
import type { Http, HttpAnswer, HttpRequest } from '../http';
import { readJson } from '../json';
import { numberedPages } from '../numbered-pages';
import { quoted } from '../vendor-text';
import type { Secrets, Settings } from './settings';

const Login = z.object({
  AccessToken: z.string().nullish(),
  Error: z.string().nullish(),
  ErrorDescription: z.string().nullish(),
  IsError: z.boolean().nullish(),
  ExpiresIn: z.number().positive().nullish(),
});

/** A token is used for this share of its hour. */
const SHARE = 5 / 6;
const HOUR_S = 3_600;

export type Row = Record<string, unknown>;
const Rows = z.array(z.record(z.string(), z.unknown()));

export type Client = {
  send: (
    request: Omit<HttpRequest, 'url' | 'headers'> & { path: string },
    accept?: readonly number[],
  ) => Promise<HttpAnswer>;
  /** One page; the first is 1. */
  page: (path: string, page: number, size: number) => Promise<Row[]>;
  /** All rows, each once. `key`: the field that identifies them. */
  all: (path: string, key: string) => AsyncGenerator<Row[], void, void>;
};

export function openClient({ address, pageSize }: Settings, { token }: Secrets, http: Http): Client {
  const keeper = keepToken(async () => {
    const answer = await http.send({
      method: 'POST',
      url: `${address}/Auth/ApiLogin`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({ authCode: token }).toString(),
      repeatable: true,
    });
    const login = readJson(answer, Login);
    // A failed login can come with status 200 (§3.2 [I]).
    if (login.IsError || !login.AccessToken) throw refusedToken(login);
    return { value: login.AccessToken, useMs: (login.ExpiresIn ?? HOUR_S) * 1_000 * SHARE };
  });

  const send: Client['send'] = async ({ path, body, ...request }, accept = []) => {
    const attempt = async (access: string, accepted: readonly number[]) =>
      http.send(
        {
          ...request,
          url: address + path,
          headers: {
            authorization: `Bearer ${access}`,
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          body,
        },
        { accept: accepted },
      );
    const access = await keeper.get();
    const answer = await attempt(access, [...accept, 401]);
    if (answer.status !== 401) return answer;
    keeper.refused(access);
    return attempt(await keeper.get(), accept);
  };

  const page: Client['page'] = async (path, number, size) => {
    const parameters = `${path.includes('?') ? '&' : '?'}Page=${number}&Size=${size}`;
    return readJson(await send({ method: 'GET', path: path + parameters }), Rows);
  };

  return {
    send,
    page,
    all: (path, key) =>
      numberedPages<Row>({
        readPage: (number, size) => page(path, number + 1, size),
        keyOf: (row) => idOf(row, key),
        pageSize,
      }),
  };
}

/** The id of a row. Throws `unreadable` if it has none: it must not pass for another. */
export function idOf(row: Row, key: string): string {
  const id = row[key];
  if (typeof id === 'number' || (typeof id === 'string' && id !== '')) return String(id);
  throw new CrmError(
    'unreadable',
    `webCRM’s answer has rows without “${key}”. A query must select it: SELECT * is best. Otherwise check the names of fields in the settings.`,
  );
}

function refusedToken({ Error: code, ErrorDescription: words }: z.infer<typeof Login>): CrmError {
  const text = [words, code].filter((part) => part).join(', ');
  return new CrmError(
    'credentials',
    `webCRM refused the application token. Check it, or make a new one in webCRM.${text ? ` It answered: ${quoted(text)}` : ''}`,
  );
}
