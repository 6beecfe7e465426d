// Reads that may take long: cancelled in the database when the caller has gone, refused when they take too long.
import { READS } from '@/lib/config/limits';
import { Cancelled, runCancellable, runCancellableUnlimited } from '@/lib/db/cancellable';
import type { Tx } from '@/lib/db/sql';
import type { Actor } from './actor';
import { withinActorLimit } from './actor-limit';
import { refuse } from './refusal';

export type Reader = {
  actor: Actor;
  /** Aborted when the caller has gone. */
  signal?: AbortSignal;
};

/**
 * Reads in one read-only transaction, within the reader's limit (see `withinActorLimit`). Throws `Cancelled` if `signal` is aborted, and
 * refuses with `too_many_requests` what takes longer than `READS.seconds`.
 */
export function withTimeout<T>({ actor, signal }: Reader, read: (db: Tx) => Promise<T>): Promise<T> {
  const { seconds } = READS;
  return refusingSlow(seconds, () => withinActorLimit(actor, signal, () => runCancellable({ signal, seconds }, read)));
}

/** The same without a limit of how many at once, for lists: they are nearly always quick, and do not queue behind slow reads. */
export function listWithTimeout<T>(
  { signal, seconds = READS.seconds }: { signal?: AbortSignal; seconds?: number },
  read: (db: Tx) => Promise<T>,
): Promise<T> {
  return refusingSlow(seconds, () => runCancellableUnlimited({ signal, seconds }, read));
}

async function refusingSlow<T>(seconds: number, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Cancelled && error.why === 'too slow') {
      refuse(
        'too_many_requests',
        `This took longer than ${seconds} seconds and was stopped. Choose fewer conditions or tags, or shorter periods, or try again later.`,
      );
    }
    throw error;
  }
}
