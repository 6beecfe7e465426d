// The worker: takes jobs from the database, and looks for long work whose process died.
import { Logger, run } from 'graphile-worker';
import { pool } from '@/lib/db/pool';
import { recoverOperations } from '@/lib/operations/run';
import { Deliveries } from '@/lib/webhooks/deliver';
import { makeMessages } from '@/lib/webhooks/messages';
import { cronItems, tasks } from '@/worker/tasks';
import { log } from './log';

const CONCURRENCY = 4;
const RECOVER_EVERY_MS = 5_000;
const WEBHOOKS_EVERY_MS = 1_000;

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
  const deliveries = new Deliveries();
  const webhooks = repeat(WEBHOOKS_EVERY_MS, async () => {
    await makeMessages();
    await deliveries.start();
  });
  return {
    stop: async () => {
      clearInterval(recover);
      await webhooks.stop();
      await deliveries.settle();
      await runner.stop();
    },
  };
}

/** Does work again and again with a pause between; `stop` waits for what is under way. */
function repeat(pauseMs: number, work: () => Promise<void>): { stop: () => Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let current = Promise.resolve();
  const turn = () => {
    current = work()
      .catch((error: unknown) => log.warn({ error: String(error) }, 'could not send webhooks'))
      .finally(() => {
        if (!stopped) timer = setTimeout(turn, pauseMs);
      });
  };
  turn();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await current;
    },
  };
}
