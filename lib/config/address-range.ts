// Addresses and ranges (10.0.0.5, 10.1.0.0/16, fd00::/8) as operators write them.
import ipaddr from 'ipaddr.js';

/** Whether a text is an address or a range. */
export const isAddressRange = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Parsed once each, as every request is held against the trusted proxies. Settings name them, so there are few. */
const parsedRanges = new Map<string, readonly [Address, number]>();

function rangeOf(entry: string): readonly [Address, number] {
  let range = parsedRanges.get(entry);
  if (!range) {
    range = ipaddr.isValidCIDR(entry) ? ipaddr.parseCIDR(entry) : singleAddress(ipaddr.process(entry));
    parsedRanges.set(entry, range);
  }
  return range;
}

const singleAddress = (address: Address) => [address, address.toByteArray().length * 8] as const;

/** Whether an address equals `entry` or lies in its range. */
export function matchesRange(address: Address, entry: string): boolean {
  const [range, bits] = rangeOf(entry);
  return address.kind() === range.kind() && address.match([range, bits] as never);
}

/** An IPv4 address in its usual spelling: most callers have one, and parsing it costs more than the rest of what is done with it. */
const PLAIN_IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** Whether a text is an IPv4 address in the only spelling in which we write it. */
export const isPlainIpv4 = (address: string): boolean => PLAIN_IPV4.test(address);

/**
 * What counts as one client: an IPv4 address, or the /64 network that an IPv6 site has. Text that is no address counts as one
 * client together.
 */
export function networkOf(address: string | null): string {
  if (address && isPlainIpv4(address)) return address;
  if (!address || !ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const parts = (parsed as ipaddr.IPv6).parts.slice(0, 4).map((part) => part.toString(16));
  return `${parts.join(':')}/64`;
}

/** The neighbourhood of an address, in which one sender can have many: a /24 network of IPv4, a /64 of IPv6. */
export function neighbourhoodOf(address: string | null): string {
  const network = networkOf(address);
  return network.includes('.') ? network.replace(/\.\d+$/, '.0/24') : network;
}
