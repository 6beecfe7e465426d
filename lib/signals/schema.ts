// Shapes of signals: what can be listened for, who listens, what a consumer gets.
import type { OperationId, ProfileId, SectionId } from '@/lib/db/ids';

/** What can be listened for. Stored as small integers in waiting signals: never renumber. */
export const TOPICS = {
  tag_applied: 1,
  tag_removed: 2,
  attribute_changed: 3,
  profile_created: 4,
} as const;

export type Topic = keyof typeof TOPICS;

/** A kind of consumer, such as 'flow', and one of that kind. */
export type Consumer = { sectionId: SectionId; consumer: string; consumerId: number };

/** What a consumer wants to hear of. */
export type Subscription = {
  topic: Topic;
  /** The tag, attribute, event type… that it is about; 0 for topics without one. */
  subjectId: number;
  /** What the consumer will do with it, in its own words, such as 'enrol' or 'exit'. It comes back in the signal. */
  purpose: string;
  /** It begins something new. Changes with `startsFlows: false` do not signal it; facts such as an exit always come. */
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
  /** How many consumers' actions led to the change, one after the other: what limits loops. */
  hops: number;
  /** The bulk operation that made the change. */
  operationId: OperationId | null;
  at: Date;
  /** How often it was leased, this time included; 0 for signals that were consumed. */
  attempts: number;
};

/** What a change says about itself to those who listen. */
export type SignalCause = {
  sectionId: SectionId;
  operationId?: OperationId | null;
  /** Whether it may begin something, such as a run of a flow. Default: true. */
  startsFlows?: boolean;
  /** How many consumers' actions led to it. A consumer that changes something passes its signal's `hops` plus one. */
  hops?: number;
};

/** The topic behind a stored number. Throws on a number that no version has written. */
export function topicOf(code: number): Topic {
  const found = Object.entries(TOPICS).find(([, value]) => value === code);
  if (!found) throw new Error(`A signal has an unknown topic: ${code}`);
  return found[0] as Topic;
}
