// Finds runs whose read nobody continues: its job is gone, or was given up after several crashes. A loop of the leader.
import type { SectionId, SyncRunId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { addReadJob, readKey } from './start';

const GIVEN_UP =
  'The read stopped several times for a reason that is not the CRM’s; the log of the server has it. The next sync tries again.';

/**
 * Adds a job to each run that is being read and has none, and ends each whose job was given up: otherwise its connection would
 * never be synced again. No statement joins a section's table with the queue's: on a cluster they are on different nodes.
 */
export async function recoverReads(): Promise<void> {
  const reading = await rows<{ sectionId: SectionId; id: SyncRunId }>(
    pool(),
    sql`select section_id as "sectionId", id from sync_run where status = 'reading'`,
  );
  if (reading.length === 0) return;
  const jobs = await rows<{ key: string; givenUp: boolean }>(
    pool(),
    sql`
      select key, attempts >= max_attempts and locked_at is null as "givenUp" from graphile_worker.jobs
      where key = any(${reading.map(readKey)}::text[])`,
  );
  const byKey = new Map(jobs.map((job) => [job.key, job]));
  for (const run of reading) {
    const job = byKey.get(readKey(run));
    if (job === undefined) await addReadJob(pool(), run);
    else if (job.givenUp) await giveUp(run);
  }
}

async function giveUp(run: { sectionId: SectionId; id: SyncRunId }): Promise<void> {
  await execute(
    pool(),
    sql`
      update sync_run set status = 'failed', error = ${GIVEN_UP}, finished_at = ${new Date()}
      where section_id = ${run.sectionId} and id = ${run.id} and status = 'reading'`,
  );
  await rows(pool(), sql`select graphile_worker.remove_job(${readKey(run)})`);
}
