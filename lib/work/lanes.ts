// The lanes of background work: each has its own workers on the queue, so that none waits for another.
import { EventEmitter } from 'node:events';
import { run, type Logger, type ParsedCronItem, type TaskList, type WorkerEvents } from 'graphile-worker';
import { pool } from '@/lib/db/pool';
import type { Loop } from './loops';
import type { Lane, WorkOptions } from './options';

type LaneOptions = {
  tasks: TaskList;
  cron?: ParsedCronItem[];
  options: WorkOptions;
  logger: Logger;
  /** The name by which the lane's workers lock jobs, before they lock the first one. */
  onWorkers: (name: string) => void;
};

/** A loop that keeps a lane's workers going: each turn starts them where they do not run. Closing waits for the jobs under way. */
export function laneLoop(lane: Lane, { tasks, cron = [], options, logger, onWorkers }: LaneOptions): Loop {
  const { concurrency, pollMs } = options.lanes[lane];
  const events: WorkerEvents = new EventEmitter();
  events.on('pool:create', ({ workerPool }) => onWorkers(workerPool.id));
  let stop: (() => Promise<void>) | undefined;
  return {
    name: `the workers of the lane ${lane}`,
    everyMs: pollMs,
    turn: async () => {
      if (stop) return;
      const runner = await run({
        pgPool: pool(),
        taskList: tasks,
        parsedCronItems: cron,
        concurrency,
        pollInterval: pollMs,
        noHandleSignals: true,
        logger,
        events,
      });
      stop = () => runner.stop();
      runner.promise.catch(() => undefined).finally(() => (stop = undefined));
    },
    close: async () => stop?.(),
  };
}
