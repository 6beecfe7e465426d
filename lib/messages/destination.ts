// Where a link leads in the end. Imports no server code, so that editors can use it.
import type { MessageSettings } from './schema';

export const isWeb = (address: string): boolean => /^https?:\/\//i.test(address);

/** Where a link leads: its address, with the parameters that the message adds to web addresses. */
export const destinationOf = (address: string, utm: MessageSettings['utm']): string =>
  utm !== null && isWeb(address) ? withParameters(address, utm) : address;

/** Parameters that the address has already win, and the fragment stays last. The rest is left as it is written. */
function withParameters(address: string, utm: NonNullable<MessageSettings['utm']>): string {
  const [, start, query, fragment] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(address)!;
  const known = new URLSearchParams(query ?? '');
  const added = Object.entries(utm).flatMap(([name, value]) =>
    value === '' || known.has(`utm_${name}`) ? [] : [`utm_${name}=${encodeURIComponent(value)}`],
  );
  const all = [...(query ? [query] : []), ...added].join('&');
  return `${start}${all === '' ? '' : `?${all}`}${fragment ?? ''}`;
}
