// Finds work of dead processes and gives it to others. A loop of the leader.
import { setTimeout as pause } from 'node:timers/promises';
import type { OperationId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import type { WorkOptions } from './options';
import { absentOf } from './presence';
import { addOperationJob, jobKey } from './start';

type LostOperation = {
  /** Queue workers that hold jobs but are absent. */
  workers: string[];
  /** Unfinished operations without a job. */
  operations: { sectionId: SectionId; id: OperationId }[];
};

/**
 * Releases the jobs of absent workers, and adds a job to each operation that has lost its own. Recovers only what is
 * found lost twice, `awayMs` apart, so that a process can reconnect in between. Returns the number of workers and
 * operations found.
 */
export async function recover(
  { awayMs }: Pick<WorkOptions, 'awayMs'>,
  signal?: AbortSignal,
): Promise<{ workers: number; operations: number }> {
  const before = await findLost();
  if (before.workers.length + before.operations.length === 0) return { workers: 0, operations: 0 };
  await pause(awayMs, undefined, { signal });
  const now = await findLost();
  const workers = now.workers.filter((name) => before.workers.includes(name));
  const keys = new Set(before.operations.map(jobKey));
  const operations = now.operations.filter((operation) => keys.has(jobKey(operation)));
  if (workers.length > 0) await rows(pool(), sql`select graphile_worker.force_unlock_workers(${workers}::text[])`);
  for (const operation of operations) await addOperationJob(pool(), operation);
  return { workers: workers.length, operations: operations.length };
}

/** Read-only. No statement joins a section's table with the queue's: on a cluster they are on different nodes. */
async function findLost(): Promise<LostOperation> {
  const holders = await rows<{ name: string }>(
    pool(),
    sql`
      select distinct locked_by as name from graphile_worker.jobs where locked_by is not null
      union
      select distinct locked_by from graphile_worker._private_job_queues where locked_by is not null`,
  );
  const workers = await absentOf(
    pool(),
    holders.map(({ name }) => name),
  );
  const open = await rows<{ sectionId: SectionId; id: OperationId }>(
    pool(),
    sql`select section_id as "sectionId", id from operation where status in ('queued', 'running')`,
  );
  const jobs = await rows<{ key: string }>(
    pool(),
    sql`
      select key from graphile_worker.jobs
      where key = any(${open.map(jobKey)}::text[]) and (attempts < max_attempts or locked_at is not null)`,
  );
  const kept = new Set(jobs.map(({ key }) => key));
  return { workers, operations: open.filter((operation) => !kept.has(jobKey(operation))) };
}
