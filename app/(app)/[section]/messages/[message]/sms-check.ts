// What is still missing in the text of an SMS, and what makes it dearer.
import {
  PARTS_MAX,
  partsOfSms,
  saysHowToStop,
  saysSomething,
  unknownNames,
  type SmsText,
} from '@/lib/messages/sms-text';
import { canBeAnswered } from '@/lib/sms/sender-name';
import type { MessageKind } from '@/lib/suppression/may-receive';

/** `advice`: it can be sent like this. */
type SmsFindings = { state: 'fine' | 'advice' | 'missing'; words: string[] };

type Input = {
  text: SmsText;
  kind: MessageKind;
  attention: readonly string[];
  optOutLength: number;
  /** What the sender says it is from; null: there is none yet. */
  from: string | null;
};

/** From so many parts on, somebody should look. */
const PARTS_MANY = 4;
const SHOWN = 8;

export function smsCheck({ text, kind, attention, optOutLength, from }: Input): SmsFindings {
  const { parts, units, encoding, unicode } = partsOfSms(text, optOutLength);
  const isStuck = kind === 'marketing' && !saysHowToStop(text);
  const unknown = unknownNames(text);
  const must = [
    ...attention,
    !saysSomething(text) && 'Write something: the message is empty.',
    parts > PARTS_MAX && `It takes ${parts} parts. Shorten it to ${PARTS_MAX} at most.`,
    unknown.length > 0 &&
      `There is no attribute for ${unknown.slice(0, SHOWN).join(', ')}: people would see it as written. Choose “Insert a value”, or take it out.`,
    isStuck &&
      from !== null &&
      !canBeAnswered(from) &&
      `“${from}” cannot be answered: add the opt-out link, or words with STOP.`,
  ].filter((words) => words !== false);
  if (must.length > 0) return { state: 'missing', words: must };
  const advice = [
    parts >= PARTS_MANY && `Each person is paid for ${parts} times.`,
    encoding === 'ucs2' &&
      `It is sent in Unicode because of ${unicode.slice(0, SHOWN).join(' ')}${unicode.length > SHOWN ? ' …' : ''}`,
    isStuck && 'It does not say how people can stop: they can answer with STOP.',
  ].filter((words) => words !== false);
  const isAbout = text.some(({ type }) => type === 'variable') ? 'About ' : '';
  return {
    state: advice.length > 0 ? 'advice' : 'fine',
    words: [
      `${isAbout}${units.toLocaleString('en-GB')} characters: ${parts === 1 ? 'one part' : `${parts} parts`} for each person`,
      ...advice,
    ],
  };
}
