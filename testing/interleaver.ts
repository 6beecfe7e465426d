// Interleavings under control: several actors work at the same time on connections of their own, and which of them may send its next statement is decided by a
// seed. One statement runs at a time; one that waits for a lock is left to wait, and somebody else goes on.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as immediate, setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

type Waiting = { actor: string; pid: number; go: () => void };
type Running = { pid: number; ended: boolean };

const actorOf = new AsyncLocalStorage<{ name: string; of: Interleaver }>();
const query = Reflect.get(pg.Client.prototype, 'query') as (this: pg.Client, ...given: unknown[]) => unknown;

/** Those of a connection that has a process on the server. */
const pidOf = (client: pg.Client): number => (client as unknown as { processID: number | null }).processID ?? 0;

const textOf = (statement: unknown): string =>
  typeof statement === 'string' ? statement : String((statement as { text?: string }).text);

function gated(this: pg.Client, ...given: unknown[]): unknown {
  const actor = actorOf.getStore();
  if (!actor) return query.apply(this, given);
  const callback = given.at(-1);
  const turn = actor.of.turn(actor.name, pidOf(this), textOf(given[0]));
  if (typeof callback === 'function') {
    void turn.then((end) =>
      query.apply(this, [
        ...given.slice(0, -1),
        (error: unknown, result: unknown) => {
          end(error);
          (callback as (error: unknown, result: unknown) => void)(error, result);
        },
      ]),
    );
    return undefined;
  }
  return turn.then(async (end) => {
    try {
      const result = await query.apply(this, given);
      end(null);
      return result;
    } catch (error) {
      end(error);
      throw error;
    }
  });
}

/** A generator of numbers from 0 to below 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Interleaver {
  private readonly waiting: Waiting[] = [];
  private running: Running | undefined;
  private readonly random: () => number;
  /** Deadlocks that the database has broken: who was in them, and what they said. */
  readonly deadlocks: string[] = [];
  statements = 0;

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  /** Outside of the order: what a test looks at meanwhile. */
  static aside = <Value>(work: () => Promise<Value>): Promise<Value> => actorOf.exit(work);

  /** Lets all of them work to their end. Rejects as the first of them does. */
  async run(actors: Record<string, () => Promise<unknown>>, watcher: pg.Client): Promise<void> {
    pg.Client.prototype.query = gated as typeof pg.Client.prototype.query;
    try {
      let left = Object.keys(actors).length;
      const all = Object.entries(actors).map(([name, work]) =>
        actorOf.run({ name, of: this }, async () => {
          try {
            await work();
          } finally {
            left--;
          }
        }),
      );
      const settled = Promise.allSettled(all);
      while (left > 0) await this.step(watcher);
      await settled;
      await Promise.all(all);
    } finally {
      pg.Client.prototype.query = query as typeof pg.Client.prototype.query;
    }
  }

  /** Waits for its turn. Returns what is called at the end of the statement. */
  turn(actor: string, pid: number, said: string): Promise<(error: unknown) => void> {
    return new Promise((resolve) => {
      const go = () => {
        const running: Running = { pid, ended: false };
        this.running = running;
        this.statements++;
        resolve((error) => {
          running.ended = true;
          if (!(error instanceof pg.DatabaseError) || error.code !== '40P01') return;
          this.deadlocks.push(`${actor}: ${said}\n${error.detail} ${error.where}`);
        });
      };
      this.waiting.push({ actor, pid, go });
    });
  }

  private async step(watcher: pg.Client): Promise<void> {
    // Whoever has had an answer says what comes next.
    for (let round = 0; round < 4; round++) await immediate();
    if (this.waiting.length === 0) {
      await pause(1);
      return;
    }
    // In the order of their names: who came first to wait is chance.
    this.waiting.sort((one, other) => one.actor.localeCompare(other.actor) || one.pid - other.pid);
    const [chosen] = this.waiting.splice(Math.floor(this.random() * this.waiting.length), 1);
    chosen!.go();
    while (!this.running!.ended && !(await this.isBlocked(watcher))) await immediate();
  }

  private async isBlocked(watcher: pg.Client): Promise<boolean> {
    await pause(1);
    const { pid, ended } = this.running!;
    if (ended) return false;
    const { rows } = (await query.call(watcher, 'select cardinality(pg_blocking_pids($1)) > 0 as blocked', [pid])) as {
      rows: { blocked: boolean }[];
    };
    return rows[0]!.blocked;
  }
}
