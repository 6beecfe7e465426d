// Reads that are cancelled in the database when the caller disconnects or they take too long.
import { READS } from '@/lib/config/limits';
import { cancelOnAbort, isStopped } from './cancel';
import { pool } from './pool';
import { execute, one, rows, sql, type Tx } from './sql';
import { semaphore, type Semaphore } from './semaphore';

/** A statement was cancelled in the database. `why`: the caller disconnected, or it took too long. */
export class Cancelled extends Error {
  constructor(readonly why: 'abandoned' | 'too slow') {
    super(`The statement was stopped: ${why}.`);
    this.name = 'Cancelled';
  }
}

type Limits = {
  /** Aborted when the caller disconnects. */
  signal?: AbortSignal;
  /** The time limit of a statement. */
  seconds: number;
};

/** The limit of a process: these reads are heavy, and other work needs connections too. */
export const CANCELLABLE_AT_ONCE = READS.atOnce;
const shared = globalThis as typeof globalThis & { tagwellReads?: Semaphore };
/** Shared like the pool: a process may load several copies of this file. */
const slots = (shared.tagwellReads ??= semaphore(CANCELLABLE_AT_ONCE));

/** Runs reads in one read-only transaction. Throws `Cancelled` if the signal was aborted or a statement took too long. */
export async function runCancellable<T>({ signal, seconds }: Limits, work: (db: Tx) => Promise<T>): Promise<T> {
  const release = await slots.acquire(signal).catch(() => {
    throw new Cancelled('abandoned');
  });
  try {
    return await runCancellableUnlimited({ signal, seconds }, work);
  } finally {
    release();
  }
}

/** The same without the process limit, for reads that are nearly always quick: they do not queue behind slow ones. */
export async function runCancellableUnlimited<T>(
  { signal, seconds }: Limits,
  work: (db: Tx) => Promise<T>,
): Promise<T> {
  const db = await pool().connect();
  let broken: Error | undefined;
  let watch: ReturnType<typeof cancelOnAbort> | undefined;
  try {
    await execute(db, sql`begin read only`);
    const { pid } = await one<{ pid: number }>(
      db,
      sql`select pg_backend_pid() as pid, set_config('statement_timeout', ${`${seconds}s`}, true)`,
    );
    watch = cancelOnAbort(pid, signal);
    if (signal?.aborted) throw new Cancelled('abandoned');
    return await work(db);
  } catch (error) {
    throw isStopped(error) ? new Cancelled(signal?.aborted ? 'abandoned' : 'too slow') : error;
  } finally {
    await watch?.stop();
    await execute(db, sql`rollback`).catch((failure: Error) => (broken = failure));
    db.release(broken);
  }
}

/**
 * Runs statements in the caller's transaction, each with a time limit. Throws `Cancelled` if one took longer; the
 * transaction can then only be rolled back.
 */
export async function withinTime<T>(tx: Tx, seconds: number, work: () => Promise<T>): Promise<T> {
  const { before } = await one<{ before: string }>(tx, sql`select current_setting('statement_timeout') as before`);
  const limit = (time: string) => rows(tx, sql`select set_config('statement_timeout', ${time}, true)`);
  await limit(`${seconds}s`);
  try {
    const result = await work();
    await limit(before);
    return result;
  } catch (error) {
    throw isStopped(error) ? new Cancelled('too slow') : error;
  }
}
