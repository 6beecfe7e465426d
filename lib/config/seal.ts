// Secrets that must be read again, encrypted at rest (AES-256-GCM) under a key made from the installation's secret.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const IV = 12;
const TAG = 16;

function key(): Buffer {
  const secret = process.env.NEXTAUTH_SECRET;
  if (!secret) throw new Error('NEXTAUTH_SECRET is not set: the server sets it at its start.');
  return Buffer.from(hkdfSync('sha256', secret, '', 'tagwell: sealed values', 32));
}

/** Encrypts a text for the database. */
export function seal(text: string): Buffer {
  const iv = randomBytes(IV);
  const cipher = createCipheriv('aes-256-gcm', key(), iv);
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), encrypted]);
}

/** What was sealed. Throws where it was changed, or sealed under another secret. */
export function unseal(sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', key(), sealed.subarray(0, IV));
  decipher.setAuthTag(sealed.subarray(IV, IV + TAG));
  return Buffer.concat([decipher.update(sealed.subarray(IV + TAG)), decipher.final()]).toString('utf8');
}
