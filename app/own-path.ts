// Where to go after signing in: only to a page of this installation, whatever the URL contains.

/** The path and query of `wanted` if it is an internal page, otherwise `/`. */
export function ownPath(wanted: string | undefined | null): string {
  const base = 'http://own.invalid';
  if (!wanted?.startsWith('/') || !URL.canParse(wanted, base)) return '/';
  const url = new URL(wanted, base);
  // `//other.example` and `/\other.example` name another host, and so may a path that starts like that after parsing.
  if (url.origin !== base || url.pathname.startsWith('//')) return '/';
  return `${url.pathname}${url.search}`;
}

/** The full URL of `wanted` if it is an internal page, given as a path or a URL; otherwise of the first page. */
export function ownAddress(wanted: string, baseUrl: string): string {
  const url = URL.canParse(wanted, baseUrl) ? new URL(wanted, baseUrl) : null;
  const { origin } = new URL(baseUrl);
  return `${origin}${ownPath(url?.origin === origin ? `${url.pathname}${url.search}` : '/')}`;
}

/** The sign-in page that continues to `path`. */
export const signInPath = (path: string, more: Record<string, string> = {}): string => pathVia('/sign-in', path, more);

/** The page of the second step that continues to `path`. */
export const secondStepPath = (path: string): string => pathVia('/sign-in/code', path);

function pathVia(page: string, path: string, more: Record<string, string> = {}): string {
  const query = new URLSearchParams(path === '/' ? more : { ...more, callbackUrl: path });
  return query.size > 0 ? `${page}?${query}` : page;
}
