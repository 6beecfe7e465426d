// How people go through flows, as it is counted and kept. Imports no server code, so that pages can use it.

/** How somebody left. `done`: at the end. */
export const LEFT = [
  'done',
  'leave',
  'goal',
  'exit_tag',
  'stopped',
  'taken_out',
  'failed',
  'no_date',
  'not_sent',
  'gone',
  'ended',
  'undone',
] as const;
export type Left = (typeof LEFT)[number];

/** Why somebody did not enter. */
export const REFUSED = [
  'inside',
  'again',
  'exit_tag',
  'goal',
  'filter',
  'hops',
  'attention',
  'paused',
  'early',
  'late',
] as const;
export type Refused = (typeof REFUSED)[number];

/** What becomes of somebody at a step: the first three go on from it. */
export const AT_STEP = ['passed', 'skipped', 'timed_out', 'failed', 'left'] as const;
export type AtStep = (typeof AT_STEP)[number];

/** What a line of somebody's history says. */
export type Happened = 'entered' | 'moved' | AtStep;

export const LEFT_WORDS: Record<Left, string> = {
  done: 'came to the end',
  leave: 'left by a step',
  goal: 'reached the goal',
  exit_tag: 'left by the exit tag',
  stopped: 'left because the flow was stopped',
  taken_out: 'was taken out',
  failed: 'failed',
  no_date: 'left because the date is missing or past',
  not_sent: 'left because the message could not be sent',
  gone: 'left because the profile was erased or merged',
  ended: 'left because their version was ended',
  undone: 'left because what let them in was undone',
};

export const REFUSED_WORDS: Record<Refused, string> = {
  inside: 'already in it',
  again: 'may not enter again yet',
  exit_tag: 'have the exit tag',
  goal: 'had reached the goal already',
  filter: 'do not fit the filter',
  hops: 'stopped, because flows started each other in a circle',
  attention: 'came while the flow needed attention',
  paused: 'came while the flow was paused',
  early: 'came before its first day',
  late: 'came after its last day',
};

/** Why a message was not sent to somebody, by what the pipeline of messages notes (`lib/messages`), and how a notice or a call ended. */
export const NOT_SENT_WORDS: Record<string, string> = {
  noAddress: 'no address',
  noConsent: 'not agreed to its topics',
  suppressed: 'the address is on the suppression list',
  limit: 'enough messages already, by the limit in Settings → Sending',
  excluded: 'left out by the message',
  duplicate: 'the address has had it already',
  late: 'the allowed hours had ended',
  erased: 'the profile was erased',
  merged: 'the profile was merged',
  address: 'the address does not exist',
  full: 'the mailbox is full',
  policy: 'refused because of who sent it',
  message: 'refused because of what it says',
  unreachable: 'the address cannot be reached',
  expired: 'tried for too long, without success',
  optedOut: 'told the provider to stop',
  template: 'a value could not be filled in',
  unknown: 'it may or may not have been sent',
  cancelled: 'it was cancelled',
  gone: 'what was to be sent is gone',
};
