// The pending background work, for the operator's metrics.
import { rows, sql, type Db } from '@/lib/db/sql';

/** Jobs of a task that wait for a worker, and how many seconds ago the oldest became due. */
export type WaitingJobs = { task: string; count: number; oldestSeconds: number };

/** Due jobs that no worker has taken, by task. */
export function waitingJobs(db: Db): Promise<WaitingJobs[]> {
  return rows<WaitingJobs>(
    db,
    sql`
      select task_identifier as task, count(*) as count,
        extract(epoch from now() - min(run_at))::float8 as "oldestSeconds"
      from graphile_worker.jobs
      where run_at <= now() and locked_at is null and attempts < max_attempts
      group by task_identifier`,
  );
}

/** Waiting or running operations, by kind and status. */
export function runningOperations(db: Db): Promise<{ kind: string; status: string; count: number }[]> {
  return rows(
    db,
    sql`
      select kind, status, count(*) as count from operation
      where status in ('queued', 'running')
      group by kind, status`,
  );
}
