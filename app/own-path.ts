// Where to go after signing in: a page of this installation, whatever the address bar says.

/** The path and query of `wanted` where it is a page of ours, else `/`. */
export function ownPath(wanted: string | undefined | null): string {
  const base = 'http://own.invalid';
  if (!wanted?.startsWith('/') || !URL.canParse(wanted, base)) return '/';
  const url = new URL(wanted, base);
  // `//other.example` and `/\other.example` name another host; so may a path that begins like that once it is parsed.
  if (url.origin !== base || url.pathname.startsWith('//')) return '/';
  return `${url.pathname}${url.search}`;
}

/** The whole address of a page of ours where `wanted` is one, as a path or an address, else of the first page. */
export function ownAddress(wanted: string, baseUrl: string): string {
  const url = URL.canParse(wanted, baseUrl) ? new URL(wanted, baseUrl) : null;
  const { origin } = new URL(baseUrl);
  return `${origin}${ownPath(url?.origin === origin ? `${url.pathname}${url.search}` : '/')}`;
}

/** The sign-in page that leads to `path` afterwards. */
export function signInPath(path: string, more: Record<string, string> = {}): string {
  const query = new URLSearchParams(path === '/' ? more : { ...more, callbackUrl: path });
  return query.size > 0 ? `/sign-in?${query}` : '/sign-in';
}
