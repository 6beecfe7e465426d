// Calls to addresses that people enter. They reach the public internet only: a name is resolved once, and the connection uses the
// address that was checked, so neither a redirect nor a second look-up leads to the internal network (SSRF).
import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { environment } from '@/lib/config/environment';
import { WEBHOOKS } from '@/lib/config/limits';
import { isMadeUp, madeUpCrm } from './made-up-crm';
import { placeOf, PRIVATE } from './place';

/** The outcome of a call: a response with any status, or a readable reason for its absence. */
export type Outcome = { milliseconds: number } & ({ status: number; answer: string } | { error: string });

export type CallOptions = {
  /** Aborts the call. */
  signal?: AbortSignal;
  timeoutMs?: number;
};

/**
 * Why there is no answer. `address`: it may not be called. `timeout`: too late. `cancelled`: we stopped it. `closed`: the
 * connection failed, which may be temporary. `too_long`: more than was allowed. `failed`: anything else, such as a certificate.
 */
type CallFailure = 'address' | 'timeout' | 'cancelled' | 'closed' | 'too_long' | 'failed';

/** An error whose message is meant for a person. */
export class CallError extends Error {
  readonly reason: CallFailure;
  /** Whether the connection stood, so that the request may have arrived although there is no answer. */
  mayHaveArrived = false;

  constructor(reason: CallFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export type CallRequest = { method: string; headers: Record<string, string>; body?: string };

export type CallLimits = {
  /** Aborts the call. */
  signal?: AbortSignal;
  /** Milliseconds until connected, and until the whole answer is here. */
  connectMs: number;
  timeoutMs: number;
  /** Characters that are read of an answer. A longer one is cut there, or fails with `too_long`. */
  answerChars: number;
  longer: 'cut' | 'fail';
  /** Keeps connections open for further calls. Default: one call a connection. */
  agent?: http.Agent;
};

/** Names of headers are in lower case; repeated headers are joined by a comma. */
export type CallAnswer = { status: number; headers: Record<string, string>; body: string };

const PLAIN =
  'Plain http would send personal data unencrypted over the internet. Enter an address that begins with https://';
const NOT_HERE = 'The made-up CRM runs only where Tagwell is tried out: on one machine, with a database of its own.';

/**
 * Why an address may not be called over this protocol, or null. Allowed are public addresses over HTTPS, and those that the
 * operator allows.
 */
function problemOfAddress(address: string, protocol: string): string | null {
  const place = placeOf(address);
  if (place === 'allowed') return null;
  if (place === 'private') return PRIVATE;
  return protocol === 'https:' ? null : PLAIN;
}

/** Why an address that a person entered may not be called, or null. Names are resolved when they are called. */
export function addressProblem(text: string): string | null {
  if (!URL.canParse(text)) return 'Enter an address that begins with https://';
  const { protocol, hostname, username, password } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'Enter an address that begins with https://';
  if (username || password) return 'Leave the user name and password out of the address: calls are signed.';
  if (isMadeUp(text)) return madeUpCrm() ? null : NOT_HERE;
  const host = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host)) return problemOfAddress(host, protocol);
  // Plain HTTP needs an address that the operator allows, and a name can only resolve to one if there are any.
  const somePrivate = environment().TAGWELL_ALLOW_PRIVATE_ADDRESSES.length > 0;
  return protocol === 'https:' || somePrivate ? null : PLAIN;
}

/** Resolves a name once; every address it has must be allowed. */
const lookupFor =
  (protocol: string): LookupFunction =>
  (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const problem = addresses.map(({ address }) => problemOfAddress(address, protocol)).find((item) => item !== null);
      const [first] = addresses;
      if (problem || !first)
        return callback(new CallError(problem ? 'address' : 'failed', problem ?? WORDS.ENOTFOUND), []);
      return options.all ? callback(null, [first]) : callback(null, first.address, first.family);
    });
  };

/** Posts a body. Follows no redirect, always settles within the timeout, and never throws because of the receiver. */
export async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  { signal, timeoutMs = WEBHOOKS.timeoutMs }: CallOptions = {},
): Promise<Outcome> {
  const began = performance.now();
  const elapsed = () => ({ milliseconds: Math.round(performance.now() - began) });
  try {
    const answer = await call(
      url,
      { method: 'POST', headers, body },
      { signal, connectMs: timeoutMs, timeoutMs, answerChars: WEBHOOKS.answerChars, longer: 'cut' },
    );
    return { ...elapsed(), status: answer.status, answer: answer.body };
  } catch (error) {
    return { ...elapsed(), error: asCallError(error).message };
  }
}

