// The steps of a message, in their order. They can be visited in any.
import type { Channel } from '@/lib/consents/schema';

export const STEPS = ['content', 'send-to', 'ab', 'send'] as const;
export type Step = (typeof STEPS)[number];
export const STEP_NAMES: Record<Step, string> = {
  content: 'Content',
  'send-to': 'Send To',
  ab: 'A/B test',
  send: 'Send',
};
/** An SMS has no A/B test. */
export const stepsOf = (channel: Channel): readonly Step[] =>
  channel === 'email' ? STEPS : STEPS.filter((step) => step !== 'ab');
