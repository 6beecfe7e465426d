// Removes what past runs have left, in batches: contacts that were read, once a later run has read them again, and old runs.
import type { ConnectionId, SectionId, SyncRunId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql, type Sql } from '@/lib/db/sql';

/** Runs, and what they changed, are kept for so many days. The last run of each connection is kept whatever its age. */
export const RUN_DAYS = 90;

/** Rows of one transaction. */
const BATCH = 10_000;

type Run = { sectionId: SectionId; id: SyncRunId };

/**
 * Deletes the contacts that earlier runs of a connection have read, and of which a later run `runId` now reads all again.
 * Runs that wait for an answer have been replaced by it.
 */
export async function forgetEarlierReads(
  sectionId: SectionId,
  connectionId: ConnectionId,
  runId: SyncRunId,
): Promise<void> {
  const earlier = await rows<Run>(
    pool(),
    sql`
      select section_id as "sectionId", id from sync_run run
      where section_id = ${sectionId} and connection_id = ${connectionId} and id < ${runId}
        and exists (select from sync_member where section_id = ${sectionId} and run_id = run.id)
      order by id`,
  );
  for (const run of earlier) await deleteRows(run, sql`sync_member`, sql`list_id, key`);
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
    await deleteRows(run, sql`sync_member`, sql`list_id, key`);
    await deleteRows(run, sql`sync_change`, sql`list_id, profile_id`);
    const { sectionId, id } = run;
    await execute(pool(), sql`delete from sync_run where section_id = ${sectionId} and id = ${id}`);
  }
}

/** Deletes the rows of a run. `key`: the rest of the table's primary key. */
async function deleteRows({ sectionId, id }: Run, table: Sql, key: Sql): Promise<void> {
  const ofRun = sql`section_id = ${sectionId} and run_id = ${id}`;
  for (let deleted = BATCH; deleted === BATCH;) {
    deleted = await transaction((tx) =>
      execute(
        tx,
        sql`
          delete from ${table} where ${ofRun} and (${key}) in (
            select ${key} from ${table} where ${ofRun} order by ${key} limit ${BATCH}
          )`,
      ),
    );
  }
}
