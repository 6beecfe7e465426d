// HTTP to CRMs, in one place: limits, retries, timeouts, sizes, and which hosts may be called.
import http from 'node:http';
import https from 'node:https';
import { CRM } from '@/lib/config/limits';
import { call, CallError, type CallAnswer } from '@/lib/outbound/request';
import { storable } from '@/lib/text/storable';
import { CLOCK, type Clock } from './clock';
import { CrmError, type CrmErrorKind } from './crm-error';
import { limiterOf, type RateLimit, type TakeTurn } from './limiter';
import { cut, redacted, secretsOf } from './redact';
import { quoted, vendorText } from './vendor-text';

export type { RateLimit } from './limiter';

export type HttpRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute. */
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** Repeating it does no harm, so it may be retried. Default: for GET only. */
  repeatable?: boolean;
};

/** An answer with status 200 to 299, or one that the caller asked for with `accept`. */
export type HttpAnswer = {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** When it answered, by the server's clock, if it says; otherwise by ours. */
  serverTime: Date;
};

/** The calls of one connection. */
export type Http = {
  /**
   * Sends a request. Retries what is temporary. Throws `CrmError` for anything but 2xx, unless its status is in
   * `accept`.
   */
  send: (request: HttpRequest, options?: { accept?: readonly number[] }) => Promise<HttpAnswer>;
  /** Calls so far, retries included. */
  readonly calls: number;
  /**
   * Takes the credentials and tokens of this connection out of a text of the CRM, and what the database cannot store. Before the
   * text is cut: half a secret would not be found.
   */
  clean: (text: string) => string;
};

export type HttpOptions = {
  clock?: Clock;
  /** Milliseconds and counts as in CRM (lib/config/limits.ts). */
  connectMs?: number;
  timeoutMs?: number;
  answerChars?: number;
  tries?: number;
  backoffMs?: number;
  backoffMostMs?: number;
  retryAfterMostMs?: number;
};

/** Temporary, if the request may be repeated. */
const TEMPORARY = new Set([408, 429, 500, 502, 503, 504]);

/** Connections stay open between calls: a read is hundreds of calls. Idle ones are closed after this. Milliseconds. */
const IDLE_MS = 4_000;
const agents = {
  'http:': new http.Agent({ keepAlive: true, timeout: IDLE_MS }),
  'https:': new https.Agent({ keepAlive: true, timeout: IDLE_MS }),
};

/**
 * Opens the calls of one connection. `hosts`: with their ports; calls to any other are refused. `redact`: values that must never
 * appear in an error. `takeTurn`: makes the limit that of all processes. `signal` ends everything: the calls, their retries and the waiting for a place.
 */
export function openHttp({
  hosts,
  limit,
  takeTurn,
  redact = [],
  signal,
  options: { clock = CLOCK, ...options } = {},
}: {
  hosts: readonly string[];
  limit: RateLimit;
  takeTurn?: TakeTurn;
  redact?: readonly string[];
  signal?: AbortSignal;
  options?: HttpOptions;
}): Http {
  const allowed = new Set(hosts.map((host) => host.toLowerCase()));
  const settings = { ...CRM, ...options };
  const limiter = limiterOf(limit, clock, takeTurn);
  let calls = 0;
  /** Grows by the tokens that are sent, and the sessions that are opened. */
  const secrets = new Set(redact);
  const clean = (text: string) => redacted(storable(text), secrets);

  const once = async (request: HttpRequest): Promise<CallAnswer | CallError> => {
    const release = await limiter.acquire(signal).catch((error: unknown) => {
      // Anything else is no fault of the CRM: the database, which gives the turns, may be away.
      if (!signal?.aborted) throw error;
      return new CallError('cancelled', 'The call was cancelled.');
    });
    if (release instanceof CallError) return release;
    calls += 1;
    const { method, url, headers = {}, body, repeatable = method === 'GET' } = request;
    // A connection that the server has just closed fails the call: only what may be repeated uses an open one.
    const agent = repeatable ? agents[new URL(url).protocol as keyof typeof agents] : undefined;
    const { connectMs, timeoutMs, answerChars } = settings;
    const sending = { 'accept-encoding': 'identity', ...headers };
    try {
      const answer = await call(
        url,
        { method, headers: sending, body },
        { signal, connectMs, timeoutMs, answerChars, longer: 'fail', agent },
      );
      for (const secret of secretsOf(answer.headers)) secrets.add(secret);
      return answer;
    } catch (error) {
      if (error instanceof CallError) return error;
      throw error;
    } finally {
      release();
    }
  };

  /** How long to wait before trying again, or null if it is not worth while. */
  const waitFor = (result: CallAnswer | CallError, request: HttpRequest, tried: number): number | null => {
    const { repeatable = request.method === 'GET' } = request;
    const backoff = Math.random() * Math.min(settings.backoffMostMs, settings.backoffMs * 2 ** (tried - 1));
    if (result instanceof CallError) {
      return repeatable && (result.reason === 'timeout' || result.reason === 'closed') ? backoff : null;
    }
    // A throttled request was not carried out, whatever it is.
    if (!TEMPORARY.has(result.status) || (!repeatable && result.status !== 429)) return null;
    const asked = retryAfterMs(result, clock);
    if (asked !== null) return asked <= settings.retryAfterMostMs ? asked : null;
    if (result.status !== 429) return backoff;
    return Math.min(settings.backoffMostMs, limit.throttledMs * 2 ** (tried - 1)) + backoff;
  };

  const send: Http['send'] = async (request, { accept = [] } = {}) => {
    const url = URL.canParse(request.url) ? new URL(request.url) : null;
    if (!url || !allowed.has(url.host)) throw elsewhere(url);
    for (const secret of secretsOf(request.headers ?? {})) secrets.add(secret);
    for (let tried = 1; ; tried += 1) {
      const result = await once(request);
      if (!(result instanceof CallError) && (isGood(result.status) || accept.includes(result.status))) {
        return { ...result, serverTime: serverTime(result, clock) };
      }
      const wait = tried < settings.tries ? waitFor(result, request, tried) : null;
      if (wait === null) throw errorOf(result, url.host, tried, clean);
      if (!(result instanceof CallError) && result.status === 429) limiter.pause(wait);
      else await clock.sleep(wait, signal);
    }
  };

  return {
    send,
    clean,
    get calls() {
      return calls;
    },
  };
}

