// Up to where the ledger is settled. Ids are taken before a transaction commits, so a reader that went by ids alone could
// pass over a row that appears later. An id is settled once every transaction that could still write at or below it has
// ended: those are the ones that began to write before the id was seen.
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';

/** Pauses between looks while writers are under way. Milliseconds. */
const PAUSES = [0, 10, 30, 80, 180];

/**
 * The ledger id up to which nothing can appear any more. What was committed before the call is under it, unless a
 * writer is at work for longer than some tenths of a second: then a later call finds it.
 */
export async function settledUpTo(): Promise<number> {
  let settled = 0;
  const wanted = await lastId();
  for (const pause of PAUSES) {
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    settled = await promote();
    if (settled >= wanted) break;
    await look();
    settled = await promote();
    if (settled >= wanted) break;
  }
  return settled;
}

async function lastId(): Promise<number> {
  const { last } = await one<{ last: number }>(
    pool(),
    sql`select case when is_called then last_value else 0 end as last from tag_change_id_seq`,
  );
  return last;
}

/** Makes the pending id the settled one, if the transactions that it waits for have ended. */
async function promote(): Promise<number> {
  await execute(
    pool(),
    sql`update ledger_horizon set settled = pending
        where pending > settled and pending_after < pg_snapshot_xmin(pg_current_snapshot())::text::bigint`,
  );
  const { settled } = await one<{ settled: number }>(pool(), sql`select settled from ledger_horizon`);
  return settled;
}

/** Notes the last id that has been taken. Its writers have an id as transactions by then, lower than this one's. */
async function look(): Promise<void> {
  const last = await lastId();
  await transaction((tx) =>
    execute(
      tx,
      sql`update ledger_horizon set pending = ${last}, pending_after = pg_current_xact_id()::text::bigint
          where pending = settled and settled < ${last}`,
    ),
  );
}
