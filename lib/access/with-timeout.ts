// Reads that may take long: cancelled in the database when the caller disconnects, refused if they take too long.
import { READS } from '@/lib/config/limits';
import { Cancelled, runCancellable, runCancellableUnlimited } from '@/lib/db/cancellable';
import type { Tx } from '@/lib/db/sql';
import type { Actor } from './actor';
import { withinActorLimit } from './actor-limit';
import { refuse } from './refusal';

export type Reader = {
  actor: Actor;
  /** Aborted when the caller disconnects. */
  signal?: AbortSignal;
};

const secondsFor = (actor: Actor): number => (actor.kind === 'client' ? READS.secondsOfClient : READS.seconds);

/**
 * Reads in one read-only transaction, within the reader's limit (see `withinActorLimit`). Throws `Cancelled` if
 * `signal` is aborted. Refuses with `too_slow` after `READS.seconds` (`READS.secondsOfClient` for API clients).
 */
export function withTimeout<T>({ actor, signal }: Reader, read: (db: Tx) => Promise<T>): Promise<T> {
  const limits = { signal, seconds: secondsFor(actor) };
  return refusingSlow(actor, () => withinActorLimit(actor, signal, () => runCancellable(limits, read)));
}

/**
 * The same without a concurrency limit, for lists: they are nearly always quick and must not queue behind slow reads.
 */
export function listWithTimeout<T>(
  { actor, signal, seconds = secondsFor(actor) }: Reader & { seconds?: number },
  read: (db: Tx) => Promise<T>,
): Promise<T> {
  return refusingSlow(actor, () => runCancellableUnlimited({ signal, seconds }, read), seconds);
}

async function refusingSlow<T>(actor: Actor, read: () => Promise<T>, seconds = secondsFor(actor)): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Cancelled && error.why === 'too slow') {
      refuse('too_slow', actor.kind === 'client' ? TOO_SLOW_FOR_CLIENTS : tooSlow(seconds));
    }
    throw error;
  }
}

const tooSlow = (seconds: number) =>
  `This took longer than ${seconds} seconds and was stopped. Choose fewer conditions or tags, or shorter periods, or try again later.`;

/** The message for API clients whose read took too long. */
export const TOO_SLOW_FOR_CLIENTS =
  'This took too long and was stopped. Try again when the server is less busy. If it keeps happening, request a smaller page or simplify the segment: events and changes over long periods take longest.';
