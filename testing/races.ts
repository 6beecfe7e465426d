// Races under control: one connection keeps its transaction open at the critical moment, and the other is observed
// waiting for it.
import { inject } from 'vitest';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql, type Tx } from '@/lib/db/sql';
import { isCluster } from './cluster';

/** Runs `work` in a transaction that stays open until `commit`. */
export async function hold(work: (tx: Tx) => Promise<unknown>): Promise<{ tx: Tx; commit: () => Promise<void> }> {
  const tx = await pool().connect();
  await execute(tx, sql`begin`);
  await work(tx);
  return {
    tx,
    commit: async () => {
      await execute(tx, sql`commit`);
      tx.release();
    },
  };
}

/** Resolves once this many connections of the test's database wait for a lock. */
export async function untilWaiting(many = 1): Promise<void> {
  while ((await waitingForLocks()).length < many) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** When each statement started that waits for a lock in the test's database; on a cluster, on any node. */
export async function waitingForLocks(): Promise<Date[]> {
  const waiting = await rows<{ since: Date }>(
    pool(),
    isCluster(inject('nodes'))
      ? sql`
          select since::timestamptz as since
          from run_command_on_all_nodes($$
            select coalesce(json_agg(query_start), '[]') from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'
          $$)
          cross join lateral json_array_elements_text(result::json) since`
      : sql`
          select query_start as since from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return waiting.map(({ since }) => since);
}
