// Checks after each test that nothing it started is left in the database. An open transaction keeps its locks and
// delays vacuum, and an advisory lock outlives it on a pooled connection; either breaks a later test, or a customer's
// server.
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach } from 'vitest';
import { pool, poolUse } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';

/** How long work that a test triggered may take to end by itself. Milliseconds. */
const SETTLE_MS = 5_000;
const POLL_MS = 20;

let began = new Date();
beforeEach(() => {
  began = new Date();
});

afterEach(async () => {
  for (const until = Date.now() + SETTLE_MS; ; await pause(POLL_MS)) {
    const left = await leakedSince(began);
    if (left.length === 0) return;
    if (Date.now() > until) throw new Error(`The test left this behind:\n${left.join('\n')}`);
  }
});

/**
 * Describes what was started in the file's database since then, by this process or one that the test started, and has
 * not ended.
 */
async function leakedSince(since: Date): Promise<string[]> {
  const { total, idle, waiting } = poolUse();
  // No test of the file has used the database yet.
  if (total === 0) return [];
  if (total > idle || waiting > 0) {
    return [`${total - idle} connections of the pool are in use, and ${waiting} callers wait for one`];
  }
  const sessions = await rows<{ state: string; query: string }>(
    pool(),
    sql`
      select coalesce(state, 'unknown') as state, left(query, 300) as query
      from pg_stat_activity activity
      where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
        and (
          xact_start >= ${since}
          or (xact_start is null and exists (select from pg_locks where pg_locks.pid = activity.pid and locktype = 'advisory'))
        )`,
  );
  return sessions.map(({ state, query }) =>
    state === 'idle' ? `an advisory lock is held; last statement: ${query}` : `a session is ${state}: ${query}`,
  );
}
