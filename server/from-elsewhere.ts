// What other sites can make a browser send to our pages, which Next and next-auth would answer with 500.
import type { IncomingMessage } from 'node:http';
import { isOwnOrigin } from '@/lib/access/origin';

type Request = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

const READS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Whether a page of another site writes: a form, a server action. A request that names no origin is of no browser. Sign-ins have
 * a token of their own against this.
 */
export function isForeignWrite({ method = '', url = '', headers }: Request): boolean {
  if (READS.includes(method) || headers.origin === undefined || url.startsWith('/api/')) return false;
  return !isOwnOrigin({ get: (name) => headers[name]?.toString() ?? null });
}

const CALLBACK_COOKIE = /^\s*(__Secure-)?next-auth\.callback-url=(.*)$/;

/**
 * Takes out where to go after a sign-in, in the query and the cookie, unless it is an address: next-auth answers 500 to what is
 * none, and because of the cookie at every page. Without it, the first page is where to go.
 */
export function dropBadCallback(request: Request): void {
  const { url = '', headers } = request;
  if (url.startsWith('/api/auth/') && URL.canParse(url, OWN)) {
    const asked = new URL(url, OWN);
    if (!asked.searchParams.getAll('callbackUrl').every(isAddress)) {
      asked.searchParams.delete('callbackUrl');
      request.url = `${asked.pathname}${asked.search}`;
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

/** What next-auth takes: a path or an address of the web. */
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
