// What is still missing before a message can be sent. The server asks again when it is scheduled.
import { reasonWords } from '@/components/messages/audience-words';
import { isChosen } from '@/lib/audience/schema';
import type { useAudienceCounts } from '@/components/messages/use-audience';
import type { Topic } from '@/lib/consents/schema';
import type { HiddenParts } from '@/lib/messages/attention';
import { problemsOf } from '@/lib/mail-document/problems';
import { plainText } from '@/lib/mail-document/template';
import type { SenderChoice } from '@/lib/messages/queries';
import { problemOfTest, variantName, variantsOf, type AbTest } from '@/lib/messages/ab-schema';
import type { Check } from './check';
import type { Draft, EmailDraft } from './draft';
import { smsCheck } from './sms-check';
import { leavingChecks, type Leaving } from './leaving-checks';

type Input = {
  draft: Draft;
  attention: readonly string[];
  /** What the message refers to, and is hidden. */
  hidden: HiddenParts;
  /** How long a person’s own addresses are, in an SMS. */
  linkLength: number;
  topics: readonly Topic[];
  senders: readonly SenderChoice[];
  leaving: Leaving;
  audience: Pick<ReturnType<typeof useAudienceCounts>, 'data' | 'error' | 'isOutdated'>;
};

/** Advice that is shown before the rest is summed up. */
const ADVICE_MAX = 4;

export function checksOf({ draft, attention, hidden, linkLength, topics, senders, leaving, audience }: Input): Check[] {
  const chosen = senders.find(({ id }) => id === draft.senderId);
  return [
    from(chosen),
    ...leavingChecks(draft, chosen, leaving),
    ...(draft.content.channel === 'email'
      ? contents(draft.content, hidden)
      : [
          smsContent({
            text: draft.content.text,
            kind: draft.kind,
            settings: draft.settings,
            attention,
            linkLength,
            from: chosen?.from ?? null,
          }),
        ]),
    ...(draft.content.channel === 'email' && draft.content.ab ? [test(draft.content, draft.content.ab, draft)] : []),
    ...(draft.kind === 'marketing' ? [about(draft, topics)] : []),
    people(draft, audience),
  ];
}

function from(chosen: SenderChoice | undefined): Check {
  const check = { id: 'from', title: 'From', step: 'content' as const };
  if (!chosen) return { ...check, state: 'missing', words: ['Choose who it comes from.'] };
  const words = [chosen.from];
  if (chosen.isPaused)
    return { ...check, state: 'advice', words: [...words, 'This sender is paused: it waits until it goes on.'] };
  if (chosen.isMailbox)
    return {
      ...check,
      state: 'advice',
      words: [...words, 'The built-in mailbox keeps it: nothing leaves this server.'],
    };
  return { ...check, state: 'fine', words };
}

/** One for each variant of an A/B test. Where only the subject differs, the rest is what A says. */
const contents = (email: EmailDraft, hidden: HiddenParts): Check[] =>
  variantsOf(email).flatMap((document, variant) =>
    content(document, hidden, {
      name: email.ab ? variantName(variant) : null,
      headOnly: variant > 0 && email.ab?.what === 'subject',
    }),
  );

function test(email: EmailDraft, ab: AbTest, { settings }: Draft): Check {
  const check = { id: 'ab', title: 'A/B test', step: 'ab' as const };
  const problem = problemOfTest(email, settings);
  if (problem !== null) return { ...check, state: 'missing', words: [problem] };
  const { what, share, hours, decides } = ab;
  const rest =
    share === 100
      ? 'everybody gets one of the variants.'
      : `${share} % get one of the variants, the others wait ${hours === 1 ? 'an hour' : `${hours} hours`} for ${decides === 'clicks' ? 'the one that more people clicked' : 'the one that somebody chooses'}.`;
  return {
    ...check,
    state: 'fine',
    words: [`${what === 'subject' ? 'Of the subject' : 'Of the whole message'}: ${rest}`],
  };
}

function content(
  document: EmailDraft['document'],
  hidden: HiddenParts,
  { name, headOnly }: { name: string | null; headOnly: boolean },
): Check[] {
  const problems = problemsOf(document, hidden).filter(({ blockId }) => !headOnly || blockId === null);
  const must = problems.filter((problem) => problem.must).map(({ words }) => words);
  const advice = problems.filter((problem) => !problem.must).map(({ words }) => words);
  const subject = plainText(document.subject);
  const title = name === null ? 'Content' : `Variant ${name}`;
  const check = { id: title, title, step: 'content' as const };
  if (must.length > 0) return [{ ...check, state: 'missing', words: [...new Set(must)] }];
  const rest = advice.length - ADVICE_MAX;
  return [
    {
      ...check,
      state: advice.length > 0 ? 'advice' : 'fine',
      words: [
        `“${subject}”`,
        ...new Set(advice.slice(0, ADVICE_MAX)),
        ...(rest > 0 ? [`And ${rest} more: see the checks of the editor.`] : []),
      ],
    },
  ];
}

const smsContent = (text: Parameters<typeof smsCheck>[0]): Check => ({
  id: 'content',
  title: 'Content',
  step: 'content',
  ...smsCheck(text),
});

function about({ topicIds }: Draft, topics: readonly Topic[]): Check {
  const chosen = topics.filter(({ id }) => topicIds.includes(id));
  const check = { id: 'topics', title: 'What it is about', step: 'send-to' as const };
  if (topicIds.length === 0) {
    return { ...check, state: 'missing', words: ['Choose a topic: it goes to people who have agreed to get it.'] };
  }
  if (chosen.length < topicIds.length) {
    return { ...check, state: 'missing', words: ['A chosen topic has been hidden. Take it out.'] };
  }
  return { ...check, state: 'fine', words: [chosen.map(({ name }) => name).join(', ')] };
}

function people(
  { content: { channel }, kind, audience: chosen }: Draft,
  { data, error, isOutdated }: Input['audience'],
): Check {
  const check = { id: 'people', title: 'Who gets it', step: 'send-to' as const };
  if (!isChosen(chosen, kind)) return { ...check, state: 'missing', words: ['Choose who gets it.'] };
  if (error) return { ...check, state: 'missing', words: [`This could not be counted. ${error.message}`] };
  if (!data) return { ...check, state: 'waiting', words: ['Being counted.'] };
  const { counts, lost } = data;
  if (lost.length > 0 || !counts) return { ...check, state: 'missing', words: lost.map(({ reason }) => reason) };
  if (counts.gets === 0) {
    return {
      ...check,
      state: isOutdated ? 'waiting' : 'missing',
      words: [counts.matches === 0 ? 'Nobody matches.' : `Nobody of ${number(counts.matches)} who match would get it.`],
    };
  }
  const others = (['noAddress', 'noConsent', 'suppressed', 'overLimit'] as const)
    .filter((reason) => counts[reason] > 0)
    .map((reason) => `${number(counts[reason])} ${reasonWords(reason, channel, chosen).label.toLowerCase()}`);
  return {
    ...check,
    state: isOutdated ? 'waiting' : 'fine',
    words: [
      `${number(counts.gets)} of ${number(counts.matches)} who match${others.length > 0 ? ` (${others.join(', ')})` : ''}`,
    ],
  };
}

const number = (value: number) => value.toLocaleString('en-GB');
