// Cancels what a connection is doing, from another connection.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { controlPool } from './pool';
import { rows, sql } from './sql';

/** Milliseconds until the next cancellation, for a statement that started after the last one. */
const RETRY_MS = 50;

/** Whether an error means that a statement was cancelled or timed out. */
export const isStopped = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '57014';

/**
 * Cancels whatever the connection does from when the signal is aborted until `stop`. A cancellation between two
 * statements has no effect, so it is repeated. Await `stop` before the connection is used for anything else.
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
