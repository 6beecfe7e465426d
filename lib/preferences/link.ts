// Links to a person's preference page: a token that names the section and the profile, signed with the installation's
// secret. It is not stored and does not wear out; it still holds after a change of the secret, as long as the former one
// is known (TAGWELL_FORMER_SECRETS).
import { isSignatureOf, signatureOf } from '@/lib/config/signature';
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
  return Buffer.concat([named, signatureOf('preference link', named, SIGNATURE)]).toString('base64url');
}

/** Whom a token names; null if it is not one of ours. */
export function readPreferenceToken(token: string): LinkedPerson | null {
  if (!TOKEN.test(token)) return null;
  const given = Buffer.from(token, 'base64url');
  // Another spelling of the same bytes is not the token.
  if (given.length !== NAMED + SIGNATURE || given.toString('base64url') !== token) return null;
  const [named, signature] = [given.subarray(0, NAMED), given.subarray(NAMED)];
  if (!isSignatureOf('preference link', named, signature, SIGNATURE) || named.readUInt8(0) !== VERSION) return null;
  return { sectionId: named.readUInt32BE(1) as SectionId, profileId: Number(named.readBigUInt64BE(5)) as ProfileId };
}

/**
 * A token for the form of a page: it holds for this link and for what the page showed. `state` changes with every change
 * of the person's consents, so what was sent once cannot be sent again later.
 */
export const formToken = (token: string, state: string): string =>
  signatureOf('preference form', `${token} ${state}`, SIGNATURE).toString('base64url');

/** Whether it is the form token of this link and state. */
export const isFormToken = (given: string, token: string, state: string): boolean =>
  isSignatureOf('preference form', `${token} ${state}`, Buffer.from(given, 'base64url'), SIGNATURE);
