// The address of the client, also behind proxies. Only proxies that the operator trusts are believed.
import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { environment } from '@/lib/config/environment';
import { isPlainIpv4, matchesRange } from '@/lib/config/address-range';
import { log } from './log';

/** By connection, as parsing an address is 4 % of a small API call. */
const addresses = new WeakMap<object, string>();

let trusted: readonly string[] | undefined;
let warned = false;

/** By address, for the operator's proxies: asked for each request. */
const known = new Map<string, boolean>();
const KNOWN_MAX = 10_000;
/** An address of IPv6 with all its digits. */
const LONGEST = 45;

/** Whether an address is one of TAGWELL_TRUSTED_PROXIES. */
export function isTrusted(address: string, proxies?: readonly string[]): boolean {
  if (proxies || address.length > LONGEST) return isAmong(proxies ?? ours(), address);
  let found = known.get(address);
  if (found === undefined) {
    found = isAmong(ours(), address);
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(address, found);
  }
  return found;
}

const ours = () => (trusted ??= environment().TAGWELL_TRUSTED_PROXIES);

function isAmong(ranges: readonly string[], address: string): boolean {
  if (ranges.length === 0 || !ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return ranges.some((range) => matchesRange(parsed, range));
}

/**
 * The client's address: that of the connection or, behind a trusted proxy, the last one in X-Forwarded-For that is not a trusted
 * proxy's. A client can forge the beginning of that header, but not what a trusted proxy appends.
 */
export function clientAddress(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  proxies?: readonly string[],
): string {
  const header = request.headers['x-forwarded-for'];
  if (!header) return addressOf(request.socket);
  const peer = request.socket.remoteAddress ?? '';
  if (!isTrusted(peer, proxies)) {
    warnOnce(peer);
    return plain(peer);
  }
  const hops = String(header)
    .split(',')
    .map((hop) => hop.trim())
    .reverse();
  return plain(hops.find((hop) => !isTrusted(hop, proxies)) ?? hops.at(-1) ?? peer);
}

function addressOf(socket: IncomingMessage['socket']): string {
  const parsed = addresses.get(socket);
  if (parsed !== undefined) return parsed;
  const address = plain(socket.remoteAddress ?? '');
  addresses.set(socket, address);
  return address;
}

/** Plain IPv4 for IPv4-mapped IPv6. Text that is not an address is truncated, since a client chose it. */
function plain(address: string): string {
  if (isPlainIpv4(address)) return address;
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : address.slice(0, LONGEST);
}

function warnOnce(peer: string): void {
  if (warned) return;
  warned = true;
  log.warn(
    { peer },
    'X-Forwarded-For is not believed from this address: if it is your proxy, name it in TAGWELL_TRUSTED_PROXIES',
  );
}
