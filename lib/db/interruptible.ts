// Reads that stop in the database when nobody waits for them any more, or when they take too long.
import { READS } from '@/lib/config/limits';
import { cancelOnAbort, isStopped } from './cancel';
import { pool } from './pool';
import { execute, one, rows, sql, type Tx } from './sql';
import { turns, type Turns } from './turns';

/** A statement that the database was told to stop. `why`: nobody waited any more, or its time was up. */
export class Interrupted extends Error {
  constructor(readonly why: 'abandoned' | 'too slow') {
    super(`The statement was stopped: ${why}.`);
    this.name = 'Interrupted';
  }
}

type Limits = {
  /** Aborted when nobody waits any more. */
  signal?: AbortSignal;
  /** How long a statement may take. */
  seconds: number;
};

/** So many of a process go on at once: they are heavy, and others need connections too. */
export const INTERRUPTIBLE_AT_ONCE = READS.atOnce;
const shared = globalThis as typeof globalThis & { tagwellReads?: Turns };
/** Shared like the pool: there are several copies of this file in a process, and one pool. */
const places = (shared.tagwellReads ??= turns(INTERRUPTIBLE_AT_ONCE));

/** Runs reads in one read-only transaction. Throws `Interrupted` where the signal was aborted or a statement took too long. */
export async function interruptible<T>({ signal, seconds }: Limits, work: (db: Tx) => Promise<T>): Promise<T> {
  const leave = await places.take(signal).catch(() => {
    throw new Interrupted('abandoned');
  });
  try {
    return await onOwnConnection({ signal, seconds }, work);
  } finally {
    leave();
  }
}

async function onOwnConnection<T>({ signal, seconds }: Limits, work: (db: Tx) => Promise<T>): Promise<T> {
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
    if (signal?.aborted) throw new Interrupted('abandoned');
    return await work(db);
  } catch (error) {
    throw isStopped(error) ? new Interrupted(signal?.aborted ? 'abandoned' : 'too slow') : error;
  } finally {
    await watch?.stop();
    await execute(db, sql`rollback`).catch((failure: Error) => (broken = failure));
    db.release(broken);
  }
}

/**
 * Runs statements in the caller's transaction, each for so many seconds at most. Throws `Interrupted` where one took longer: then
 * the transaction can only be rolled back.
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
    throw isStopped(error) ? new Interrupted('too slow') : error;
  }
}
