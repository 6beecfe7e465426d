// The lanes of background work: each has its own queue workers, so that no lane waits for another.
import { EventEmitter } from 'node:events';
import { run, type Logger, type ParsedCronItem, type TaskList, type WorkerEvents } from 'graphile-worker';
import { untilDatabaseAnswers } from '@/lib/db/answers';
import { pool } from '@/lib/db/pool';
import type { Loop } from './loops';
import type { Lane, WorkOptions } from './options';
import { queuePool } from './queue-pool';

type LaneOptions = {
  tasks: TaskList;
  cron?: ParsedCronItem[];
  options: WorkOptions;
  logger: Logger;
  /** Called with the events of the lane's workers before they start. */
  watch: (events: WorkerEvents) => void;
  /** Aborted when the process stops: jobs then do not wait for the database. */
  signal: AbortSignal;
};

/** Without batches nothing awaits the recording of a job's end, and a failure there is an unhandled rejection. */
const BATCHES = { completeJobBatchDelay: 0, failJobBatchDelay: 0 };

/**
 * A loop that keeps a lane's workers running: each turn starts them if they are not. They stop if the end of a job
 * could not be recorded. Closing waits for the running jobs.
 */
export function laneLoop(lane: Lane, { tasks, cron = [], options, logger, watch, signal }: LaneOptions): Loop {
  const { concurrency, pollMs } = options.lanes[lane];
  const events: WorkerEvents = new EventEmitter();
  watch(events);
  const taskList = endWhileReachable(tasks, signal);
  let running: { stop: () => Promise<void>; ended: Promise<void>; answered?: boolean } | undefined;
  const stop = async () => {
    // Rejects if the workers are stopping already.
    await running?.stop().catch(() => undefined);
    await running?.ended;
  };
  const answered = () => {
    if (running) running.answered = true;
  };
  events.on('job:start', answered);
  events.on('worker:getJob:empty', answered);
  // The queue caches a failure of its very first request permanently: such workers would never get a job.
  events.on('worker:getJob:error', () => {
    if (!running?.answered) void stop();
  });
  return {
    name: `the workers of the lane ${lane}`,
    everyMs: pollMs,
    turn: async () => {
      if (running) return;
      const runner = await run({
        pgPool: queuePool(pool()),
        taskList,
        parsedCronItems: cron,
        concurrency,
        pollInterval: pollMs,
        noHandleSignals: true,
        logger,
        events,
        preset: { worker: BATCHES },
      });
      const ended = runner.promise.catch(() => undefined).finally(() => (running = undefined));
      running = { stop: () => runner.stop(), ended };
    },
    close: stop,
  };
}

/**
 * Wraps the tasks so that each ends only while the database answers: the queue tries only once to record the end of a
 * job.
 */
function endWhileReachable(tasks: TaskList, signal: AbortSignal): TaskList {
  const entries = Object.entries(tasks).map(([name, task]) => {
    const wrapped: typeof task = async (payload, helpers) => {
      try {
        return await task!(payload, helpers);
      } finally {
        await untilDatabaseAnswers(signal);
      }
    };
    return [name, wrapped] as const;
  });
  return Object.fromEntries(entries);
}
