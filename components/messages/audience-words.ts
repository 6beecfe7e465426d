// Why people get a message or not, in words.
import { AUDIENCE_REASONS, type Audience, type AudienceReason } from '@/lib/audience/schema';
import type { Channel } from '@/lib/consents/schema';
import type { MessageKind } from '@/lib/suppression/may-receive';

/** The reasons that can apply, those who get it first. */
export const reasonsFor = (kind: MessageKind, { most }: Audience): AudienceReason[] =>
  (['gets', ...AUDIENCE_REASONS.filter((reason) => reason !== 'gets')] as const).filter(
    (reason) => (reason !== 'noConsent' || kind === 'marketing') && (reason !== 'overLimit' || most !== null),
  );

/** `hint`: what it means, and what can be done. */
export function reasonWords(
  reason: AudienceReason,
  channel: Channel,
  { most }: Pick<Audience, 'most'>,
): { label: string; hint: string } {
  const address = channel === 'email' ? 'email address' : 'mobile number';
  switch (reason) {
    case 'gets':
      return {
        label: 'Will get it',
        hint:
          most === null
            ? 'Once each: an address belongs to one person only.'
            : 'Who they are is drawn when sending starts. It could be these.',
      };
    case 'noAddress':
      return { label: `No ${address}`, hint: `They have no key in ${channel === 'email' ? 'Email' : 'Mobile'}.` };
    case 'noConsent':
      return {
        label: 'No consent',
        hint: `They have not agreed to any of the topics by ${channel === 'email' ? 'email' : 'SMS'}, or have opted out.`,
      };
    case 'suppressed':
      return {
        label: 'Suppressed',
        hint: `Their ${address} is on the suppression list: it bounced, they complained, or somebody put it there.`,
      };
    case 'overLimit':
      return { label: 'Not in the random part', hint: 'Who is in it is drawn when sending starts.' };
  }
}
