// What became of recipients, in words.
import type { InJson } from '@/components/ui/in-json';
import type { Channel } from '@/lib/consents/schema';
import type { SendView } from '@/lib/messages/sends';

/** A line of the outcome: people, and what it means. */
export type OutcomeLine = { label: string; hint: string; people: number };

type Counted = Pick<InJson<SendView>, 'channel' | 'byState' | 'byReason'>;

const WHYS: Record<string, { label: string; hint: string }> = {
  'refused address': { label: 'The address does not exist', hint: 'Their mail server said so, for good.' },
  'refused full': { label: 'The mailbox is full', hint: 'Their mail server said so, for good.' },
  'refused policy': { label: 'Refused because of who sent it', hint: 'This says nothing against the people.' },
  'refused message': { label: 'Refused because of what it says', hint: 'This says nothing against the people.' },
  'refused unreachable': {
    label: 'The address cannot be written to',
    hint: 'The sender’s server does not support it.',
  },
  'refused expired': {
    label: 'Tried for a day or longer, without success',
    hint: 'Their mail server put it off each time.',
  },
  'sent address': { label: 'Came back: the address does not exist', hint: 'It is suppressed.' },
  'sent full': { label: 'Came back: the mailbox is full', hint: '' },
  'sent expired': { label: 'Came back: tried for days', hint: '' },
  'sent other': { label: 'Came back', hint: 'Their mail server did not accept it.' },
  'sent ours': { label: 'Came back: the sender’s domain', hint: 'It is not set up as mailbox providers demand.' },
  'sent policy': { label: 'Came back because of who sent it', hint: 'This says nothing against the people.' },
  'sent message': { label: 'Came back because of what it says', hint: 'This says nothing against the people.' },
  'sent unreachable': { label: 'Came back: cannot be written to', hint: 'A server on the way does not support it.' },
  'skipped noAddress': { label: 'No address any more', hint: 'They had one when sending started.' },
  'skipped noConsent': { label: 'Left meanwhile', hint: 'They opted out after sending had started.' },
  'skipped suppressed': { label: 'Suppressed meanwhile', hint: 'Their address came onto the suppression list.' },
  'skipped limit': {
    label: 'Had enough messages',
    hint: 'They had got as many as the section allows: Settings → Sending.',
  },
  'skipped excluded': { label: 'Left out meanwhile', hint: 'They got a tag that is left out in Send To.' },
  'skipped duplicate': {
    label: 'Address was mailed already',
    hint: 'Their address had become that of somebody who got it.',
  },
  'skipped erased': { label: 'Erased meanwhile', hint: 'Their profile has been deleted.' },
  'skipped merged': { label: 'Merged meanwhile', hint: 'The profile that they were merged into counts.' },
  'failed template': { label: 'Could not be written', hint: 'A value could not be filled in.' },
  'failed address': { label: 'Could not be addressed', hint: 'The address cannot stand in a mail.' },
};

/** Where an SMS is spoken of in other words. */
const SMS_WHYS: typeof WHYS = {
  'refused address': { label: 'The number does not exist', hint: 'Or it is no mobile number, as the provider said.' },
  'refused unreachable': { label: 'The number cannot be reached', hint: 'The provider said so.' },
  'refused optedOut': {
    label: 'Told the provider to stop',
    hint: 'Lately or long ago. From now on they are opted out of SMS here too.',
  },
  'refused expired': {
    label: 'Tried for a day or longer, without success',
    hint: 'The provider put it off each time.',
  },
  'sent address': { label: 'The number does not exist', hint: 'Reported by the provider. It is suppressed.' },
  'sent unreachable': { label: 'The phone could not be reached', hint: 'Reported by the provider.' },
  'sent expired': {
    label: 'Did not arrive in time',
    hint: 'The phone was away for too long, or until the allowed hours had ended. Reported by the provider.',
  },
  'sent policy': { label: 'Blocked by the operator or the provider', hint: 'This says nothing against the people.' },
  'sent optedOut': {
    label: 'Told the provider to stop',
    hint: 'Lately or long ago. From now on they are opted out of SMS here too.',
  },
  'sent other': { label: 'Did not arrive', hint: 'The provider gave no reason.' },
  'skipped late': { label: 'Too late', hint: 'The allowed hours of that day had ended before their turn.' },
  'skipped noAddress': { label: 'No mobile number any more', hint: 'They had one when sending started.' },
  'skipped suppressed': { label: 'Suppressed meanwhile', hint: 'Their number came onto the suppression list.' },
  'skipped duplicate': {
    label: 'Number has got it already',
    hint: 'Their number had become that of somebody who got it.',
  },
};

const wordsFor = (channel: Channel, reason: string) =>
  (channel === 'sms' ? SMS_WHYS[reason] : undefined) ?? WHYS[reason];

const REPORTED: Record<string, string> = {
  address: 'The number does not exist, or is no mobile number',
  unreachable: 'The phone could not be reached',
  expired: 'It did not arrive in time: the phone was away',
  policy: 'The operator or the provider blocked it',
  message: 'Refused because of what it says',
  optedOut: 'Told the provider to stop',
  template: 'Could not be written',
};

/** Why an SMS did not arrive, whoever said so. */
export const failureInWords = (why: string): string => REPORTED[why] ?? 'The provider gave no reason';

/** Why somebody did not get an SMS when their turn came. */
export const leftOutInWords = (why: string): string => wordsFor('sms', `skipped ${why}`)?.label ?? 'Left out';

const STATE_NAMES: Record<string, string> = { refused: 'Refused', skipped: 'Left out', failed: 'Could not be written' };

const cameBack = ({ state, why }: { state: string; why: string | null }) => state === 'sent' && why !== null;

/** How many of those that were sent have not come back. */
export const arrived = ({ byState, byReason }: Counted): number =>
  byReason.filter(cameBack).reduce((left, { people }) => left - people, byState.sent);

/** Who does not get it, by reason, the most frequent first. */
export function notSent({ channel, byReason }: Counted): OutcomeLine[] {
  return byReason
    .filter(({ state, why }) => ['refused', 'skipped', 'failed'].includes(state) || cameBack({ state, why }))
    .map(({ state, why, people }) => ({
      people,
      ...(wordsFor(channel, `${state} ${why ?? ''}`) ?? { label: STATE_NAMES[state] ?? state, hint: '' }),
    }))
    .toSorted((one, other) => other.people - one.people);
}
