// Writes the SMS of one recipient. A test, and a send, are written by the same lines.
import type { SectionId } from '@/lib/db/ids';
import type { Recipient } from '@/lib/mail-document/render';
import { smsParts } from '@/lib/sms/parts';
import { unsubscribeAddress } from './links';
import { UnwritableMail } from './mail';
import type { CompiledSms } from './sms-content';
import { PARTS_MAX, smsFor } from './sms-text';

/** `number`: null for a test, whose link acts on nobody. */
export type SmsFor = { sectionId: SectionId; number: number | null };

/** The text for a person, and how many parts it takes. */
export function writtenFor(
  { text }: Pick<CompiledSms, 'text'>,
  to: SmsFor,
  { values }: Recipient,
): { text: string; parts: number } {
  const written = smsFor(text, values, unsubscribeAddress(to));
  return { text: written, parts: smsParts(written).parts };
}

/** The same, to be sent. Throws `UnwritableMail` if a value makes it longer than anybody meant it to be. */
export function writeSms(compiled: Pick<CompiledSms, 'text'>, to: SmsFor, person: Recipient) {
  const written = writtenFor(compiled, to, person);
  if (written.parts > PARTS_MAX) {
    throw new UnwritableMail(`With this person’s values it would take ${written.parts} parts.`);
  }
  return written;
}
