// The worker of this process: what it does is put together here, and what goes wrong is logged.
import { Logger } from 'graphile-worker';
import { OPERATION_KINDS } from '@/lib/activity/kinds';
import { environment } from '@/lib/config/environment';
import type { Failure } from '@/lib/work/failure';
import { WORK_OPTIONS } from '@/lib/work/options';
import { startWorker as start } from '@/lib/work/worker';
import { loops } from '@/worker/loops';
import { cronItems, tasks } from '@/worker/tasks';
import { log } from './log';

/** What is routine to graphile-worker is debugging to us. */
const LEVELS = { error: 'error', warning: 'warn', info: 'debug', debug: 'debug' } as const;

const logger = new Logger(({ jobId, taskIdentifier }) => (level, message) => {
  log[LEVELS[level]]({ jobId, task: taskIdentifier }, message);
});

function logFailure({ operationId, attempt, of, final, error }: Failure): void {
  if (final) log.error({ operationId, attempt, of, err: error }, 'an operation failed for good');
  else log.warn({ operationId, attempt, of, err: error }, 'a step of an operation failed and will be tried again');
}

const logProblem = (message: string, error: unknown) => log.warn({ err: error }, message);

/** Starts working; `stop` waits for what is under way. */
export function startWorker(): Promise<{ stop: () => Promise<void> }> {
  const { lanes } = WORK_OPTIONS;
  const work = { ...lanes.work, concurrency: environment().TAGWELL_OPERATIONS_AT_ONCE };
  return start({
    options: { ...WORK_OPTIONS, lanes: { ...lanes, work } },
    kinds: OPERATION_KINDS,
    tasks,
    cron: cronItems,
    loops: loops(logProblem),
    logger,
    onFailure: logFailure,
    onProblem: logProblem,
  });
}
