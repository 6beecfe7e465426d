// Removes what past runs have left, in batches: contacts that were read, once a later run has read them again, and old runs.
import type { ConnectionId, SectionId, SyncRunId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import type { OpenRun } from './queries';

/** Runs, and what they changed, are kept for so many days. The last run of each connection is kept whatever its age. */
export const RUN_DAYS = 90;

/** Rows of one transaction. */
const BATCH = 10_000;

type Run = { sectionId: SectionId; id: SyncRunId };

/**
 * Deletes the contacts that earlier runs of a connection have read: `run` now reads all of them again. A read of changes replaces
 * only other such reads.
 */
export async function forgetEarlierReads(
  run: Pick<OpenRun, 'sectionId' | 'id' | 'connectionId' | 'cause'>,
): Promise<void> {
  const { sectionId, id, connectionId, cause } = run;
  const earlier = await rows<Run>(
    pool(),
    sql`
      select section_id as "sectionId", id from sync_run run
      where section_id = ${sectionId} and connection_id = ${connectionId} and id < ${id}
        ${cause === 'changes' ? sql`and cause = 'changes'` : sql``}
        and exists (select from sync_member where section_id = ${sectionId} and run_id = run.id)
      order by id`,
  );
  for (const other of earlier) await inBatches(someMembers(other));
}

/** Deletes the contacts that runs have read: they are not kept longer than needed. */
export async function forgetMembers(tx: Tx, sectionId: SectionId, runIds: readonly SyncRunId[]): Promise<void> {
  await execute(tx, sql`delete from sync_member where section_id = ${sectionId} and run_id = any(${runIds}::int[])`);
}

/** Deletes all contacts that the runs of a connection have read. */
export async function forgetConnection(tx: Tx, sectionId: SectionId, connectionId: ConnectionId): Promise<void> {
  await execute(
    tx,
    sql`
      delete from sync_member
      where section_id = ${sectionId} and run_id in (
        select id from sync_run where section_id = ${sectionId} and connection_id = ${connectionId}
      )`,
  );
}

/** Removes the old runs of every section. Nightly. */
export async function removeOldRuns(now: Date = new Date(), days: number = RUN_DAYS): Promise<void> {
  const before = new Date(now.getTime() - days * 86_400_000);
  const old = await rows<Run>(
    pool(),
    sql`
      select run.section_id as "sectionId", run.id from sync_run run
      where run.created_at < ${before} and exists (
        select from sync_run later
        where later.section_id = run.section_id and later.connection_id = run.connection_id and later.id > run.id
      )`,
  );
  for (const run of old) {
    await inBatches(someMembers(run));
    await inBatches(someChanges(run));
    const { sectionId, id } = run;
    await execute(pool(), sql`delete from sync_run where section_id = ${sectionId} and id = ${id}`);
  }
}

const someMembers = ({ sectionId, id }: Run): Sql => sql`
  delete from sync_member
  where section_id = ${sectionId} and run_id = ${id} and (list_id, key) in (
    select list_id, key from sync_member where section_id = ${sectionId} and run_id = ${id}
    order by list_id, key limit ${BATCH}
  )`;

const someChanges = ({ sectionId, id }: Run): Sql => sql`
  delete from sync_change
  where section_id = ${sectionId} and run_id = ${id} and (list_id, profile_id) in (
    select list_id, profile_id from sync_change where section_id = ${sectionId} and run_id = ${id}
    order by list_id, profile_id limit ${BATCH}
  )`;

/** Runs a statement that deletes at most `BATCH` rows until it finds fewer, each time in a transaction of its own. */
async function inBatches(statement: Sql): Promise<void> {
  for (let deleted = BATCH; deleted === BATCH;) {
    deleted = await transaction((tx) => execute(tx, statement));
  }
}
