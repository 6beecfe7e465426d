// Calls to the Dataverse Web API (crm-apis §4.2, §4.3, §4.6, §4.9).
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { keepToken } from '../access-token';
import { CrmError } from '../crm-error';
import type { Http, HttpAnswer } from '../http';
import { readJson } from '../json';
import { quoted, vendorText } from '../vendor-text';
import type { Secrets, Settings } from './settings';

/** Rows of a page: the most that Dataverse gives. */
export const PAGE_SIZE = 5_000;
/** Characters of a URL from which a query is sent in the body of a batch: proxies refuse longer URLs. */
const LONGEST_URL = 1_500;

const HEADERS = {
  accept: 'application/json',
  'odata-maxversion': '4.0',
  'odata-version': '4.0',
  'if-none-match': 'null',
};

const Token = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

const TokenProblem = z.object({ error_codes: z.array(z.number()) });

/** What the usual codes of Microsoft Entra mean, and what to do. */
const SIGN_IN_PROBLEMS: Record<number, string> = {
  7000215: 'The client secret is wrong. Enter the secret’s value, not its ID.',
  7000222: 'The client secret has expired. Make a new one in Microsoft Entra ID, and enter its value.',
  700016: 'Microsoft Entra does not know this application in this tenant. Check the application ID and the tenant ID.',
  70011:
    'Microsoft Entra does not know the environment address. Check that it is the address in the browser when Dynamics is open.',
  500011:
    'Microsoft Entra does not know the environment address in this tenant. Check the environment address and the tenant ID.',
  90002: 'Microsoft Entra does not know this tenant. Check the tenant ID.',
};

const Problem = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** A page of rows. Rows have further members, which their readers check. */
const Page = z.object({
  value: z.array(z.record(z.string(), z.unknown())),
  '@odata.nextLink': z.string().optional(),
  '@odata.deltaLink': z.string().optional(),
  '@Microsoft.Dynamics.CRM.fetchxmlpagingcookie': z.string().optional(),
  '@Microsoft.Dynamics.CRM.morerecords': z.boolean().optional(),
});
export type Row = Record<string, unknown>;
export type Page = z.infer<typeof Page> & { serverTime: Date };

export type Client = ReturnType<typeof openClient>;

export function openClient(settings: Settings, { clientSecret }: Secrets, http: Http) {
  const base = `${settings.environment}/api/data/${settings.version}/`;

  const tokens = keepToken(async () => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: settings.clientId,
      client_secret: clientSecret,
      scope: `${settings.environment}/.default`,
    });
    const answer = await http.send(
      {
        method: 'POST',
        url: `${settings.authority}/${encodeURIComponent(settings.tenantId)}/oauth2/v2.0/token`,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: form.toString(),
        repeatable: true,
      },
      { accept: [400, 401] },
    );
    if (answer.status >= 400) throw signInError(answer);
    const { access_token: value, expires_in: seconds } = readJson(answer, Token);
    return { value, useMs: seconds * 800 };
  });

  /** Sends a request with the token; with another one if it has ended. Throws `CrmError` for all but 2xx. */
  const send = async (
    request: { method: 'GET' | 'POST'; url: string; headers?: Record<string, string>; body?: string },
    again = true,
  ): Promise<HttpAnswer> => {
    const token = await tokens.get();
    const answer = await http.send(
      {
        ...request,
        headers: { ...HEADERS, ...request.headers, authorization: `Bearer ${token}` },
        // Only queries are sent, so a POST does no harm twice.
        repeatable: true,
      },
      { accept: [400, 401, 403, 404] },
    );
    if (answer.status < 400) return answer;
    if (answer.status === 401 && again) {
      tokens.refused(token);
      return send(request, false);
    }
    throw errorOf(answer);
  };

  /** A link from an answer: opaque, and only inside the Web API of this environment. */
  const checkedLink = (link: string) => {
    const { origin } = new URL(base);
    if (URL.canParse(link) && new URL(link).origin === origin && new URL(link).pathname.startsWith('/api/data/'))
      return link;
    throw new CrmError(
      'address',
      'Dynamics sent a link that leads out of this environment, so it was not followed. If the environment has moved, change the address of the connection.',
    );
  };

  const pageOf = (answer: HttpAnswer): Page => ({ ...readJson(answer, Page), serverTime: answer.serverTime });

  /** One page of a path or of a link. `prefer`: the same for all pages of a read. */
  const readPage = async (pathOrLink: string, prefer?: string): Promise<Page> => {
    const url = /^https?:/.test(pathOrLink) ? checkedLink(pathOrLink) : base + pathOrLink;
    return pageOf(await send({ method: 'GET', url, ...(prefer !== undefined && { headers: { prefer } }) }));
  };

  /** All pages of a path, following links. Throws `incomplete` if they go round in circles. */
  async function* readPages(path: string, prefer = `odata.maxpagesize=${PAGE_SIZE}`): AsyncGenerator<Page, void, void> {
    const links = new Set<string>();
    for (let next: string | undefined = path; next !== undefined;) {
      if (links.has(next)) throw circles();
      links.add(next);
      const page: Page = await readPage(next, prefer);
      yield page;
      next = page['@odata.nextLink'];
    }
  }

  /** One page of a FetchXML query. A long one goes into the body of a batch. */
  const fetchPage = async (set: string, fetchXml: string): Promise<Page> => {
    const path = `${set}?fetchXml=${encodeURIComponent(fetchXml)}`;
    const prefer =
      'odata.include-annotations="Microsoft.Dynamics.CRM.fetchxmlpagingcookie,Microsoft.Dynamics.CRM.morerecords"';
    if (base.length + path.length <= LONGEST_URL) {
      return pageOf(await send({ method: 'GET', url: base + path, headers: { prefer } }));
    }
    const boundary = `batch_${randomUUID()}`;
    const inner = { ...HEADERS, prefer };
    const lines = [
      `--${boundary}`,
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      `GET ${new URL(base).pathname}${path} HTTP/1.1`,
      ...Object.entries(inner).map(([name, value]) => `${name}: ${value}`),
      '',
      '',
      `--${boundary}--`,
      '',
    ];
    const answer = await send({
      method: 'POST',
      url: `${base}$batch`,
      headers: { 'content-type': `multipart/mixed; boundary="${boundary}"` },
      body: lines.join('\r\n'),
    });
    const only = readBatch(answer);
    if (only.status >= 400) throw errorOf(only);
    return pageOf(only);
  };

  /** One object. */
  const readOne = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
    readJson(await send({ method: 'GET', url: base + path }), schema);

  return { readOne, readPage, readPages, fetchPage };
}

