// The content of an SMS, made ready to be sent.
import { refuse } from '@/lib/access/refusal';
import type { AttributeId, SectionId, TagId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import type { Link } from '@/lib/mail-document/template';
import { canBeAnswered } from '@/lib/sms/sender-name';
import type { MessageKind } from '@/lib/suppression/may-receive';
import { brandOf } from './brand';
import { unsubscribeAddress } from './links';
import type { MessageSettings } from './schema';
import { withLinks } from './sms-links';
import { attributesOfSms, tagsOfSms, type LinkedSms, type SmsText } from './sms-pieces';
import { PARTS_MAX, partsOfSms, saysHowToStop, saysSomething } from './sms-text';
import { problemsOfSms } from './sms-written';

/** A text as a version keeps it. `language`: in which values are written. `links`: web addresses, used by their place in the list. */
export type CompiledSms = {
  text: LinkedSms;
  attributeIds: AttributeId[];
  tagIds: TagId[];
  language: string;
  links: Link[];
};

/** How long a person's own addresses are, of their page and of counted links: the same for everybody. */
export const ownLinkLength = (sectionId: SectionId): number => unsubscribeAddress({ sectionId, number: null }).length;

/** Refuses a text that says nothing to somebody, has parts for some that cannot be read, or is longer than providers take. */
export function requireSmsText(sectionId: SectionId, text: SmsText, settings: MessageSettings): void {
  const says = saysSomething(text);
  if (says === 'none') refuse('invalid', 'Write something: the message is empty.', { field: 'content' });
  if (says === 'some') {
    refuse(
      'invalid',
      'For some people it is empty: write something outside of the parts for some, or what others get.',
      {
        field: 'content',
      },
    );
  }
  const [problem] = problemsOfSms(text);
  if (problem) refuse('invalid', problem.words, { field: 'content' });
  const { parts } = partsOfSms(text, { linkLength: ownLinkLength(sectionId), settings });
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
  return { ...withLinks(text), attributeIds: attributesOfSms(text), tagIds: tagsOfSms(text), language };
}
