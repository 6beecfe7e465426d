// Races by hand: one connection holds its transaction open at the moment that matters, and the other is seen to wait for it.
import { pool } from '@/lib/db/pool';
import { execute, one, sql, type Tx } from '@/lib/db/sql';

/** Does `work` in a transaction that stays open until `commit`. */
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

/** Resolves once so many connections of the test's database wait for a lock. */
export async function untilWaiting(many = 1): Promise<void> {
  for (;;) {
    const { waiting } = await one<{ waiting: number }>(
      pool(),
      sql`select count(*) as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (waiting >= many) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
