// Reads that may take long: stopped in the database when nobody waits for them, and refused where they take too long.
import { Interrupted, interruptible } from '@/lib/db/interruptible';
import type { Tx } from '@/lib/db/sql';
import { refuse } from './refusal';

const SLOWEST_SECONDS = 60;

/**
 * Reads in one read-only transaction. When `signal` says that nobody waits any more the database stops, which is thrown as
 * `Interrupted`. What takes too long is refused.
 */
export async function patiently<T>(signal: AbortSignal | undefined, read: (db: Tx) => Promise<T>): Promise<T> {
  try {
    return await interruptible({ signal, seconds: SLOWEST_SECONDS }, read);
  } catch (error) {
    if (error instanceof Interrupted && error.why === 'too slow') {
      refuse(
        'too_many_requests',
        `This took longer than ${SLOWEST_SECONDS} seconds and was stopped. Choose fewer conditions or tags, or shorter periods, or try again later.`,
      );
    }
    throw error;
  }
}
