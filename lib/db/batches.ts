// Batches calls that arrive together into one statement: most of the cost is the statement, not the call. Each call gets
// the answer that it would get alone.
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
  /** Milliseconds. Statements that wait for a lock or the disk hold up the next one for this long at most. */
  nextAfterMs?: number;
};

type Waiting<Call, Answer> = {
  call: Call;
  names: readonly string[];
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
};

/** `isRunning`: a statement that is not slow. Two at once were slower: fewer calls shared each, and they waited for each other. */
type Queue<Call, Answer> = { waiting: Waiting<Call, Answer>[]; isRunning: boolean };

const NEXT_AFTER_MS = 50;
/** Milliseconds. A call that waits for a lock holds up its batch for this long at most; then each call runs alone. */
const BATCH_TIMEOUT_MS = 500;

/**
 * SQL states after which each call runs alone: races, deadlocks, a cancel after BATCH_TIMEOUT_MS, a value that cannot be
 * stored. Other errors concern the database, so they are the answer of every call.
 */
const OF_ONE_CALL = /^(?:22|23|40|54|57014)/;

/** Process ids of the server, by connection. */
const backends = new WeakMap<Tx, number>();

/** A statement that failed, which is not repeated for all of its calls. */
class BatchFailed extends Error {}

/** Answers calls in batches, about in the order in which they came. */
export class Batches<Call, Answer> {
  readonly #queues = new Map<string, Queue<Call, Answer>>();

  constructor(private readonly batching: Batching<Call, Answer>) {}

  /** The answer to a call. `name`: calls of one queue can share a statement. */
  answer(name: string, call: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(name) ?? { waiting: [], isRunning: false };
      this.#queues.set(name, queue);
      queue.waiting.push({ call, names: this.batching.namesOf(call), resolve, reject });
      if (!queue.isRunning) void this.#run(name, queue);
    });
  }

  /** One statement after the other, until nobody waits or one is slow. Never rejects: each call gets its own answer. */
  async #run(name: string, queue: Queue<Call, Answer>): Promise<void> {
    queue.isRunning = true;
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      queue.isRunning = false;
      if (queue.waiting.length > 0) void this.#run(name, queue);
      else this.#queues.delete(name);
    };
    // Calls that have arrived together are read one after the other.
    await immediate();
    try {
      await connected((db) => this.#answerOn(db, queue, end));
    } catch (error) {
      // Without a connection, nobody has been taken yet.
      if (!(error instanceof BatchFailed)) for (const { reject } of this.#take(queue)) reject(error);
    }
    end();
  }

  /**
   * Answers on one connection. The next statement is sent before those whose statement has ended get their answers, so
   * that the database works meanwhile. `end`: called if a statement is slow, which is then the last one.
   */
  async #answerOn(db: Tx, queue: Queue<Call, Answer>, end: () => void): Promise<void> {
    const pid = await backendOf(db);
    let isLast = false;
    let answerLast = () => {};
    while (!isLast && queue.waiting.length > 0) {
      const taken = this.#take(queue);
      const asked = this.#ask(db, pid, taken, () => {
        isLast = true;
        end();
      });
      answerLast();
      answerLast = () => {};
      const answers = await asked;
      answerLast = () => taken.forEach(({ resolve }, index) => resolve(answers[index]!));
    }
    answerLast();
  }

  /** The first that wait, each name once. */
  #take(queue: Queue<Call, Answer>): Waiting<Call, Answer>[] {
    const [taken, left]: [Waiting<Call, Answer>[], Waiting<Call, Answer>[]] = [[], []];
    const names = new Set<string>();
    for (const each of queue.waiting) {
      const fits = taken.length < this.batching.most && !each.names.some((name) => names.has(name));
      // Those that are left come before others with their names.
      for (const name of each.names) names.add(name);
      (fits ? taken : left).push(each);
    }
    queue.waiting = left;
    return taken;
  }

  /** Runs the statement of these calls. If it fails, they are answered, and `BatchFailed` is thrown. */
  async #ask(db: Tx, pid: number, taken: readonly Waiting<Call, Answer>[], isSlow: () => void): Promise<Answer[]> {
    const calls = taken.map(({ call }) => call) as [Call, ...Call[]];
    const [first, ...others] = calls;
    const { nextAfterMs = NEXT_AFTER_MS } = this.batching;
    const cancelling = new AbortController();
    const watch = cancelOnAbort(pid, others.length > 0 ? cancelling.signal : undefined);
    let timer = setTimeout(() => {
      timer = setTimeout(() => cancelling.abort(), BATCH_TIMEOUT_MS - nextAfterMs);
      isSlow();
    }, nextAfterMs);
    try {
      if (others.length === 0) return [await this.batching.alone(db, first)];
      return await this.batching.together(db, calls);
    } catch (error) {
      // The statement was rolled back.
      const concernsOne = error instanceof pg.DatabaseError && OF_ONE_CALL.test(error.code ?? '');
      for (const waiting of taken) {
        if (concernsOne) void this.#alone(waiting);
        else waiting.reject(error);
      }
      throw new BatchFailed();
    } finally {
      clearTimeout(timer);
      await watch.stop();
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

async function backendOf(db: Tx): Promise<number> {
  let pid = backends.get(db);
  if (pid === undefined) {
    ({ pid } = await one<{ pid: number }>(db, sql`select pg_backend_pid() as pid`));
    backends.set(db, pid);
  }
  return pid;
}
