// Signatures of what leaves the installation and comes back: links, forms, addresses of hooks. They are not stored and do not wear out: they hold
// after a change of the secret too, as long as the former one is known (TAGWELL_FORMER_SECRETS).
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { environment } from './environment';

/** The signature of a text, in bytes. `use`: what it is for: a signature for one use is none for another. */
export const signatureOf = (use: string, text: string | Buffer, length: number): Buffer =>
  signedBy(newestSecret(), use, text, length);

/** Whether it is the signature of the text for this use and length, with any of the installation's secrets. In constant time. */
export function isSignatureOf(use: string, text: string | Buffer, given: Buffer, length: number): boolean {
  if (given.length !== length) return false;
  const matching = [newestSecret(), ...formerSecrets()].map((secret) =>
    timingSafeEqual(signedBy(secret, use, text, length), given),
  );
  return matching.includes(true);
}

function signedBy(secret: string, use: string, text: string | Buffer, length: number): Buffer {
  return createHmac('sha256', keyOf(secret, use)).update(text).digest().subarray(0, length);
}

const keys = new Map<string, Buffer>();

function keyOf(secret: string, use: string): Buffer {
  const name = `${use}\n${secret}`;
  let key = keys.get(name);
  if (!key) keys.set(name, (key = Buffer.from(hkdfSync('sha256', secret, '', `tagwell: ${use}`, 32))));
  return key;
}

function newestSecret(): string {
  const secret = process.env.NEXTAUTH_SECRET;
  if (!secret) throw new Error('NEXTAUTH_SECRET is not set: the server sets it at its start.');
  return secret;
}

let former: { text: string | undefined; secrets: string[] } | undefined;

/** Those that the installation had before. They are kept: the environment is parsed slowly. */
function formerSecrets(): string[] {
  const text = process.env.TAGWELL_FORMER_SECRETS;
  if (!former || former.text !== text) former = { text, secrets: environment().TAGWELL_FORMER_SECRETS };
  return former.secrets;
}
