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

/** The sign-in page that leads to `path` afterwards. */
export function signInPath(path: string, more: Record<string, string> = {}): string {
  const query = new URLSearchParams(path === '/' ? more : { ...more, callbackUrl: path });
  return query.size > 0 ? `/sign-in?${query}` : '/sign-in';
}
