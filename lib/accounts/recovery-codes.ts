// Recovery codes: each stands in for the authenticator app once. 80 random bits, so a plain hash is enough (lib/db/tokens.ts).
import { randomBytes } from 'node:crypto';
import { hashToken } from '@/lib/db/tokens';

/** Crockford's base32: without letters that look like others. */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 16;
const COUNT = 10;

/** Ten new codes as people keep them (`k3v9-…`), and their hashes to store. */
export function newRecoveryCodes(): { codes: string[]; hashes: string[] } {
  const plain = Array.from({ length: COUNT }, () =>
    [...randomBytes(LENGTH)].map((byte) => LETTERS[byte % LETTERS.length]).join(''),
  );
  return { codes: plain.map((code) => code.match(/.{4}/g)!.join('-')), hashes: plain.map(hashToken) };
}

/** The hash of a code as somebody typed it, whatever the case and the dashes; null if it cannot be one. */
export function hashOfTyped(typed: string): string | null {
  const plain = typed
    .toLowerCase()
    .replace(/[\s-]+/g, '')
    .replaceAll('o', '0')
    .replace(/[il]/g, '1');
  return plain.length === LENGTH && [...plain].every((letter) => LETTERS.includes(letter)) ? hashToken(plain) : null;
}
