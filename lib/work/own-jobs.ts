// Finds jobs that are locked in this process's name but not running: the connection broke while the queue took or ended
// them. No other process frees them, because this one is present.
import type { Worker, WorkerEvents } from 'graphile-worker';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';

type LockedJob = { id: string; lockedAt: string };

/**
 * A job that was found locked but not running. `takes`: requests for a job that were unanswered then; one of them may
 * return it.
 */
type Suspect = { lockedAt: string; takes: symbol[] };

/** Tracks what this process's workers take and run, and frees the jobs that they have lost. */
export class OwnJobs {
  private readonly names = new Set<string>();
  /** The ids of the running jobs. */
  private readonly running = new Map<Worker, string>();
  /** Unanswered requests for a job. */
  private readonly taking = new Map<Worker, symbol>();
  private suspects = new Map<string, Suspect>();

  /** Tracks the workers of a lane. Call it before they start. */
  watch(events: WorkerEvents): void {
    const taken = ({ worker }: { worker: Worker }) => void this.taking.delete(worker);
    const ended = ({ worker }: { worker: Worker }) => void this.running.delete(worker);
    events.on('pool:create', ({ workerPool }) => this.names.add(workerPool.id));
    events.on('worker:getJob:start', ({ worker }) => this.taking.set(worker, Symbol('take')));
    events.on('worker:getJob:empty', taken);
    events.on('worker:getJob:error', taken);
    events.on('job:start', ({ worker, job }) => {
      taken({ worker });
      this.running.set(worker, String(job.id));
      this.suspects.delete(String(job.id));
    });
    events.on('job:complete', ended);
    events.on('worker:fatalError', ended);
  }

  /**
   * Frees the jobs that two consecutive calls found locked but not running. Never frees a running job, nor one whose
   * answer has yet to arrive: between the two calls it was not started, and all requests that were open at the first
   * call have ended.
   */
  async free(): Promise<void> {
    const names = [...this.names];
    const locked = await rows<LockedJob>(
      pool(),
      sql`
        select id::text, locked_at::text as "lockedAt" from graphile_worker._private_jobs
        where locked_by = any(${names}::text[])`,
    );
    const running = new Set(this.running.values());
    const takes = [...this.taking.values()];
    const before = this.suspects;
    this.suspects = new Map();
    const lost: LockedJob[] = [];
    for (const job of locked.filter(({ id }) => !running.has(id))) {
      const suspect = before.get(job.id);
      const known = suspect?.lockedAt === job.lockedAt ? suspect : undefined;
      if (known && !known.takes.some((take) => takes.includes(take))) lost.push(job);
      this.suspects.set(job.id, known ?? { lockedAt: job.lockedAt, takes });
    }
    if (lost.length > 0) await unlock(names, lost);
  }
}

/** Unlocks jobs, and their queues, unless they have been locked again since. */
async function unlock(names: readonly string[], jobs: readonly LockedJob[]): Promise<void> {
  await execute(
    pool(),
    sql`
      with freed as (
        update graphile_worker._private_jobs job set locked_by = null, locked_at = null
        from unnest(
          ${jobs.map(({ id }) => id)}::bigint[], ${jobs.map(({ lockedAt }) => lockedAt)}::timestamptz[]
        ) as lost (id, locked_at)
        where job.id = lost.id and job.locked_at = lost.locked_at and job.locked_by = any(${names}::text[])
        returning job.job_queue_id
      )
      update graphile_worker._private_job_queues queue set locked_by = null, locked_at = null
      from freed
      where queue.id = freed.job_queue_id and queue.locked_by = any(${names}::text[])`,
  );
}
