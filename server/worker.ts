// The worker: the loop of jobs and long work, and the one that sends webhooks.
import { Logger } from 'graphile-worker';
import type { Failure } from '@/lib/operations/failure';
import { Deliveries } from '@/lib/webhooks/deliver';
import { makeMessages } from '@/lib/webhooks/messages';
import { startLoop } from '@/worker/loop';
import { log } from './log';

const WEBHOOKS_EVERY_MS = 1_000;
/** How long messages on the way may take when the process stops; what is cut then is sent again. */
const SETTLE_MS = 5_000;

/** What is routine to graphile-worker is debugging to us. */
const LEVELS = { error: 'error', warning: 'warn', info: 'debug', debug: 'debug' } as const;

const logger = new Logger(({ jobId, taskIdentifier }) => (level, message) => {
  log[LEVELS[level]]({ jobId, task: taskIdentifier }, message);
});

function logFailure({ operationId, attempt, of, final, error }: Failure): void {
  if (final) log.error({ operationId, attempt, of, err: error }, 'an operation failed for good');
  else log.warn({ operationId, attempt, of, err: error }, 'a step of an operation failed and will be tried again');
}

/** Starts working; `stop` waits for the steps that are under way. */
export async function startWorker(): Promise<{ stop: () => Promise<void> }> {
  const loop = await startLoop({
    logger,
    onFailure: logFailure,
    onProblem: (message, error) => log.error({ err: error }, message),
  });
  const deliveries = new Deliveries({
    onError: (error) =>
      log.warn({ err: error }, 'what became of a webhook message could not be written down; it is sent again'),
  });
  const webhooks = repeat(WEBHOOKS_EVERY_MS, async () => {
    await makeMessages();
    await deliveries.start();
  });
  return {
    stop: async () => {
      await Promise.all([webhooks.stop().then(() => deliveries.settle(SETTLE_MS)), loop.stop()]);
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
      .catch((error: unknown) => log.warn({ err: error }, 'could not send webhooks'))
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
