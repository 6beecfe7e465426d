// Reads that stop in the database when nobody waits for them any more, or when they take too long.
import pg from 'pg';
import { pool } from './pool';
import { execute, one, rows, sql, type Tx } from './sql';

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

/** Runs reads in one read-only transaction. Throws `Interrupted` where the signal was aborted or a statement took too long. */
export async function interruptible<T>({ signal, seconds }: Limits, work: (db: Tx) => Promise<T>): Promise<T> {
  if (signal?.aborted) throw new Interrupted('abandoned');
  const db = await pool().connect();
  let [cancelling, broken]: [Promise<unknown>, Error | undefined] = [Promise.resolve(), undefined];
  let cancel: (() => void) | undefined;
  try {
    await execute(db, sql`begin read only`);
    const { pid } = await one<{ pid: number }>(
      db,
      sql`select pg_backend_pid() as pid, set_config('statement_timeout', ${`${seconds}s`}, true)`,
    );
    cancel = () => {
      cancelling = rows(pool(), sql`select pg_cancel_backend(${pid})`).catch(() => undefined);
    };
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted) throw new Interrupted('abandoned');
    return await work(db);
  } catch (error) {
    const stopped = error instanceof pg.DatabaseError && error.code === '57014';
    throw stopped ? new Interrupted(signal?.aborted ? 'abandoned' : 'too slow') : error;
  } finally {
    if (cancel) signal?.removeEventListener('abort', cancel);
    // A cancellation on its way must not meet what the connection does next.
    await cancelling;
    await execute(db, sql`rollback`).catch((failure: Error) => (broken = failure));
    db.release(broken);
  }
}
