// Encrypts secrets that must be read again (AES-256-GCM), with a key derived from the installation's secret.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const IV = 12;
const TAG = 16;

type Keys = { secret: string; sealing: Buffer; nonces: Buffer };

/** Derived once per secret: files have a sealed value in each line. */
let made: Keys | undefined;

function keys(): Keys {
  const secret = process.env.NEXTAUTH_SECRET;
  if (!secret) throw new Error('NEXTAUTH_SECRET is not set: the server sets it at its start.');
  if (made?.secret !== secret) {
    const derive = (use: string) => Buffer.from(hkdfSync('sha256', secret, '', `tagwell: ${use}`, 32));
    made = { secret, sealing: derive('sealed values'), nonces: derive('nonces of values sealed alike') };
  }
  return made;
}

/** Encrypts a text for the database. */
export const seal = (text: string): Buffer<ArrayBuffer> => sealWith(randomBytes(IV), text);

/** Deterministic encryption: the nonce is derived from the text, as in SIV (RFC 5297). */
export const sealDeterministic = (text: string): Buffer<ArrayBuffer> =>
  sealWith(createHmac('sha256', keys().nonces).update(text).digest().subarray(0, IV), text);

function sealWith(iv: Buffer, text: string): Buffer<ArrayBuffer> {
  const cipher = createCipheriv('aes-256-gcm', keys().sealing, iv);
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), encrypted]);
}

/** Decrypts what was sealed; undefined if it was sealed with another secret: the installation's was changed since. */
export function unsealIfReadable(sealed: Buffer): string | undefined {
  // Throws if the secret is not set: that is a broken set-up, not a changed secret.
  keys();
  try {
    return unseal(sealed);
  } catch {
    return undefined;
  }
}

/** Decrypts what was sealed. Throws if it was changed, or sealed with another secret. */
export function unseal(sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', keys().sealing, sealed.subarray(0, IV), { authTagLength: TAG });
  decipher.setAuthTag(sealed.subarray(IV, IV + TAG));
  return Buffer.concat([decipher.update(sealed.subarray(IV + TAG)), decipher.final()]).toString('utf8');
}
