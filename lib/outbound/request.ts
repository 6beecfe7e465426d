// Calls to addresses that people enter. They reach the public internet only: a name is resolved once, and the connection
// goes to the address that was checked, so neither a redirect nor a second look-up leads inside (SSRF).
import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { matchesRange } from '@/lib/config/address-range';
import { environment } from '@/lib/config/environment';
import { WEBHOOKS } from '@/lib/config/limits';

/** The outcome of a call: an answer with any status, or why there was none, in words for a person. */
export type Outcome = { milliseconds: number } & ({ status: number; answer: string } | { error: string });

export type CallOptions = {
  /** Gives the call up. */
  signal?: AbortSignal;
  timeoutMs?: number;
};

/** A reason that is written for a person. */
class CallError extends Error {}

/** Global unicast, the IPv6 block of the internet. Everything else (also IPv4 in IPv6 notation) is special. */
const GLOBAL_IPV6 = '2000::/3';

const PRIVATE = 'This address is inside a private network, which Tagwell does not call. Enter one on the internet.';
const PLAIN =
  'Plain http would send personal data over the internet for anybody to read. Enter an address that begins with https://';

/** Whether an address is on the internet. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.range() === 'unicast' && (address.kind() === 'ipv4' || matchesRange(address, GLOBAL_IPV6));
}

/** What is wrong with calling an address over http or https, or null: a public one by https, or one that the operator has allowed. */
function problemOfAddress(address: string, protocol: string): string | null {
  // An IPv4 address inside an IPv6 one (::ffff:10.0.0.1) is that IPv4 address.
  const parsed = ipaddr.process(address);
  if (environment().TAGWELL_ALLOW_PRIVATE_ADDRESSES.some((entry) => matchesRange(parsed, entry))) return null;
  if (!isPublic(parsed)) return PRIVATE;
  return protocol === 'https:' ? null : PLAIN;
}

/** What is wrong with an address that a person entered, or null. Names are looked up when they are called. */
export function addressProblem(text: string): string | null {
  if (!URL.canParse(text)) return 'Enter an address that begins with https://';
  const { protocol, hostname, username, password } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'Enter an address that begins with https://';
  if (username || password) return 'Leave the user name and password out of the address: calls are signed.';
  const host = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host)) return problemOfAddress(host, protocol);
  // By plain http a name can only be of a place that the operator has allowed.
  const somePrivate = environment().TAGWELL_ALLOW_PRIVATE_ADDRESSES.length > 0;
  return protocol === 'https:' || somePrivate ? null : PLAIN;
}

/** Looks a name up once; every address that it has must be one that may be called. */
const lookupFor =
  (protocol: string): LookupFunction =>
  (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const problem = addresses.map(({ address }) => problemOfAddress(address, protocol)).find((one) => one !== null);
      const [first] = addresses;
      if (problem || !first) return callback(new CallError(problem ?? WORDS.ENOTFOUND), []);
      return options.all ? callback(null, [first]) : callback(null, first.address, first.family);
    });
  };

/** Posts a body. Follows no redirect, always settles within the timeout, and never throws for what the other side does. */
export async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  options: CallOptions = {},
): Promise<Outcome> {
  const began = performance.now();
  const elapsed = () => ({ milliseconds: Math.round(performance.now() - began) });
  const problem = addressProblem(url);
  if (problem) return { ...elapsed(), error: problem };
  try {
    const { status, answer } = await send(url, headers, body, options);
    return { ...elapsed(), status, answer };
  } catch (error) {
    return { ...elapsed(), error: inWords(error) };
  }
}

type Answer = { status: number; answer: string };

/**
 * One call. Whatever the other side does (switches protocols, sends half an answer, nothing, or hints without end), the timeout
 * and the signal settle it: they do not depend on any event of the connection.
 */
function send(
  url: string,
  headers: Record<string, string>,
  body: string,
  { signal, timeoutMs = WEBHOOKS.timeoutMs }: CallOptions,
): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const { protocol } = new URL(url);
    const { request } = protocol === 'https:' ? https : http;
    const call = request(url, {
      method: 'POST',
      lookup: lookupFor(protocol),
      agent: false,
      headers: { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' },
    });
    const giveUp = (reason: Error) => {
      reject(reason);
      call.destroy();
    };
    const tooLate = new CallError(`There was no answer within ${timeoutMs / 1_000} seconds.`);
    const timer = setTimeout(() => giveUp(tooLate), timeoutMs);
    const abort = () => giveUp(new CallError('The call was given up.'));
    const settled = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    call.on('response', (response) => {
      let answer = '';
      const finish = () => {
        settled();
        resolve({ status: response.statusCode ?? 0, answer: answer.slice(0, WEBHOOKS.answerChars) });
      };
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        answer += part;
        if (answer.length < WEBHOOKS.answerChars) return;
        finish();
        call.destroy();
      });
      response.on('end', finish);
      response.on('error', reject);
    });
    // 101 ends the conversation without 'response', 'error' or 'end'.
    call.on('upgrade', () =>
      giveUp(
        new CallError(
          'The receiver answered 101 (it wants to switch protocols). Enter the address of an HTTP endpoint.',
        ),
      ),
    );
    call.on('error', reject);
    // The last event of every call: a call that has not settled by now never will.
    call.on('close', () => {
      settled();
      reject(new CallError(WORDS.ECONNRESET));
    });
    call.end(body);
  });
}

const WORDS = {
  ECONNREFUSED: 'Nobody listens at this address.',
  ECONNRESET: 'The connection was cut.',
  ENOTFOUND: 'There is no such host.',
  EAI_AGAIN: 'The host name could not be looked up.',
  CERT_HAS_EXPIRED: 'Its certificate has expired.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Its certificate is signed by itself.',
};

function inWords(error: unknown): string {
  if (error instanceof CallError) return error.message;
  if (!(error instanceof Error)) return 'The call failed.';
  const code = 'code' in error ? String(error.code) : '';
  return code in WORDS ? WORDS[code as keyof typeof WORDS] : `The call failed: ${error.message}`;
}
