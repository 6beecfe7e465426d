// A background process: always runs the lanes `now`, `work`, `remote`, `mail` and `service`; while it is the leader, also the lane `night` and the
// loops.
import type { Logger, ParsedCronItem, TaskList } from 'graphile-worker';
import type { OperationId, SectionId } from '@/lib/db/ids';
import type { Failure } from './failure';
import type { OperationKind } from './kind';
import { laneLoop } from './lanes';
import { startLoop, type Loop } from './loops';
import { WORK_OPTIONS, type Lane, type WorkOptions } from './options';
import { OwnJobs } from './own-jobs';
import { Presence } from './presence';
import { recover } from './recover';
import { runOperation } from './run';
import { OperationJobSchema } from './schema';
import { OPERATION_TASK } from './start';

export type WorkerOptions = {
  kinds: readonly OperationKind[];
  /** The tasks of the lanes, each safe to repeat. The one that runs operations is added. */
  tasks: Partial<Record<Lane, TaskList>>;
  /** The schedule of the lane `night`. */
  cron?: ParsedCronItem[];
  /** The loops of the leader, each safe to repeat. The one that recovers lost work is added. */
  loops?: readonly Loop[];
  options?: WorkOptions;
  /** For the queue's own log lines. */
  logger: Logger;
  /** An attempt at an operation failed. */
  onFailure: (failure: Failure) => void;
  /** The worker itself has a problem, such as an unreachable database. It continues. */
  onProblem: (message: string, error: unknown) => void;
};

type Worker = {
  presence: Presence;
  /** Waits for the current steps, jobs and turns. */
  stop: () => Promise<void>;
};

/** Starts the worker. Throws if the database cannot be reached. */
export async function startWorker({
  kinds,
  tasks,
  cron,
  loops = [],
  options = WORK_OPTIONS,
  logger,
  onFailure,
  onProblem,
}: WorkerOptions): Promise<Worker> {
  const stopping = new AbortController();
  const own = new OwnJobs();
  const start = (loop: Loop) => startLoop(loop, { ...options, onProblem });
  const lane = (name: Lane, laneTasks: TaskList, cronItems?: ParsedCronItem[]) =>
    laneLoop(name, {
      tasks: laneTasks,
      cron: cronItems,
      options,
      logger,
      watch: (events) => {
        own.watch(events);
        events.on('pool:create', ({ workerPool }) => void presence.add(workerPool.id));
      },
      signal: stopping.signal,
    });
  const night = hasTasks(tasks.night) ? [lane('night', tasks.night, cron)] : [];
  const led = new SerialSwitch(() => [recovery(options), ...loops, ...night].map(start));
  const presence = await Presence.open(options, {
    onLead: () => {
      if (!stopping.signal.aborted) void led.start();
    },
    onFollow: () => void led.stop(),
    onProblem: (error) => onProblem('the connection of a worker was lost and is being reopened', error),
  });
  const runOperations: TaskList = {
    [OPERATION_TASK]: async (payload) => {
      const { sectionId, operationId } = OperationJobSchema.parse(payload);
      const run = { runner: presence.name, signal: stopping.signal, options, onFailure };
      await runOperation(kinds, sectionId as SectionId, operationId as OperationId, run);
    },
  };
  const lanes = [lane('work', { ...tasks.work, ...runOperations })];
  if (hasTasks(tasks.now)) lanes.push(lane('now', tasks.now));
  if (hasTasks(tasks.remote)) lanes.push(lane('remote', tasks.remote));
  if (hasTasks(tasks.mail)) lanes.push(lane('mail', tasks.mail));
  if (hasTasks(tasks.service)) lanes.push(lane('service', tasks.service));
  const stop = async (running: Pick<Loop, 'close'>[]) => {
    stopping.abort();
    await Promise.all([led.stop(), ...running.map(({ close }) => close?.())]);
    await presence.close();
  };
  try {
    for (const { turn } of lanes) await turn(stopping.signal);
  } catch (error) {
    await stop(lanes);
    throw error;
  }
  const running = [...lanes, freeing(own, options)].map(start);
  return { presence, stop: () => stop(running.map((loop) => ({ close: loop.stop }))) };
}

const hasTasks = (tasks: TaskList | undefined): tasks is TaskList => Object.keys(tasks ?? {}).length > 0;

const recovery = (options: WorkOptions): Loop => ({
  name: 'recovery',
  everyMs: options.recoverEveryMs,
  turn: async (signal) => {
    await recover(options, signal);
  },
});

const freeing = (own: OwnJobs, options: WorkOptions): Loop => ({
  name: 'freeing lost jobs',
  everyMs: options.recoverEveryMs,
  turn: () => own.free(),
});

type Running = { stop: () => Promise<void> };

/** Starts and stops the same things, one change after the other. */
class SerialSwitch {
  private running: Running[] = [];
  private change: Promise<void> = Promise.resolve();

  constructor(private readonly begin: () => Running[]) {}

  start(): Promise<void> {
    return this.then(async () => {
      this.running = this.begin();
    });
  }

  stop(): Promise<void> {
    return this.then(async () => {
      const stopped = this.running.splice(0);
      await Promise.all(stopped.map((item) => item.stop()));
    });
  }

  private then(change: () => Promise<void>): Promise<void> {
    return (this.change = this.change.then(change));
  }
}
