// Calls to addresses that people enter. They reach the public internet only: a name is resolved once, and the connection
// goes to the address that was checked, so neither a redirect nor a second look-up leads inside (SSRF).
import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { environment } from '@/lib/config/environment';

/** What came of a call: an answer of any status, or why there was none, for a person. */
export type Outcome = { milliseconds: number } & ({ status: number; answer: string } | { error: string });

const TIMEOUT_MS = 15_000;
/** How much of an answer is read. Characters. */
const ANSWER_MAX = 1_000;

class PrivateAddress extends Error {}

/** Whether Tagwell may call an address: a public one, or one that the operator has allowed. */
export function isAllowedAddress(address: string): boolean {
  const parsed = ipaddr.process(address);
  if (parsed.range() === 'unicast') return true;
  return environment().TAGWELL_ALLOW_PRIVATE_ADDRESSES.some((entry) => {
    const [range, bits] = ipaddr.isValidCIDR(entry)
      ? ipaddr.parseCIDR(entry)
      : [ipaddr.process(entry), ipaddr.process(entry).kind() === 'ipv4' ? 32 : 128];
    return parsed.kind() === range.kind() && parsed.match([range, bits] as never);
  });
}

/** What is wrong with an address that a person entered, or null. Names are looked up when they are called. */
export function addressProblem(text: string): string | null {
  if (!URL.canParse(text)) return 'Enter an address that begins with https://';
  const { protocol, hostname, username, password } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'Enter an address that begins with https://';
  if (username || password) return 'Leave the user name and password out of the address: calls are signed.';
  const host = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host) && !isAllowedAddress(host)) return PRIVATE;
  return null;
}

const PRIVATE = 'This address is inside a private network, which Tagwell does not call. Enter one on the internet.';

const lookup: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    const [allowed] = addresses.filter(({ address }) => isAllowedAddress(address));
    if (!allowed || addresses.some(({ address }) => !isAllowedAddress(address))) {
      return callback(new PrivateAddress(PRIVATE), []);
    }
    return options.all ? callback(null, [allowed]) : callback(null, allowed.address, allowed.family);
  });
};

/** Posts a body. Follows no redirect, gives up after fifteen seconds, and never throws for what the other side does. */
export async function post(url: string, headers: Record<string, string>, body: string): Promise<Outcome> {
  const began = Date.now();
  const elapsed = () => ({ milliseconds: Date.now() - began });
  const problem = addressProblem(url);
  if (problem) return { ...elapsed(), error: problem };
  try {
    const { status, answer } = await send(url, headers, body);
    return { ...elapsed(), status, answer };
  } catch (error) {
    return { ...elapsed(), error: inWords(error) };
  }
}

function send(url: string, headers: Record<string, string>, body: string): Promise<{ status: number; answer: string }> {
  return new Promise((resolve, reject) => {
    const { request } = url.startsWith('https:') ? https : http;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const call = request(
      url,
      {
        method: 'POST',
        lookup,
        signal,
        agent: false,
        headers: { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' },
      },
      (response) => {
        let answer = '';
        const finish = () => resolve({ status: response.statusCode ?? 0, answer: answer.slice(0, ANSWER_MAX) });
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          answer += part;
          if (answer.length < ANSWER_MAX) return;
          finish();
          call.destroy();
        });
        response.on('end', finish);
        response.on('error', reject);
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'Nobody listens at this address.',
  ECONNRESET: 'The connection was cut.',
  ENOTFOUND: 'There is no such host.',
  EAI_AGAIN: 'The host name could not be looked up.',
  CERT_HAS_EXPIRED: 'Its certificate has expired.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Its certificate is signed by itself.',
};

function inWords(error: unknown): string {
  if (error instanceof PrivateAddress) return error.message;
  if (!(error instanceof Error)) return 'The call failed.';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') {
    return `There was no answer within ${TIMEOUT_MS / 1_000} seconds.`;
  }
  const code = 'code' in error ? String(error.code) : '';
  return WORDS[code] ?? `The call failed: ${error.message}`;
}
