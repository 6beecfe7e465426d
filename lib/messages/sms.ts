// Writes the SMS of one recipient. A test, and a send, are written by the same lines.
import type { SectionId } from '@/lib/db/ids';
import type { Recipient } from '@/lib/mail-document/render';
import { smsParts, type SmsParts } from '@/lib/sms/parts';
import { recipientLinks } from './links';
import { UnwritableMail } from './mail';
import type { MessageSettings } from './schema';
import type { CompiledSms } from './sms-content';
import { PARTS_MAX, smsFor } from './sms-text';

type Text = Pick<CompiledSms, 'text' | 'links'>;
type Settings = Pick<MessageSettings, 'trackClicks' | 'utm'>;

/** `number`: null for a test or a preview: its opt-out link acts on nobody, and its links are the addresses themselves. */
export type SmsFor = { sectionId: SectionId; number: number | null; settings: Settings };

/** The text for a person, and the parts it takes: of a test or a preview, those that it takes when it is sent. */
export function writtenFor(
  { text, links }: Text,
  { sectionId, number, settings }: SmsFor,
  person: Recipient,
): { text: string; counted: SmsParts } {
  const own = recipientLinks({
    sectionId,
    number,
    links,
    settings: { ...settings, trackOpens: false },
    values: person.linkValues,
  });
  const addresses = { optOut: own.unsubscribe, links: own.links };
  const written = smsFor(text, person, addresses);
  if (number !== null || !settings.trackClicks) return { text: written, counted: smsParts(written) };
  const asLong = links.map(() => 'x'.repeat(own.unsubscribe.length));
  return { text: written, counted: smsParts(smsFor(text, person, { ...addresses, links: asLong })) };
}

/** The same, to be sent. Throws `UnwritableMail` if a value makes it longer than anybody meant it to be. */
export function writeSms(compiled: Text, to: SmsFor, person: Recipient): { text: string; parts: number } {
  const { text, counted } = writtenFor(compiled, to, person);
  if (counted.parts > PARTS_MAX) {
    throw new UnwritableMail(`With this person’s values it would take ${counted.parts} parts.`);
  }
  return { text, parts: counted.parts };
}
