// Any number of rows from one snapshot, read through a cursor so that only some are in memory.
import { cancelOnAbort, isStopped } from './cancel';
import { Cancelled } from './cancellable';
import { pool } from './pool';
import { execute, one, rowsAsArrays, sql, type Sql, type Tx } from './sql';

/** Avoids an unhandled rejection of the prefetched page: its error is thrown when the page is requested. */
function fetch<Row extends unknown[]>(db: Tx): Promise<Row[]> {
  const page = rowsAsArrays<Row>(db, sql`fetch 5000 from reading`);
  page.catch(() => undefined);
  return page;
}

/**
 * The rows of a select, a few thousand at a time. The first page is empty and means that the cursor is open. Rows that
 * the caller does not read are never produced; when `signal` is aborted, the query is cancelled and this throws
 * `Cancelled`. Holds a connection until it ends, even between pages: see `withIdleTimeout`.
 */
export async function* readThrough<Row extends unknown[]>(select: Sql, signal?: AbortSignal): AsyncGenerator<Row[]> {
  const db = await pool().connect();
  let broken: Error | undefined;
  let watch: ReturnType<typeof cancelOnAbort> | undefined;
  let prefetched: Promise<Row[]> | undefined;
  const unread = new AbortController();
  try {
    await execute(db, sql`begin read only isolation level repeatable read`);
    const { pid } = await one<{ pid: number }>(
      db,
      sql`select pg_backend_pid() as pid, set_config('cursor_tuple_fraction', '1', true)`,
    );
    watch = cancelOnAbort(pid, signal ? AbortSignal.any([signal, unread.signal]) : unread.signal);
    await execute(db, sql`declare reading no scroll cursor for ${select}`);
    // The statement may have finished before the cancellation arrived.
    if (signal?.aborted) throw new Cancelled('abandoned');
    yield [];
    // Prefetches the next page while the caller processes this one.
    prefetched = fetch<Row>(db);
    for (;;) {
      const page = await prefetched;
      if (page.length === 0) return;
      prefetched = fetch<Row>(db);
      yield page;
    }
  } catch (error) {
    throw signal?.aborted && isStopped(error) ? new Cancelled('abandoned') : error;
  } finally {
    unread.abort();
    await prefetched?.catch(() => undefined);
    await watch?.stop();
    await execute(db, sql`rollback`).catch((failure: Error) => (broken = failure));
    db.release(broken);
  }
}
