// The steps of a message, in their order. They can be visited in any.
export const STEPS = ['content', 'send-to', 'send'] as const;
export type Step = (typeof STEPS)[number];
export const STEP_NAMES: Record<Step, string> = { content: 'Content', 'send-to': 'Send To', send: 'Send' };
