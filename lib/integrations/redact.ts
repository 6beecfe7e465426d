// Takes secrets out of texts that people and logs see.
import { shortened } from '@/lib/text/shortened';

/** Headers whose values are secret. */
const SECRET_HEADER =
  /^((proxy-)?authorization|(set-)?cookie|sessionid|x-efficy-.*|x-.*(key|token|secret|signature))$/i;
/** Names of secret values in JSON, forms, headers and URLs. */
const SECRET_VALUE =
  /(["']?(?:access_?token|refresh_?token|auth_?code|client_?secret|webhook_?secret|efficy_?session|session_?id|signature|api_?key|password|pwd)["']?\s*[:=]\s*["']?)([^"'&\s,;}]+)/gi;
/** A plain `secret` only where it is surely a name: it is a usual word too. */
const SECRET_NAME = /(["']secret["']\s*:\s*["']|[?&]secret=)([^"'&\s]+)/gi;
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]+/gi;
const HIDDEN = '…';
/** Shorter values would blank out ordinary words. */
const SHORTEST = 6;

/** The secret values of the headers of a request or an answer. */
export function secretsOf(headers: Record<string, string>): string[] {
  const values = Object.entries(headers).flatMap(([name, value]) => (SECRET_HEADER.test(name) ? [value] : []));
  return values.flatMap((value) => [value, ...value.split(/[\s;=]+/)]);
}

/** A text of at most `length` characters, and a sign that it was cut. */
export const cut = (text: string, length: number): string =>
  text.length > length ? `${shortened(text, length)}${HIDDEN}` : text;

/** A text without `secrets` and without anything that looks like one. */
export function redacted(text: string, secrets: Iterable<string>): string {
  const longestFirst = [...secrets]
    .filter((secret) => secret.length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length);
  const without = longestFirst.flatMap(writtenForms).reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  return without
    .replace(SECRET_VALUE, `$1${HIDDEN}`)
    .replace(SECRET_NAME, `$1${HIDDEN}`)
    .replace(BEARER, `$1 ${HIDDEN}`);
}

/** A value as it stands in texts, addresses, forms and JSON. */
const writtenForms = (value: string): string[] => [
  value,
  encodeURIComponent(value),
  new URLSearchParams({ '': value }).toString().slice(1),
  JSON.stringify(value).slice(1, -1),
];
