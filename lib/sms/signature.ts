// Signatures of providers: compared without telling how much of them is right.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Whether two texts are the same. Takes the same time whether they nearly are or not at all. */
export function isSame(given: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}

export const hmac = (algorithm: 'sha1' | 'sha256', secret: string, text: string): string =>
  createHmac(algorithm, secret).update(text).digest('base64');
