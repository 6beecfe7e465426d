// What a form's page carries: which version was shown, when, and a number of its own, signed by the installation. Sent back, it says what was filled in and
// how long that took; the number makes what is sent twice one submission. Nobody is named by it.
import { randomBytes } from 'node:crypto';
import { isSignatureOf, signatureOf } from '@/lib/config/signature';
import type { FormId, SectionId } from '@/lib/db/ids';

const USE = 'form page';
const FORMAT = 1;
const NONCE = 7;
/** Format, section, form, version, seconds, number. */
const NAMED = 1 + 4 + 4 + 4 + 4 + NONCE;
const SIGNATURE = 12;
const LENGTH = ((NAMED + SIGNATURE) / 3) * 4;
const TOKEN = new RegExp(`^[A-Za-z0-9_-]{${LENGTH}}$`);

export type ShownForm = { sectionId: SectionId; formId: FormId; version: number };
export type ShownPage = ShownForm & { at: Date; nonce: Buffer };

/** A token for one showing of a form. */
export function pageToken({ sectionId, formId, version }: ShownForm, now: Date): string {
  const named = Buffer.alloc(NAMED);
  named.writeUInt8(FORMAT, 0);
  named.writeUInt32BE(sectionId, 1);
  named.writeUInt32BE(formId, 5);
  named.writeUInt32BE(version, 9);
  named.writeUInt32BE(Math.floor(now.getTime() / 1_000), 13);
  randomBytes(NONCE).copy(named, 17);
  return Buffer.concat([named, signatureOf(USE, named, SIGNATURE)]).toString('base64url');
}

/** What a token says; null if it is none of ours. */
export function readPageToken(token: string): ShownPage | null {
  if (!TOKEN.test(token)) return null;
  const given = Buffer.from(token, 'base64url');
  const [named, signature] = [given.subarray(0, NAMED), given.subarray(NAMED)];
  if (!isSignatureOf(USE, named, signature, SIGNATURE) || named.readUInt8(0) !== FORMAT) return null;
  return {
    sectionId: named.readUInt32BE(1) as SectionId,
    formId: named.readUInt32BE(5) as FormId,
    version: named.readUInt32BE(9),
    at: new Date(named.readUInt32BE(13) * 1_000),
    nonce: Buffer.from(named.subarray(17)),
  };
}

type NamedForm = Pick<ShownForm, 'sectionId' | 'formId'>;
/** By form, as each submission of it asks for it. */
const traps = new WeakMap<NamedForm, string>();

/** The name of the field that nobody sees: another one for each form, and nothing that a browser would fill in. */
export function trapOf(form: NamedForm): string {
  let trap = traps.get(form);
  if (trap === undefined) {
    trap = `x${signatureOf('form trap', `${form.sectionId} ${form.formId}`, 4).toString('hex')}`;
    traps.set(form, trap);
  }
  return trap;
}
