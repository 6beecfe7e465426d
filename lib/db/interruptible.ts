// Reads that stop in the database when nobody waits for them any more, or when they take too long.
import pg from 'pg';
import { cancelOnAbort } from './cancel';
import { pool } from './pool';
import { execute, one, sql, type Tx } from './sql';
import { turns } from './turns';

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
export const INTERRUPTIBLE_AT_ONCE = 8;
const places = turns(INTERRUPTIBLE_AT_ONCE);

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
    const stopped = error instanceof pg.DatabaseError && error.code === '57014';
    throw stopped ? new Interrupted(signal?.aborted ? 'abandoned' : 'too slow') : error;
  } finally {
    await watch?.stop();
    await execute(db, sql`rollback`).catch((failure: Error) => (broken = failure));
    db.release(broken);
  }
}
