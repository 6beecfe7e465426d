// The worker of this process: assembles its tasks and logs their errors.
import { Logger } from 'graphile-worker';
import { OPERATION_KINDS } from '@/lib/activity/kinds';
import { environment } from '@/lib/config/environment';
import { pool } from '@/lib/db/pool';
import { requestNote } from '@/lib/tags/untagged';
import type { Failure } from '@/lib/work/failure';
import { WORK_OPTIONS } from '@/lib/work/options';
import { startWorker as start } from '@/lib/work/worker';
import { loops } from '@/worker/loops';
import { cronItems, tasks } from '@/worker/tasks';
import { log } from './log';

/** graphile-worker's routine messages are debug messages here. */
const LEVELS = { error: 'error', warning: 'warn', info: 'debug', debug: 'debug' } as const;

const logger = new Logger(({ jobId, taskIdentifier }) => (level, message) => {
  log[LEVELS[level]]({ jobId, task: taskIdentifier }, message);
});

function logFailure({ operationId, attempt, of, final, error }: Failure): void {
  if (final) log.error({ operationId, attempt, of, err: error }, 'an operation failed for good');
  else log.warn({ operationId, attempt, of, err: error }, 'a step of an operation failed and will be tried again');
}

const logProblem = (message: string, error: unknown) => log.warn({ err: error }, message);

/** Starts the worker; `stop` waits for jobs in progress. */
export async function startWorker(): Promise<{ stop: () => Promise<void> }> {
  const { lanes } = WORK_OPTIONS;
  const work = { ...lanes.work, concurrency: environment().TAGWELL_OPERATIONS_AT_ONCE };
  const worker = await start({
    options: { ...WORK_OPTIONS, lanes: { ...lanes, work } },
    kinds: OPERATION_KINDS,
    tasks,
    cron: cronItems,
    loops: loops(logProblem),
    logger,
    onFailure: logFailure,
    onProblem: logProblem,
  });
  // The note is renewed every few minutes anyway.
  await requestNote(pool()).catch((error: unknown) =>
    logProblem('the note of who has no tag could not be requested', error),
  );
  return worker;
}
