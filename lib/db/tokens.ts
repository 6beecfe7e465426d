// Tokens for links: random, and stored only as hashes.
import { createHash, randomBytes } from 'node:crypto';

/** A token for a link, and the hash to store. */
export function newToken(): { token: string; tokenHash: string } {
  const token = randomBytes(32).toString('base64url');
  return { token, tokenHash: hashToken(token) };
}

/** SHA-256 in hex. A token has 256 random bits: a slow hash would add nothing. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
