// The low-water mark of the ledger: no row with an id at or below it can appear any more. Ids are taken before a transaction
// commits, so a reader that went by ids alone could miss a row that appears later. An id is settled once every transaction that
// could still write at or below it has ended. Those are the ones that were writing when the id was seen; they are known by their
// transaction ids, not by when they began, because clocks are set back.
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';

/** Pauses between looks while writers are under way. Milliseconds. */
const PAUSES = [0, 10, 30, 80, 180];

/**
 * The ledger id up to which nothing can appear any more. What was committed before the call is under it, unless a
 * writer is at work for longer than some tenths of a second: then a later call finds it.
 */
export async function lowWaterMark(): Promise<number> {
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

/** How many ids of the ledger are above the low-water mark: readers of the feed and webhooks wait for as many. */
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

/** Makes the pending id the settled one, if the writers that it waits for have ended. */
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

/** The transactions that write to the ledger now. Each has its lock on the table before it takes an id. */
const writers = sql`
  select held.virtualtransaction as writer
  from pg_locks held
  where held.locktype = 'relation' and held.relation = 'tag_change'::regclass and held.granted
    and held.database = (select oid from pg_database where datname = current_database())
    and held.mode = 'RowExclusiveLock'`;

/** Records the last id taken, and then the current writers: a transaction that took it and has not ended is among them. */
async function look(): Promise<void> {
  const last = await lastId();
  await execute(
    pool(),
    sql`update ledger_horizon set pending = ${last}, writers = array(${writers})
        where pending = settled and settled < ${last}`,
  );
}
