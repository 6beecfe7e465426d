// Requests that other sites can make a browser send to our pages, and that Next and next-auth would answer with 500.
import type { IncomingMessage } from 'node:http';
import { environment } from '@/lib/config/environment';

type Request = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

const READS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Whether a form, server action or data route is called by something else than a page of this installation: browsers name the page's
 * origin with every POST, and other sites cannot make them lie. Sign-ins have their own CSRF token. `address`: where people open
 * Tagwell, if it is configured.
 */
export function isCrossOriginWrite(
  { method = '', url = '', headers }: Request,
  address = configuredAddress(),
): boolean {
  if (READS.includes(method) || url.startsWith('/api/')) return false;
  const { origin = '' } = headers;
  if (!URL.canParse(origin)) return true;
  if (address !== undefined) return origin !== new URL(address).origin;
  const { host, protocol } = new URL(origin);
  const scheme = first(headers['x-forwarded-proto']);
  return (
    host !== (first(headers['x-forwarded-host']) ?? headers.host) || (scheme !== undefined && protocol !== `${scheme}:`)
  );
}

/** The message for such a write. */
export function foreignOrigin(address = configuredAddress()): string {
  const where = address === undefined ? '' : ` Open Tagwell at ${address}.`;
  return `This request did not come from a page of Tagwell.${where}`;
}

const configuredAddress = (): string | undefined => environment().TAGWELL_URL;

/** The value of the first proxy, which is the one that the browser talks to. */
const first = (header: string | string[] | undefined): string | undefined =>
  header?.toString().split(',')[0]?.trim() || undefined;

const CALLBACK_COOKIE = /^\s*(__Secure-)?next-auth\.callback-url=(.*)$/;

/**
 * Removes an invalid callback URL from the query and the cookie: next-auth answers 500 to it, and because of the cookie on every
 * page. Without one, sign-in leads to the first page.
 */
export function removeInvalidCallback(request: Request): void {
  const { url = '', headers } = request;
  if (url.startsWith('/api/auth/') && URL.canParse(url, OWN)) {
    const requested = new URL(url, OWN);
    if (!requested.searchParams.getAll('callbackUrl').every(isAddress)) {
      requested.searchParams.delete('callbackUrl');
      request.url = `${requested.pathname}${requested.search}`;
    }
  }
  if (headers.cookie?.includes('next-auth.callback-url=')) {
    headers.cookie = headers.cookie
      .split(';')
      .filter((cookie) => isAddress(decoded(CALLBACK_COOKIE.exec(cookie)?.[2] ?? '/')))
      .join(';');
  }
}

const OWN = 'http://own.invalid';

/** What next-auth accepts: a path or a web address. */
function isAddress(text: string): boolean {
  const base = text.startsWith('/') ? OWN : undefined;
  return text === '' || (URL.canParse(text, base) && /^https?:$/.test(new URL(text, base).protocol));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
