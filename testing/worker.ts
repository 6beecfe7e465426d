// Workers in the test's own process, with short times.
import { Logger } from 'graphile-worker';
import type { Failure } from '@/lib/work/failure';
import type { WorkOptions } from '@/lib/work/options';
import { startWorker, type WorkerOptions } from '@/lib/work/worker';

export const QUICK: WorkOptions = {
  turnMs: 5_000,
  attempts: 3,
  retryMs: 20,
  recoverEveryMs: 20,
  awayMs: 20,
  refreshMs: 20,
  handoverMs: 20,
  answerMs: 5_000,
  longestPauseMs: 40,
  lanes: {
    now: { concurrency: 4, pollMs: 20 },
    work: { concurrency: 4, pollMs: 20 },
    remote: { concurrency: 4, pollMs: 20 },
    mail: { concurrency: 4, pollMs: 20 },
    service: { concurrency: 4, pollMs: 20 },
    night: { concurrency: 2, pollMs: 20 },
  },
};

const silent = new Logger(() => () => undefined);

/** Workers that are stopped after each test by `stop`. */
export class TestWorkers {
  failures: Failure[] = [];
  problems: unknown[] = [];
  private running: Awaited<ReturnType<typeof startWorker>>[] = [];

  async start(options: Partial<WorkerOptions>) {
    const worker = await startWorker({
      kinds: [],
      tasks: {},
      options: QUICK,
      logger: silent,
      onFailure: (failure) => this.failures.push(failure),
      onProblem: (_message, error) => this.problems.push(error),
      ...options,
    });
    this.running.push(worker);
    return worker;
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.splice(0).map((worker) => worker.stop()));
  }
}
