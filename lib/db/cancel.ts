// Stopping what a connection does, from beside it.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { controlPool } from './pool';
import { rows, sql } from './sql';

/** How long until a statement that came after the last cancellation is cancelled too, in milliseconds. */
const RETRY_MS = 50;

/** Whether an error is that a statement was stopped: by a cancellation, or because its time was up. */
export const isStopped = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '57014';

/**
 * From when the signal is aborted until `stop`, whatever the connection does is cancelled: a cancellation that comes between two
 * statements has no effect, so there is another. Await `stop` before the connection does something else.
 */
export function cancelOnAbort(pid: number, signal: AbortSignal | undefined): { stop: () => Promise<void> } {
  let stopped = false;
  let cancelling: Promise<void> = Promise.resolve();
  const cancel = async () => {
    while (!stopped) {
      await rows(controlPool(), sql`select pg_cancel_backend(${pid}::int)`).catch(() => undefined);
      await pause(RETRY_MS);
    }
  };
  const begin = () => {
    cancelling = cancel();
  };
  if (signal?.aborted) begin();
  else signal?.addEventListener('abort', begin, { once: true });
  return {
    stop: async () => {
      stopped = true;
      signal?.removeEventListener('abort', begin);
      await cancelling;
    },
  };
}
