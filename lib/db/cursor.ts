// Rows of any number, of one moment of the data: read through a cursor, so that only some are in memory.
import { cancelOnAbort, isStopped } from './cancel';
import { Cancelled } from './cancellable';
import { pool } from './pool';
import { execute, one, rowsAsArrays, sql, type Sql, type Tx } from './sql';

/** Avoids an unhandled rejection of the prefetched page: its error is thrown when the page is asked for. */
function fetch<Row extends unknown[]>(db: Tx): Promise<Row[]> {
  const page = rowsAsArrays<Row>(db, sql`fetch 5000 from reading`);
  page.catch(() => undefined);
  return page;
}

/**
 * The rows of a select, some thousand at a time: first a page that is empty, once the reading is open. What the caller leaves
 * unread is never made, and the database stops when `signal` says that the reader has left, which is thrown as `Cancelled`.
 * Holds a connection until it ends, also between two pages: see `withIdleTimeout`.
 */
export async function* readThrough<Row extends unknown[]>(select: Sql, signal?: AbortSignal): AsyncGenerator<Row[]> {
  const db = await pool().connect();
  let broken: Error | undefined;
  let watch: ReturnType<typeof cancelOnAbort> | undefined;
  let coming: Promise<Row[]> | undefined;
  const unread = new AbortController();
  try {
    await execute(db, sql`begin read only isolation level repeatable read`);
    const { pid } = await one<{ pid: number }>(
      db,
      sql`select pg_backend_pid() as pid, set_config('cursor_tuple_fraction', '1', true)`,
    );
    watch = cancelOnAbort(pid, signal ? AbortSignal.any([signal, unread.signal]) : unread.signal);
    await execute(db, sql`declare reading no scroll cursor for ${select}`);
    // That may have been done before the cancellation came.
    if (signal?.aborted) throw new Cancelled('abandoned');
    yield [];
    // The database makes the next page while the caller works on this one.
    coming = fetch<Row>(db);
    for (;;) {
      const page = await coming;
      if (page.length === 0) return;
      coming = fetch<Row>(db);
      yield page;
    }
  } catch (error) {
    throw signal?.aborted && isStopped(error) ? new Cancelled('abandoned') : error;
  } finally {
    unread.abort();
    await coming?.catch(() => undefined);
    await watch?.stop();
    await execute(db, sql`rollback`).catch((failure: Error) => (broken = failure));
    db.release(broken);
  }
}