/**
 * One call: any answer, or a `CallError`. Follows no redirect. The timeouts and the signal settle it independently of connection
 * events, whatever the receiver does: switch protocols, send half a response, nothing, or endless informational responses.
 */
export async function call(url: string, request: CallRequest, limits: CallLimits): Promise<CallAnswer> {
  const problem = addressProblem(url);
  if (problem) throw new CallError('address', problem);
  return send(url, request, limits).catch((error: unknown) => {
    throw asCallError(error);
  });
}

function send(url: string, { method, headers, body }: CallRequest, limits: CallLimits): Promise<CallAnswer> {
  const { signal, connectMs, timeoutMs, answerChars, longer, agent } = limits;
  return new Promise((resolve, fail) => {
    let stood = false;
    const reject = (reason: unknown) => {
      const error = asCallError(reason);
      error.mayHaveArrived = stood;
      fail(error);
    };
    const { protocol } = new URL(url);
    const { request } = protocol === 'https:' ? https : http;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const madeUp = isMadeUp(url) ? madeUpCrm() : null;
    const sent = request(url, {
      ...(madeUp && { hostname: '127.0.0.1', port: madeUp.port }),
      method,
      lookup: lookupFor(protocol),
      agent: agent ?? false,
      headers: { ...headers, ...length, ...(agent ? {} : { connection: 'close' }) },
    });
    const giveUp = (reason: Error) => {
      reject(reason);
      sent.destroy();
    };
    const tooLate = (milliseconds: number) => () =>
      giveUp(new CallError('timeout', `There was no answer within ${milliseconds / 1_000} seconds.`));
    const timer = setTimeout(tooLate(timeoutMs), timeoutMs);
    const connecting = setTimeout(tooLate(connectMs), connectMs);
    const abort = () => giveUp(new CallError('cancelled', 'The call was cancelled.'));
    const settled = () => {
      clearTimeout(timer);
      clearTimeout(connecting);
      signal?.removeEventListener('abort', abort);
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    sent.on('socket', (socket) => {
      const connected = () => {
        clearTimeout(connecting);
        stood = true;
      };
      if (socket.connecting) socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', connected);
      else connected();
    });
    sent.on('response', (response) => {
      let text = '';
      const tooLong = () => giveUp(new CallError('too_long', `The answer is longer than ${answerChars} characters.`));
      const finish = () => {
        settled();
        resolve({
          status: response.statusCode ?? 0,
          headers: headersOf(response.headers),
          body: text.slice(0, answerChars),
        });
      };
      // Four bytes make one character at most.
      if (longer === 'fail' && Number(response.headers['content-length']) > 4 * answerChars) return tooLong();
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (longer === 'fail' && text.length > answerChars) return tooLong();
        if (longer === 'fail' || text.length < answerChars) return;
        finish();
        sent.destroy();
      });
      response.on('end', finish);
      response.on('error', reject);
    });
    // 101 ends the exchange without 'response', 'error' or 'end'.
    sent.on('upgrade', () =>
      giveUp(
        new CallError(
          'failed',
          'The receiver answered 101 (it wants to switch protocols). Enter the address of an HTTP endpoint.',
        ),
      ),
    );
    sent.on('error', reject);
    // The last event of every call: a call that has not settled by now never will.
    sent.on('close', () => {
      settled();
      reject(new CallError('closed', WORDS.ECONNRESET));
    });
    sent.end(body);
  });
}

function headersOf(headers: http.IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<string, string>;
}

export const WORDS = {
  ECONNREFUSED: 'Nothing is listening at this address.',
  ECONNRESET: 'The connection was closed.',
  EPIPE: 'The connection was closed.',
  ETIMEDOUT: 'The host cannot be reached.',
  EHOSTUNREACH: 'The host cannot be reached.',
  ENETUNREACH: 'The host cannot be reached.',
  ENOTFOUND: 'The host does not exist. Check the address for a typing mistake.',
  EAI_AGAIN: 'The host name could not be looked up.',
  CERT_HAS_EXPIRED: 'Its certificate has expired.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Its certificate is self-signed.',
};
const TEMPORARY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

/** An error of a connection, in words for a person. */
export function asCallError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  if (!(error instanceof Error)) return new CallError('failed', 'The call failed.');
  const code = 'code' in error ? String(error.code) : '';
  const words = code in WORDS ? WORDS[code as keyof typeof WORDS] : `The call failed: ${error.message}`;
  return new CallError(TEMPORARY.has(code) ? 'closed' : 'failed', words, { cause: error });
}
