// The steps of a message, in their order. They can be visited in any.
import type { Channel } from '@/lib/consents/schema';
import type { MESSAGE_KINDS } from '@/lib/messages/schema';

type Kind = (typeof MESSAGE_KINDS)[number];

export const STEPS = ['content', 'send-to', 'ab', 'send', 'api'] as const;
export type Step = (typeof STEPS)[number];
export const STEP_NAMES: Record<Step, string> = {
  content: 'Content',
  'send-to': 'Send To',
  ab: 'A/B test',
  send: 'Send',
  api: 'Use by the API',
};
/** An SMS has no A/B test. A service message may be sent by the API instead; one that has been is not sent to many. */
export const stepsOf = (channel: Channel, kind: Kind, wasUsedByApi: boolean): readonly Step[] =>
  STEPS.filter((step) => {
    if (step === 'ab') return channel === 'email' && !wasUsedByApi;
    if (step === 'send') return !wasUsedByApi;
    return step !== 'api' || kind === 'service' || wasUsedByApi;
  });
