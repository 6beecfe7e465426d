// The content of an SMS, made ready to be sent.
import { refuse } from '@/lib/access/refusal';
import type { AttributeId, SectionId, TagId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { canBeAnswered } from '@/lib/sms/sender-name';
import type { MessageKind } from '@/lib/suppression/may-receive';
import { brandOf } from './brand';
import { unsubscribeAddress } from './links';
import { attributesOfSms, PARTS_MAX, partsOfSms, saysHowToStop, saysSomething, type SmsText } from './sms-text';

/** A text as a version keeps it. `language`: in which values are written. */
export type CompiledSms = {
  text: SmsText;
  attributeIds: AttributeId[];
  tagIds: TagId[];
  language: string;
  /** None that are counted. */
  links: [];
};

/** How long the address of a person's page is: the same for everybody. */
export const optOutLength = (sectionId: SectionId): number => unsubscribeAddress({ sectionId, number: null }).length;

/** Refuses a text that says nothing, or that is longer than providers take. */
export function requireSmsText(sectionId: SectionId, text: SmsText): void {
  if (!saysSomething(text)) refuse('invalid', 'Write something: the message is empty.', { field: 'content' });
  const { parts } = partsOfSms(text, optOutLength(sectionId));
  if (parts > PARTS_MAX) {
    refuse('invalid', `The text takes ${parts} parts. Shorten it to ${PARTS_MAX} at most.`, { field: 'content' });
  }
}

/** Refuses marketing that leaves people no way out: a name cannot be answered. `from`: what the sender says it is from. */
export function requireWayOut(kind: MessageKind, text: SmsText, from: string): void {
  if (kind === 'service' || canBeAnswered(from) || saysHowToStop(text)) return;
  refuse(
    'invalid',
    `“${from}” cannot be answered. Say in the text how people can stop: add the opt-out link, or words with STOP.`,
    { field: 'content' },
  );
}

/** What a version keeps of a text. */
export async function compileSms(db: Db, sectionId: SectionId, text: SmsText): Promise<CompiledSms> {
  const { language } = await brandOf(db, sectionId);
  return { text, attributeIds: attributesOfSms(text), tagIds: [], language, links: [] };
}
