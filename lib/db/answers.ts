// Waits for a database that is unavailable: restarting, failing over, or cut off.
import { setTimeout as pause } from 'node:timers/promises';
import { pool } from './pool';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** Resolves when the database answers (at once if it is up) or when `signal` is aborted. Never throws. */
export async function untilDatabaseAnswers(signal?: AbortSignal): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; !signal?.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      await pool().query('select');
      return;
    } catch {
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
