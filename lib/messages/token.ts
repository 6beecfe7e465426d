// Tokens in the links of a mail: they name a recipient and, for a click, the link, signed with the installation's secret. They are not stored and do not
// wear out: they hold after a change of the secret, as long as the former one is known (TAGWELL_FORMER_SECRETS), and on any host.
import { createCipheriv, hkdfSync, timingSafeEqual, type Cipher } from 'node:crypto';
import { environment } from '@/lib/config/environment';
import type { SectionId } from '@/lib/db/ids';

/** What a token is good for. A token of one purpose is none of another. Written into old mails: never renumber. */
const PURPOSES = { click: 1, open: 2, unsubscribe: 3, preferences: 4, view: 5 } as const;
export type TokenPurpose = keyof typeof PURPOSES;

/** Version and purpose, section, recipient's number, link. */
const NAMED = 1 + 4 + 6 + 2;
/** Makes 24 bytes in all, so that each token has exactly one spelling. */
const SIGNATURE = 11;
const VERSION = 1;
/**
 * What is named, followed by zeros, is as long as what AES encrypts at a time. Nobody without the key can tell a block that was encrypted from chance,
 * so a part of it is as good a signature as any of messages of this length. A mail has twenty links, and HMAC takes ten times as long.
 */
const BLOCK = 16;

export const TOKEN_LENGTH = ((NAMED + SIGNATURE) / 3) * 4;
const TOKEN = new RegExp(`^[A-Za-z0-9_-]{${TOKEN_LENGTH}}`);

/** `number`: the recipient's, null for a test or a preview: a link that acts on nobody. `link`: the place in the message's list of links, 0 if it is none of them. */
export type Named = { sectionId: SectionId; number: number | null; link: number };

/** The token of a link: the same each time. */
export const messageToken = (purpose: TokenPurpose, { link, ...whose }: Named): string =>
  messageTokens(whose, [{ purpose, link }])[0]!;

/** The tokens of one recipient, in the order in which they are asked for: in one call of the cipher, which takes longer to call than to encrypt. */
export function messageTokens(
  { sectionId, number }: Omit<Named, 'link'>,
  asked: readonly { purpose: TokenPurpose; link?: number }[],
): string[] {
  const named = Buffer.alloc(BLOCK * asked.length);
  asked.forEach(({ purpose, link = 0 }, index) => {
    const at = index * BLOCK;
    named[at] = VERSION * 16 + PURPOSES[purpose];
    named.writeUInt32BE(sectionId, at + 1);
    named.writeUIntBE(number ?? 0, at + 5, 6);
    named.writeUInt16BE(link, at + 11);
  });
  const signed = newestCipher().update(named);
  const token = Buffer.allocUnsafe(NAMED + SIGNATURE);
  return asked.map((_, index) => {
    const at = index * BLOCK;
    named.copy(token, 0, at, at + NAMED);
    signed.copy(token, NAMED, at, at + SIGNATURE);
    return token.toString('base64url');
  });
}

/** What a token names; null if it is not one of ours for this purpose. What scanners append to it is ignored. */
export function readMessageToken(purpose: TokenPurpose, text: string): Named | null {
  const spelled = TOKEN.exec(text)?.[0];
  if (spelled === undefined) return null;
  const token = Buffer.from(spelled, 'base64url');
  if (token.readUInt8(0) !== VERSION * 16 + PURPOSES[purpose]) return null;
  const named = Buffer.alloc(BLOCK);
  token.copy(named, 0, 0, NAMED);
  const given = token.subarray(NAMED);
  if (!allCiphers().some((cipher) => timingSafeEqual(cipher.update(named).subarray(0, SIGNATURE), given))) return null;
  const number = named.readUIntBE(5, 6);
  return {
    sectionId: named.readUInt32BE(1) as SectionId,
    number: number === 0 ? null : number,
    link: named.readUInt16BE(11),
  };
}

const ciphers = new Map<string, Cipher>();

/** Kept: it is in the same state after each block. */
function cipherOf(secret: string): Cipher {
  let cipher = ciphers.get(secret);
  if (!cipher) {
    const key = Buffer.from(hkdfSync('sha256', secret, '', 'tagwell: message link', 32));
    cipher = createCipheriv('aes-256-ecb', key, null);
    ciphers.set(secret, cipher);
  }
  return cipher;
}

function newestCipher(): Cipher {
  const secret = process.env.NEXTAUTH_SECRET;
  if (!secret) throw new Error('NEXTAUTH_SECRET is not set: the server sets it at its start.');
  return cipherOf(secret);
}

let former: { text: string | undefined; ciphers: Cipher[] } | undefined;

/** Of the newest secret, and of those that the installation had before. Those are kept: the environment is parsed slowly. */
function allCiphers(): Cipher[] {
  const text = process.env.TAGWELL_FORMER_SECRETS;
  if (!former || former.text !== text) former = { text, ciphers: environment().TAGWELL_FORMER_SECRETS.map(cipherOf) };
  return [newestCipher(), ...former.ciphers];
}
