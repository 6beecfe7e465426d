// Requests that other sites can make a browser send to our pages, and that Next and next-auth would answer with 500.
import type { IncomingMessage } from 'node:http';
import { isOwnOrigin } from '@/lib/access/origin';

type Request = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

const READS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Whether a page of another site submits a form or server action. Requests without an origin are not from browsers. Sign-ins have
 * their own CSRF token.
 */
export function isCrossOriginWrite({ method = '', url = '', headers }: Request): boolean {
  if (READS.includes(method) || headers.origin === undefined || url.startsWith('/api/')) return false;
  return !isOwnOrigin({ get: (name) => headers[name]?.toString() ?? null });
}

const CALLBACK_COOKIE = /^\s*(__Secure-)?next-auth\.callback-url=(.*)$/;

/**
 * Removes an invalid callback URL from the query and the cookie: next-auth answers 500 to it, and because of the cookie on every
 * page. Without one, sign-in leads to the first page.
 */
export function removeInvalidCallback(request: Request): void {
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
