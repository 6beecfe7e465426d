// Calls to addresses that people enter. They reach the public internet only: a name is resolved once, and the connection uses the
// address that was checked, so neither a redirect nor a second look-up leads to the internal network (SSRF).
import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { matchesRange } from '@/lib/config/address-range';
import { environment } from '@/lib/config/environment';
import { WEBHOOKS } from '@/lib/config/limits';

/** The outcome of a call: a response with any status, or a readable reason for its absence. */
export type Outcome = { milliseconds: number } & ({ status: number; answer: string } | { error: string });

export type CallOptions = {
  /** Aborts the call. */
  signal?: AbortSignal;
  timeoutMs?: number;
};

/** An error whose message is meant for a person. */
class CallError extends Error {}

/** Global unicast, the IPv6 block of the internet. All other blocks are special-purpose, including IPv4-mapped addresses. */
const GLOBAL_IPV6 = '2000::/3';

const PRIVATE = 'This address is in a private network, which Tagwell does not call. Enter a public address.';
const PLAIN =
  'Plain http would send personal data unencrypted over the internet. Enter an address that begins with https://';

/** Whether an address is public. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.range() === 'unicast' && (address.kind() === 'ipv4' || matchesRange(address, GLOBAL_IPV6));
}

/**
 * Why an address may not be called over this protocol, or null. Allowed are public addresses over HTTPS, and those that the
 * operator allows.
 */
function problemOfAddress(address: string, protocol: string): string | null {
  // An IPv4-mapped IPv6 address (::ffff:10.0.0.1) is treated as IPv4.
  const parsed = ipaddr.process(address);
  if (environment().TAGWELL_ALLOW_PRIVATE_ADDRESSES.some((entry) => matchesRange(parsed, entry))) return null;
  if (!isPublic(parsed)) return PRIVATE;
  return protocol === 'https:' ? null : PLAIN;
}

/** Why an address that a person entered may not be called, or null. Names are resolved when they are called. */
export function addressProblem(text: string): string | null {
  if (!URL.canParse(text)) return 'Enter an address that begins with https://';
  const { protocol, hostname, username, password } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'Enter an address that begins with https://';
  if (username || password) return 'Leave the user name and password out of the address: calls are signed.';
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
      if (problem || !first) return callback(new CallError(problem ?? WORDS.ENOTFOUND), []);
      return options.all ? callback(null, [first]) : callback(null, first.address, first.family);
    });
  };

/** Posts a body. Follows no redirect, always settles within the timeout, and never throws because of the receiver. */
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
 * One call. The timeout and the signal settle it independently of connection events, whatever the receiver does: switch protocols,
 * send half a response, nothing, or endless informational responses.
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
    const abort = () => giveUp(new CallError('The call was cancelled.'));
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
    // 101 ends the exchange without 'response', 'error' or 'end'.
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
  ECONNREFUSED: 'Nothing is listening at this address.',
  ECONNRESET: 'The connection was closed.',
  ENOTFOUND: 'The host does not exist.',
  EAI_AGAIN: 'The host name could not be looked up.',
  CERT_HAS_EXPIRED: 'Its certificate has expired.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Its certificate is self-signed.',
};

function inWords(error: unknown): string {
  if (error instanceof CallError) return error.message;
  if (!(error instanceof Error)) return 'The call failed.';
  const code = 'code' in error ? String(error.code) : '';
  return code in WORDS ? WORDS[code as keyof typeof WORDS] : `The call failed: ${error.message}`;
}
