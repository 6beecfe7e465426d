// Reads that may take long: stopped in the database when nobody waits for them, and refused where they take too long.
import { READS } from '@/lib/config/limits';
import { Interrupted, interruptible } from '@/lib/db/interruptible';
import type { Tx } from '@/lib/db/sql';
import type { Actor } from './actor';
import { inTurn } from './in-turn';
import { refuse } from './refusal';

export type Reader = {
  actor: Actor;
  /** Aborted when nobody waits any more. */
  signal?: AbortSignal;
};

/**
 * Reads in one read-only transaction, when it is the reader's turn (see `inTurn`). When `signal` says that nobody waits any more
 * the database stops, which is thrown as `Interrupted`. What takes too long is refused.
 */
export async function patiently<T>({ actor, signal }: Reader, read: (db: Tx) => Promise<T>): Promise<T> {
  try {
    return await inTurn(actor, signal, () => interruptible({ signal, seconds: READS.seconds }, read));
  } catch (error) {
    if (error instanceof Interrupted && error.why === 'too slow') {
      refuse(
        'too_many_requests',
        `This took longer than ${READS.seconds} seconds and was stopped. Choose fewer conditions or tags, or shorter periods, or try again later.`,
      );
    }
    throw error;
  }
}