/** A row of a page in an agreed shape. Throws `unreadable` for any other. */
export function rowAs<T>(schema: z.ZodType<T>, row: unknown): T {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CrmError(
    'unreadable',
    `Dynamics sent a row in an unexpected form: in “${issue?.path.join('.')}”, ${issue?.message}. Try again later.`,
  );
}

export const circles = () =>
  new CrmError('incomplete', 'Dynamics sent a link to a page that had been read already. The next run tries again.');

function signInError({ status, body }: HttpAnswer): CrmError {
  const known = codesIn(body)
    .map((code) => SIGN_IN_PROBLEMS[code])
    .find((words) => words !== undefined);
  const words = known ?? 'Microsoft Entra refused the sign-in.';
  const said = vendorText(body);
  return new CrmError('credentials', said ? `${words} It said: ${quoted(said)}` : words, { status });
}

function codesIn(body: string): number[] {
  try {
    return TokenProblem.parse(JSON.parse(body)).error_codes;
  } catch {
    return [];
  }
}

/** The application user is not in the environment. */
const NO_APPLICATION_USER = '0x80072560';

function errorOf(answer: HttpAnswer): CrmError {
  const { status } = answer;
  // A refused token may come without a body, and a proxy's answer has another.
  const { code, message } = problemIn(answer.body);
  const said = message ? `Dynamics answered ${status} (${code}): ${quoted(message)}` : `The answer was ${status}.`;
  const fail = (kind: CrmError['kind'], words: string) => new CrmError(kind, `${words} ${said}`, { status });
  if (code === NO_APPLICATION_USER) {
    return fail(
      'permission',
      'The application is not a user of this environment. Make an application user for it in the Power Platform admin centre.',
    );
  }
  if (/version stamp .*expired/i.test(message)) return fail('cursor_expired', 'All contacts must be read again.');
  if (status === 401) return fail('credentials', 'Dynamics refused the sign-in.');
  if (status === 403) {
    return fail('permission', 'The application user may not read this. Give its security role the permission.');
  }
  if (status === 404) return fail('missing', 'Dynamics does not have what was asked for.');
  // Inside the answer to a batch.
  if (status === 429) return fail('throttled', 'Dynamics refuses further calls for now.');
  if (status >= 500) return fail('unreachable', 'Dynamics could not answer.');
  return fail('refused', 'Dynamics refused the query.');
}

function problemIn(body: string): { code: string; message: string } {
  try {
    return Problem.parse(JSON.parse(body)).error;
  } catch {
    return { code: '', message: vendorText(body) };
  }
}

/** The only part of a batch's answer. */
function readBatch(answer: HttpAnswer): HttpAnswer {
  const unreadable = () =>
    new CrmError('unreadable', 'Dynamics answered a batch in a form that Tagwell does not know. Try again later.', {
      status: answer.status,
    });
  const boundary = /boundary="?([^";]+)"?/i.exec(answer.headers['content-type'] ?? '')?.[1];
  const [, part, end] = boundary ? answer.body.split(`--${boundary}`) : [];
  if (part === undefined || !end?.startsWith('--')) throw unreadable();
  const [, http = ''] = splitOnce(part, '\r\n\r\n');
  const [head, body = ''] = splitOnce(http, '\r\n\r\n');
  const [statusLine = '', ...headerLines] = head.split('\r\n');
  const status = Number(/^HTTP\/\d\.\d (\d{3})\b/.exec(statusLine)?.[1]);
  if (!status) throw unreadable();
  const headers = Object.fromEntries(
    headerLines.map((line) => {
      const [name, value = ''] = splitOnce(line, ':');
      return [name.toLowerCase(), value.trim()];
    }),
  );
  return { status, headers, body: body.trim(), serverTime: answer.serverTime };
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
