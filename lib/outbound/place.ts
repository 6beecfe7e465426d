// Which addresses are reached at all: those of the public internet, and those that the operator allows.
import ipaddr from 'ipaddr.js';
import { matchesRange } from '@/lib/config/address-range';
import { environment } from '@/lib/config/environment';

/** Where an address is. `allowed`: the operator allows it, wherever that is. */
export type Place = 'allowed' | 'public' | 'private';

export const PRIVATE =
  'This address is in a private network, which Tagwell does not call. Enter a public address, or ask whoever runs Tagwell to allow this one.';

/** Global unicast, the IPv6 block of the internet. All other blocks are special-purpose, including IPv4-mapped addresses. */
const GLOBAL_IPV6 = '2000::/3';

/** Where an address is. An IPv4-mapped IPv6 address (::ffff:10.0.0.1) is treated as IPv4. */
export function placeOf(address: string): Place {
  const parsed = ipaddr.process(address);
  if (environment().TAGWELL_ALLOW_PRIVATE_ADDRESSES.some((entry) => matchesRange(parsed, entry))) return 'allowed';
  const isPublic = parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || matchesRange(parsed, GLOBAL_IPV6));
  return isPublic ? 'public' : 'private';
}
