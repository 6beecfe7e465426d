// The worker: takes jobs from the database, and looks for long work whose process died.
import { Logger, run } from 'graphile-worker';
import { pool } from '@/lib/db/pool';
import { recoverOperations } from '@/lib/operations/run';
import { cronItems, tasks } from '@/worker/tasks';
import { log } from './log';

const CONCURRENCY = 4;
const RECOVER_EVERY_MS = 5_000;

/** What is routine to graphile-worker is debugging to us. */
const LEVELS = { error: 'error', warning: 'warn', info: 'debug', debug: 'debug' } as const;

const logger = new Logger(({ jobId, taskIdentifier }) => (level, message) => {
  log[LEVELS[level]]({ jobId, task: taskIdentifier }, message);
});

/** Starts working; `stop` waits for the steps that are under way. */
export async function startWorker(): Promise<{ stop: () => Promise<void> }> {
  const runner = await run({
    pgPool: pool(),
    taskList: tasks,
    parsedCronItems: cronItems,
    concurrency: CONCURRENCY,
    pollInterval: 1_000,
    noHandleSignals: true,
    logger,
  });
  runner.promise.catch((error: unknown) => log.error({ error: String(error) }, 'the worker stopped'));
  const recover = setInterval(() => {
    recoverOperations().catch((error: unknown) => log.warn({ error: String(error) }, 'could not look for lost work'));
  }, RECOVER_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(recover);
      await runner.stop();
    },
  };
}
