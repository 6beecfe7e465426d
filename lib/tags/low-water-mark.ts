// The low-water mark of the ledger: no row with an id at or below it can still appear. Ids are assigned before a
// transaction commits, so a reader that follows ids alone could miss rows. An id is settled once every transaction that
// might still write at or below it has ended. Those are the transactions that were writing when the id was read; they
// are identified by transaction id, not by start time, because clocks are set back.
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';

/** Pauses between checks while writers are active. Milliseconds. */
const PAUSES = [0, 10, 30, 80, 180];

/**
 * The ledger id at or below which no row can still appear. Includes everything committed before the call, unless some
 * writer is active for more than a few tenths of a second; then a later call includes it.
 */
export async function lowWaterMark(): Promise<number> {
  let settled = 0;
  const wanted = await lastId();
  for (const pause of PAUSES) {
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    settled = await promote();
    if (settled >= wanted) break;
    await recordPending();
    settled = await promote();
    if (settled >= wanted) break;
  }
  return settled;
}

/** How many ledger ids are above the low-water mark: readers of the feed and webhooks wait for these. */
export async function ledgerLag(): Promise<number> {
  const settled = await lowWaterMark();
  return Math.max(0, (await lastId()) - settled);
}

async function lastId(): Promise<number> {
  const { last } = await one<{ last: number }>(
    pool(),
    sql`select case when is_called then last_value else 0 end as last from tag_change_id_seq`,
  );
  return last;
}

/** Makes the pending id the settled one if the writers that it waits for have ended. */
async function promote(): Promise<number> {
  await execute(
    pool(),
    sql`
      update ledger_horizon set settled = pending
      where pending > settled and not exists (
        select from (${writers}) held where held.writer = any(ledger_horizon.writers)
      )`,
  );
  const { settled } = await one<{ settled: number }>(pool(), sql`select settled from ledger_horizon`);
  return settled;
}

/** The transactions that are writing to the ledger. Each locks the table before it takes an id. */
const writers = sql`
  select held.virtualtransaction as writer
  from pg_locks held
  where held.locktype = 'relation' and held.relation = 'tag_change'::regclass and held.granted
    and held.database = (select oid from pg_database where datname = current_database())
    and held.mode = 'RowExclusiveLock'`;

/** Records the last id, then the current writers: a transaction that took an id and is still open is among them. */
async function recordPending(): Promise<void> {
  const last = await lastId();
  await execute(
    pool(),
    sql`update ledger_horizon set pending = ${last}, writers = array(${writers})
        where pending = settled and settled < ${last}`,
  );
}
