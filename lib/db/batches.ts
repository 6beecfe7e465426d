// Batches calls that arrive together into one statement: most of the cost is the statement, not the call. Each call gets the answer that it would get alone.
import { setImmediate as immediate } from 'node:timers/promises';
import pg from 'pg';
import { cancelOnAbort } from './cancel';
import { connected, RACE_CODES } from './pool';
import { one, sql, type Tx } from './sql';

/** How calls are answered. Each statement is its own transaction. */
export type Batching<Call, Answer> = {
  /** Calls in a statement. */
  most: number;
  /** What only one call of a statement may have, so that those that share it follow each other. */
  namesOf: (call: Call) => readonly string[];
  /** The answers of all calls, in order, in one statement. */
  together: (db: Tx, calls: readonly [Call, ...Call[]]) => Promise<Answer[]>;
  alone: (db: Tx, call: Call) => Promise<Answer>;
};

type Waiting<Call, Answer> = {
  call: Call;
  names: readonly string[];
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
};

/**
 * Milliseconds. Calls that arrive while a statement runs share the next one, which costs less than starting one at
 * once; but a statement that waits for a lock or the disk holds them up for this long at most.
 */
const NEXT_AFTER_MS = 50;
/** Milliseconds. A call that waits for a lock holds up its batch for this long at most; then each call runs alone. */
const BATCH_TIMEOUT_MS = 500;

/**
 * SQL states after which each call runs alone: races, deadlocks, a cancel after BATCH_TIMEOUT_MS, a value that cannot be stored. Other
 * errors concern the database, so they are the answer of every call.
 */
const OF_ONE_CALL = /^(?:22|23|40|54|57014)/;

/** Process ids of the server, by connection. */
const backends = new WeakMap<Tx, number>();

/** Answers calls in batches, those of one queue in the order in which they came. */
export class Batches<Call, Answer> {
  readonly #queues = new Map<string, Waiting<Call, Answer>[]>();

  constructor(private readonly batching: Batching<Call, Answer>) {}

  /** The answer to a call. `queue`: calls of one queue can share a statement. */
  answer(queue: string, call: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const waiting = { call, names: this.batching.namesOf(call), resolve, reject };
      const known = this.#queues.get(queue);
      if (known) return void known.push(waiting);
      this.#queues.set(queue, [waiting]);
      void this.#serve(queue);
    });
  }

  /** Works until the queue is empty. Never rejects: each call gets its own answer. */
  async #serve(queue: string): Promise<void> {
    while (this.#queues.get(queue)!.length > 0) {
      // Calls that have arrived together are read one after the other.
      await immediate();
      const { taken, left } = this.#take(this.#queues.get(queue)!);
      this.#queues.set(queue, left);
      const [first, second] = taken;
      await atMost(NEXT_AFTER_MS, second ? this.#together(taken) : this.#alone(first!));
    }
    this.#queues.delete(queue);
  }

  #take(waiting: readonly Waiting<Call, Answer>[]) {
    const [taken, left]: Waiting<Call, Answer>[][] = [[], []];
    const names = new Set<string>();
    for (const each of waiting) {
      const fits = taken!.length < this.batching.most && !each.names.some((name) => names.has(name));
      // Those that are left come before others with their names.
      for (const name of each.names) names.add(name);
      (fits ? taken! : left!).push(each);
    }
    return { taken: taken!, left: left! };
  }

  async #together(taken: readonly Waiting<Call, Answer>[]): Promise<void> {
    const calls = taken.map(({ call }) => call) as [Call, ...Call[]];
    try {
      const answers = await connected(async (db) => {
        const watch = cancelOnAbort(await backendOf(db), AbortSignal.timeout(BATCH_TIMEOUT_MS));
        try {
          return await this.batching.together(db, calls);
        } finally {
          await watch.stop();
        }
      });
      taken.forEach(({ resolve }, index) => resolve(answers[index]!));
    } catch (error) {
      // The statement was rolled back.
      const concernsOne = error instanceof pg.DatabaseError && OF_ONE_CALL.test(error.code ?? '');
      for (const waiting of taken) {
        if (concernsOne) void this.#alone(waiting);
        else waiting.reject(error);
      }
    }
  }

  async #alone({ call, resolve, reject }: Waiting<Call, Answer>): Promise<void> {
    try {
      resolve(await connected((db) => this.batching.alone(db, call), RACE_CODES));
    } catch (error) {
      reject(error);
    }
  }
}

/** Waits for `work`, which never rejects, for at most this many milliseconds. */
async function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const time = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([work, time]);
  clearTimeout(timer);
}

async function backendOf(db: Tx): Promise<number> {
  let pid = backends.get(db);
  if (pid === undefined) {
    ({ pid } = await one<{ pid: number }>(db, sql`select pg_backend_pid() as pid`));
    backends.set(db, pid);
  }
  return pid;
}
