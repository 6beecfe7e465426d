// Links to a person's preference page: a token that names the section and the profile, signed with the installation's
// secret. It is not stored and does not wear out; it still holds after a change of the secret, as long as the former one
// is known (TAGWELL_FORMER_SECRETS).
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { environment } from '@/lib/config/environment';
import type { ProfileId, SectionId } from '@/lib/db/ids';

const VERSION = 1;
/** Version, section, profile. */
const NAMED = 1 + 4 + 8;
const SIGNATURE = 16;

/** What a token looks like in an address. */
export const TOKEN_PATTERN = '[A-Za-z0-9_-]{39}';
const TOKEN = new RegExp(`^${TOKEN_PATTERN}$`);

export type LinkedPerson = { sectionId: SectionId; profileId: ProfileId };

/** The token of a person: the same each time. */
export function preferenceToken({ sectionId, profileId }: LinkedPerson): string {
  const named = Buffer.alloc(NAMED);
  named.writeUInt8(VERSION, 0);
  named.writeUInt32BE(sectionId, 1);
  named.writeBigUInt64BE(BigInt(profileId), 5);
  return Buffer.concat([named, signed('preference link', named, secrets()[0]!)]).toString('base64url');
}

/** Whom a token names; null if it is not one of ours. */
export function readPreferenceToken(token: string): LinkedPerson | null {
  if (!TOKEN.test(token)) return null;
  const given = Buffer.from(token, 'base64url');
  // Another spelling of the same bytes is not the token.
  if (given.length !== NAMED + SIGNATURE || given.toString('base64url') !== token) return null;
  const [named, signature] = [given.subarray(0, NAMED), given.subarray(NAMED)];
  const known = secrets().map((secret) => timingSafeEqual(signed('preference link', named, secret), signature));
  if (!known.includes(true) || named.readUInt8(0) !== VERSION) return null;
  return { sectionId: named.readUInt32BE(1) as SectionId, profileId: Number(named.readBigUInt64BE(5)) as ProfileId };
}

/**
 * A token for the form of a page: it holds for this link and for what the page showed. `state` changes with every change
 * of the person's consents, so what was sent once cannot be sent again later.
 */
export const formToken = (token: string, state: string): string =>
  signed('preference form', Buffer.from(`${token} ${state}`), secrets()[0]!).toString('base64url');

/** Whether it is the form token of this link and state. */
export function isFormToken(given: string, token: string, state: string): boolean {
  const [sent, own] = [Buffer.from(given), Buffer.from(formToken(token, state))];
  return sent.length === own.length && timingSafeEqual(sent, own);
}

function signed(use: string, text: Buffer, secret: string): Buffer {
  return createHmac('sha256', keyOf(use, secret)).update(text).digest().subarray(0, SIGNATURE);
}

const keys = new Map<string, Buffer>();

function keyOf(use: string, secret: string): Buffer {
  const name = `${use}\n${secret}`;
  let key = keys.get(name);
  if (!key) {
    key = Buffer.from(hkdfSync('sha256', secret, '', `tagwell: ${use}`, 32));
    keys.set(name, key);
  }
  return key;
}

/** The installation's secret, and those that it had before. */
function secrets(): string[] {
  const secret = process.env.NEXTAUTH_SECRET;
  if (!secret) throw new Error('NEXTAUTH_SECRET is not set: the server sets it at its start.');
  return [secret, ...environment().TAGWELL_FORMER_SECRETS];
}