const isGood = (status: number) => status >= 200 && status < 300;

const elsewhere = (url: URL | null) =>
  new CrmError(
    'address',
    url
      ? `The CRM sent a link to another address (${url.host}), which is not part of this connection. Nothing was sent there. If the CRM has moved, change the address of the connection.`
      : 'The CRM sent a link that is not an address.',
  );

function serverTime({ headers }: CallAnswer, clock: Clock): Date {
  const time = Date.parse(headers.date ?? '');
  return new Date(Number.isNaN(time) ? clock.now() : time);
}

/** `Retry-After` in milliseconds: seconds, or a date by the server's clock. Null without one. */
function retryAfterMs(answer: CallAnswer, clock: Clock): number | null {
  const text = answer.headers['retry-after']?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - serverTime(answer, clock).getTime());
}

const KINDS: Record<number, CrmErrorKind> = {
  401: 'credentials',
  403: 'permission',
  404: 'missing',
  405: 'missing',
  408: 'unreachable',
  410: 'missing',
  429: 'throttled',
};

const WORDS: Partial<Record<CrmErrorKind, string>> = {
  credentials: 'The CRM refused the credentials. Check them, and enter them again.',
  permission:
    'The CRM does not let the user of this connection read this. Ask an administrator of the CRM for the permission.',
  missing: 'The CRM does not have what was asked for.',
  throttled: 'The CRM refuses further calls for now, because there were too many. The next run tries again.',
  unreachable: 'The CRM could not answer. The next run tries again.',
  refused: 'The CRM refused the request.',
  address: 'The CRM sends calls on to another address. Enter the address that it uses now in the connection.',
};

/** Characters of the CRM's words in an error. */
const SAID_MAX = 300;

function errorOf(
  result: CallAnswer | CallError,
  host: string,
  tried: number,
  clean: (text: string) => string,
): CrmError {
  const often = tried > 1 ? ` It was tried ${tried} times.` : '';
  if (result instanceof CallError) {
    const { reason, message } = result;
    if (reason === 'cancelled') return new CrmError('cancelled', 'The call was cancelled.');
    if (reason === 'too_long') return new CrmError('too_large', `${host}: ${message} Choose a smaller list.`);
    const kind = reason === 'address' ? 'address' : 'unreachable';
    return new CrmError(kind, clean(`${host}: ${message}${often}`));
  }
  const { status, body, headers } = result;
  const moved = status >= 300 && status < 400;
  const kind = moved ? 'address' : (KINDS[status] ?? (status >= 500 ? 'unreachable' : 'refused'));
  const said = cut(clean(vendorText(body)), SAID_MAX);
  // Only the host: the rest of a link can hold a token.
  const to = moved && URL.canParse(headers.location ?? '') ? ` (${new URL(headers.location!).host})` : '';
  const words = said ? ` It answered ${status}${to}: ${quoted(said)}` : ` It answered ${status}${to}.`;
  return new CrmError(kind, `${WORDS[kind]}${often}${words}`, { status });
}
