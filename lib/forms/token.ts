// The link that confirms a submission: it names the submission, signed by the installation. Anyone who has it has received the mail.
import { isSignatureOf, signatureOf } from '@/lib/config/signature';
import type { SectionId, SubmissionId } from '@/lib/db/ids';

const USE = 'form confirmation';
/** Version, section, submission. */
const NAMED = 1 + 4 + 6;
const SIGNATURE = 16;
const VERSION = 1;

export const CONFIRM_PATH = '/f/c/';
/** What a token looks like in an address. */
export const CONFIRM_TOKEN = '[A-Za-z0-9_-]{36}';
const TOKEN = new RegExp(`^${CONFIRM_TOKEN}$`);

export type NamedSubmission = { sectionId: SectionId; submissionId: SubmissionId };

/** The token of a submission: the same each time. */
export function confirmToken({ sectionId, submissionId }: NamedSubmission): string {
  const named = Buffer.alloc(NAMED);
  named.writeUInt8(VERSION, 0);
  named.writeUInt32BE(sectionId, 1);
  named.writeUIntBE(submissionId, 5, 6);
  return Buffer.concat([named, signatureOf(USE, named, SIGNATURE)]).toString('base64url');
}

/** What a token names; null if it is not one of ours. */
export function readConfirmToken(token: string): NamedSubmission | null {
  if (!TOKEN.test(token)) return null;
  const given = Buffer.from(token, 'base64url');
  const [named, signature] = [given.subarray(0, NAMED), given.subarray(NAMED)];
  if (!isSignatureOf(USE, named, signature, SIGNATURE) || named.readUInt8(0) !== VERSION) return null;
  return {
    sectionId: named.readUInt32BE(1) as SectionId,
    submissionId: named.readUIntBE(5, 6) as SubmissionId,
  };
}
