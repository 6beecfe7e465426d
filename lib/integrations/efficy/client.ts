// Calls to efficy's JSON-RPC: an array of operations in, an array out, sessions by cookie, and errors with status 200 (crm-apis §6.2 to
// §6.4, §6.9).
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { CrmError } from '../crm-error';
import type { Http, HttpAnswer } from '../http';
import { readJson } from '../json';
import { quoted, vendorText } from '../vendor-text';
import type { Secrets, Settings } from './settings';

/** A function of an operation. Names inside are in lower case. */
export type Func = { '@name': string } & Record<string, string | number | boolean>;
export type Operation = {
  '@name': 'api' | 'consult' | 'search';
  entity?: string;
  key?: string | number;
  method?: string;
  value?: string;
  closecontext?: true;
};
export type Row = Record<string, unknown>;
type Sent = Operation & { '#id': string; '@func': [Func] };

const Detail = z.object({
  errorcode: z.union([z.string(), z.number()]).optional(),
  errorstring: z.string().optional(),
  detail: z.string().optional(),
});
/** At the top instead of the array. */
const TopError = z.union([
  z.object({ '#error': Detail }).transform((top) => top['#error']),
  z
    .object({
      error: z.literal(true),
      code: z.union([z.string(), z.number()]).optional(),
      message: z.string().optional(),
      detail: z.string().optional(),
    })
    .transform(({ code, message, detail }) => ({ errorcode: code, errorstring: message, detail })),
]);
const ErrorMark = z.union([Detail, z.boolean(), z.string()]).nullish();
const Element = z.looseObject({
  '#id': z.string().optional(),
  '@name': z.string().optional(),
  '#error': ErrorMark,
  '@func': z.array(z.looseObject({ '#error': ErrorMark, '#result': z.unknown().optional() })).optional(),
});
const Rows = z.array(z.record(z.string(), z.unknown()));
const Dataset = z.object({ '#data': z.union([Rows, z.object({ data: Rows }).transform(({ data }) => data)]) });
const Summary = z.object({ data: z.object({ list: Rows, errors: z.array(z.unknown()).default([]) }) });

/** Codes and texts that mean that the session has ended. */
const ENDED_CODES = new Set(['401', 'FRMK-2612', 'CORE-1243']);
const ENDED_TEXTS =
  /requires a Database Connection|Invalid User|Session timeout|CRM Session is not active|session is not valid anymore/i;
/** [I] Words of a missing right. */
const RIGHT = /\b(rights?|permission|privilege|not allowed|access denied)\b/i;

class SessionEnded extends Error {}

export type Client = ReturnType<typeof openClient>;

