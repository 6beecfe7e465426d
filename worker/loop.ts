// The loop of a worker: it takes jobs from the queue, and looks for long work whose process died.
import { run, type Logger } from 'graphile-worker';
import { pool } from '@/lib/db/pool';
import type { Failure } from '@/lib/operations/failure';
import { recoverOperations } from '@/lib/operations/run';
import type { OperationHandlers } from '@/lib/operations/schema';
import { WORK_TIMES, type WorkTimes } from '@/lib/operations/times';
import { operationHandlers } from './operations';
import { cronItems, operationTask, otherTasks } from './tasks';

const CONCURRENCY = 4;

export type LoopOptions = {
  /** Of graphile-worker's own lines. */
  logger: Logger;
  /** An attempt at an operation failed. */
  onFailure: (failure: Failure) => void;
  /** The loop itself has a problem: it could not reach the database, say. */
  onProblem: (message: string, error: unknown) => void;
  handlers?: OperationHandlers;
  times?: WorkTimes;
  /** How often the queue is looked at when nothing tells of a new job. Milliseconds. */
  pollMs?: number;
};

/** Starts the loop; `stop` waits for the steps that are under way. */
export async function startLoop({
  logger,
  onFailure,
  onProblem,
  handlers = operationHandlers,
  times = WORK_TIMES,
  pollMs = 1_000,
}: LoopOptions): Promise<{ stop: () => Promise<void> }> {
  const runner = await run({
    pgPool: pool(),
    taskList: { ...operationTask({ handlers, times, onFailure }), ...otherTasks },
    parsedCronItems: cronItems,
    concurrency: CONCURRENCY,
    pollInterval: pollMs,
    noHandleSignals: true,
    logger,
  });
  runner.promise.catch((error: unknown) => onProblem('the worker stopped', error));
  const recovery = setInterval(() => {
    recoverOperations(times).catch((error: unknown) => onProblem('could not look for lost work', error));
  }, times.recoverEveryMs);
  return {
    stop: async () => {
      clearInterval(recovery);
      await runner.stop();
    },
  };
}
