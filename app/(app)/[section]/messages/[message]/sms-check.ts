// What is still missing in the text of an SMS, and what makes it dearer.
import { EMPTY_FOR_SOME, uncountedWords } from '@/components/messages/sms-words';
import { allPieces, tagsOfSms, type SmsText } from '@/lib/messages/sms-pieces';
import { PARTS_MAX, partsOfSms, saysHowToStop, saysSomething, type SmsMeasures } from '@/lib/messages/sms-text';
import { uncountedAddresses } from '@/lib/messages/sms-links';
import { problemsOfSms, unknownNames } from '@/lib/messages/sms-written';
import { canBeAnswered } from '@/lib/sms/sender-name';
import type { MessageKind } from '@/lib/suppression/may-receive';

/** `advice`: it can be sent like this. */
type SmsFindings = { state: 'fine' | 'advice' | 'missing'; words: string[] };

type Input = SmsMeasures & {
  text: SmsText;
  kind: MessageKind;
  attention: readonly string[];
  /** What the sender says it is from; null: there is none yet. */
  from: string | null;
};

/** From so many parts on, somebody should look. */
const PARTS_MANY = 4;
const SHOWN = 8;

export function smsCheck({ text, kind, attention, linkLength, settings, from }: Input): SmsFindings {
  const { parts, units, encoding, unicode } = partsOfSms(text, { linkLength, settings });
  const says = saysSomething(text);
  const isStuck = kind === 'marketing' && !saysHowToStop(text);
  const unknown = unknownNames(text);
  const uncounted = settings.trackClicks ? uncountedAddresses(text) : [];
  const must = [
    ...attention,
    says === 'none' && 'Write something: the message is empty.',
    says === 'some' && EMPTY_FOR_SOME,
    ...problemsOfSms(text).map(({ words }) => words),
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
    uncounted.length > 0 && uncountedWords(uncounted),
  ].filter((words) => words !== false);
  const isAbout = allPieces(text).some(({ type }) => type === 'variable') ? 'About ' : '';
  const forWhom = tagsOfSms(text).length > 0 ? 'for those for whom it is longest' : 'for each person';
  return {
    state: advice.length > 0 ? 'advice' : 'fine',
    words: [
      `${isAbout}${units.toLocaleString('en-GB')} characters: ${parts === 1 ? 'one part' : `${parts} parts`} ${forWhom}`,
      ...advice,
    ],
  };
}