export function openClient({ address, customer }: Settings, secrets: Secrets, http: Http) {
  /** The session's cookie. Calls at the same time share it. */
  let cookie: string | undefined;
  let opening: Promise<void> | undefined;

  const credentials: Record<string, string> =
    secrets.apiKey !== undefined
      ? { 'x-efficy-apikey': secrets.apiKey }
      : { 'x-efficy-user': secrets.user ?? '', 'x-efficy-pwd': secrets.password ?? '' };
  const toCheck =
    secrets.apiKey !== undefined
      ? 'Check the API key, and that the API “json” is on its white list.'
      : 'Check the user and the password.';

  /** Sends a body once, and keeps the session's cookie. */
  const post = async (path: string, headers: Record<string, string>, body: unknown): Promise<HttpAnswer> => {
    const answer = await http.send(
      {
        method: 'POST',
        url: address + path,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...credentials,
          ...(customer !== undefined && { 'x-efficy-customer': customer }),
          ...headers,
        },
        body: JSON.stringify(body),
        // Nothing is ever written.
        repeatable: true,
      },
      { accept: [401] },
    );
    cookie = /EfficySession=([^;,\s]+)/.exec(answer.headers['set-cookie'] ?? '')?.[1] ?? cookie;
    return answer;
  };

  /** Sends a body. Its answer is parsed by `read`, which throws `SessionEnded` if the session has ended; then it is sent once more. */
  const send = async <Body, T>(
    path: string,
    body: () => Body,
    read: (answer: HttpAnswer, sent: Body) => T,
    { logOff = false, again = true } = {},
  ): Promise<T> => {
    const sent = body();
    // Calls at the same time must not open a session each: the others wait for the first.
    while (cookie === undefined && opening) await opening;
    const used = cookie;
    const sending = post(
      path,
      {
        ...(used !== undefined && { cookie: `EfficySession=${used}` }),
        ...(logOff && { 'x-efficy-logoff': 'true' }),
      },
      sent,
    );
    if (used === undefined) {
      const opened = () => {
        opening = undefined;
      };
      opening = sending.then(opened, opened);
    }
    const answer = await sending;
    try {
      if (answer.status === 401) throw new SessionEnded(vendorText(answer.body));
      return read(answer, sent);
    } catch (error) {
      if (!(error instanceof SessionEnded)) throw error;
      if (cookie === used) cookie = undefined;
      if (again) return send(path, body, read, { logOff, again: false });
      throw new CrmError(
        'credentials',
        `The efficy server refused the sign-in. ${toCheck} It said: ${quoted(error.message)}`,
        { cause: error },
      );
    }
  };

  /** Runs operations with one function each, in one call, and returns the functions' results. */
  const run = (operations: readonly [Operation, Func][], options: { logOff?: boolean } = {}): Promise<unknown[]> =>
    send(
      '/json',
      () => operations.map(([operation, func]): Sent => ({ '#id': randomUUID(), ...operation, '@func': [func] })),
      resultsOf,
      options,
    );

  return {
    run,

    /** The rows of several operations in one call. A result without data is an error, never no rows. */
    async rows(...operations: readonly [Operation, Func][]): Promise<Row[]> {
      return (await run(operations)).flatMap((result) => {
        const dataset = Dataset.safeParse(result);
        if (dataset.success) return dataset.data['#data'];
        throw new CrmError(
          'unreadable',
          'The efficy server answered without the data that was asked for. Try again later.',
        );
      });
    },

    /** Rows of free SQL. The user needs the right to it. */
    sql(text: string, values: readonly string[], count: number): Promise<Row[]> {
      const func = { '@name': 'executesqlquery', sql: text, queryparams: values.join('\n'), recordcount: count };
      return this.rows([{ '@name': 'api' }, func]);
    },

    /** efficy U: rows of a table. `query`: conditions, all of an inner array, any of the outer ones. */
    summary(request: {
      tableName: string;
      fields: readonly string[];
      query: readonly (readonly string[])[];
      orderBy: readonly string[];
      nbOfLines: number;
      startIndex: number;
    }): Promise<Row[]> {
      return send(
        '/query?queryType=LISTSUMMARY&all=true',
        () => request,
        (answer) => {
          failAtTop(answer);
          const { list, errors } = readJson(answer, Summary).data;
          if (errors.length > 0) throw failed({ errorstring: vendorText(JSON.stringify(errors)) });
          return list;
        },
      );
    },

    /** The time by the server's clock. */
    serverTime: (): Promise<Date> =>
      send(
        '/json',
        () => [{ '#id': randomUUID(), '@name': 'api' as const, '@func': [{ '@name': 'currentusername' }] as [Func] }],
        (answer, sent) => {
          resultsOf(answer, sent);
          return answer.serverTime;
        },
      ),

    /** Ends the session: an open one costs the server memory, and perhaps a licence. */
    async close(): Promise<void> {
      if (cookie === undefined) return;
      await run([[{ '@name': 'api' }, { '@name': 'currentusername' }]], { logOff: true });
      cookie = undefined;
    },
  };
}

type ErrorDetail = z.infer<typeof Detail>;

function failed({ errorcode, errorstring = '', detail = '' }: ErrorDetail): Error {
  const said = [errorstring, detail].filter((text) => text !== '').join(' ') || String(errorcode ?? 'an error');
  if (ENDED_CODES.has(String(errorcode)) || ENDED_TEXTS.test(said)) return new SessionEnded(said);
  const code = errorcode === undefined ? '' : ` (${errorcode})`;
  return RIGHT.test(said)
    ? new CrmError(
        'permission',
        `The efficy server does not allow this to the user of the connection${code}: ${quoted(said)}`,
      )
    : new CrmError('refused', `The efficy server refused the call${code}: ${quoted(said)}`);
}

function failAtTop(answer: HttpAnswer): void {
  const top = TopError.safeParse(readJson(answer, z.unknown()));
  if (top.success) throw failed(top.data);
}

const markOf = (mark: z.infer<typeof ErrorMark>): ErrorDetail | null => {
  if (mark === undefined || mark === null || mark === false) return null;
  if (mark === true) return {};
  return typeof mark === 'string' ? { errorstring: mark } : mark;
};

/** The results of the operations that were sent. The status says nothing, so every place of an error is looked at. */
function resultsOf(answer: HttpAnswer, sent: readonly Sent[]): unknown[] {
  failAtTop(answer);
  const elements = readJson(answer, z.array(Element));
  for (const element of elements) {
    const error = markOf(element['#error']);
    if (error || element['@name'] === 'exception') throw failed(describe(error, element));
    for (const func of element['@func'] ?? []) {
      const wrong = markOf(func['#error']);
      if (wrong) throw failed(describe(wrong, func));
    }
  }
  return sent.map(({ '#id': id }) => {
    const own = elements.find((element) => element['#id'] === id);
    if (!own) {
      throw new CrmError(
        'incomplete',
        'The efficy server answered something else than what was asked. The next run tries again.',
      );
    }
    const result = own['@func']?.[0]?.['#result'];
    if (own['@func']?.length === 1 && result !== undefined && result !== null) return result;
    throw new CrmError(
      'unreadable',
      'The efficy server answered without the result that was asked for. Try again later.',
    );
  });
}

/** Where only a mark says that something failed, the words may be beside it. */
const describe = (error: ErrorDetail | null, beside: Record<string, unknown>): ErrorDetail => {
  if (error?.errorstring !== undefined || error?.detail !== undefined) return error;
  return { ...error, errorstring: vendorText(JSON.stringify(beside)) };
};
