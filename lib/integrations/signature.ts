// Signatures of webhooks: HMAC-SHA256 of the body, in hexadecimal, after 'sha256='.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const signatureOf = (body: string, secret: string) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** Whether the signature is the body's. Takes the same time whether it nearly is or not at all. */
export function isSigned(body: string, secret: string, signature: string | undefined): boolean {
  const right = Buffer.from(signatureOf(body, secret));
  const given = Buffer.from(signature?.trim().toLowerCase() ?? '');
  return given.length === right.length && timingSafeEqual(given, right);
}

/** Whether two texts are the same. Takes the same time whether they nearly are or not at all. */
export function isSame(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** A body as JSON, or undefined. */
export function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
