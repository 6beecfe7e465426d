// Shapes of signals: topics, listeners, and what a consumer gets.
import type { OperationId, ProfileId, SectionId } from '@/lib/db/ids';

/** The topics. Stored as small integers in pending signals: never renumber. */
export const TOPICS = {
  tag_applied: 1,
  tag_removed: 2,
  attribute_changed: 3,
  profile_created: 4,
  consent_changed: 5,
  form_submitted: 6,
  event_happened: 7,
  sent_to_flow: 8,
  message_opened: 9,
  message_clicked: 10,
} as const;

export type Topic = keyof typeof TOPICS;

/** A kind of consumer, such as 'flow', and the id of one. */
export type Consumer = { sectionId: SectionId; consumer: string; consumerId: number };

/** What a consumer subscribes to. */
export type Subscription = {
  topic: Topic;
  /** The subject: a tag, attribute, event type…; 0 for topics without one. */
  subjectId: number;
  /** What the consumer will do with it, in its own terms, such as 'enrol' or 'exit'. Returned in the signal. */
  purpose: string;
  /**
   * It starts something. Changes with `startsFlows: false` do not signal it; facts such as an exit are always
   * signalled.
   */
  starts: boolean;
};

/** One change, for one consumer. */
export type Signal = {
  id: number;
  consumerId: number;
  purpose: string;
  topic: Topic;
  subjectId: number;
  profileId: ProfileId;
  /** The length of the chain of consumers' actions that led to the change: limits loops. */
  hops: number;
  /** The bulk operation that made the change, or that began what led to it. */
  operationId: OperationId | null;
  at: Date;
  /** How often it was leased, including this time; 0 for signals that were consumed. */
  attempts: number;
  /** What was given along, in the terms of the consumer. */
  given: unknown;
};

/** What a change says about itself to listeners. */
export type SignalCause = {
  sectionId: SectionId;
  operationId?: OperationId | null;
  /** The bulk operation that began what led to the change, which is no part of it: what the change starts can be ended with its undo. */
  begunBy?: OperationId | null;
  /** Whether it may start something, such as a run of a flow. Default: true. */
  startsFlows?: boolean;
  /** The length of the chain of consumers' actions. A consumer passes its signal's `hops` plus one. */
  hops?: number;
};

/** The topic for a stored number. Throws for a number that no version has written. */
export function topicOf(code: number): Topic {
  const found = Object.entries(TOPICS).find(([, value]) => value === code);
  if (!found) throw new Error(`A signal has an unknown topic: ${code}`);
  return found[0] as Topic;
}
