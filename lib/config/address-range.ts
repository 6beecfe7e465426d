// Addresses and ranges (10.0.0.5, 10.1.0.0/16, fd00::/8) as operators write them.
import ipaddr from 'ipaddr.js';

/** Whether a text is an address or a range. */
export const isAddressRange = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);

/** Whether an address equals `entry` or lies in its range. */
export function matchesRange(address: ipaddr.IPv4 | ipaddr.IPv6, entry: string): boolean {
  if (ipaddr.isValidCIDR(entry)) {
    const [range, bits] = ipaddr.parseCIDR(entry);
    return address.kind() === range.kind() && address.match([range, bits] as never);
  }
  return ipaddr.process(entry).toString() === address.toString();
}

/**
 * What counts as one client: an IPv4 address, or the /64 network that an IPv6 site has. Text that is no address counts as one
 * client together.
 */
export function networkOf(address: string | null): string {
  if (!address || !ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4' ? parsed.toString() : `${(parsed as ipaddr.IPv6).parts.slice(0, 4).join(':')}/64`;
}
