// One pool of connections per process. The web (bundled by Next) and the worker (run by tsx) share it through globalThis.
import pg from 'pg';
import type { Tx } from './sql';

/** Options of a process's pools. Times in milliseconds. */
export type PoolOptions = {
  /** Connections in the pool, and in the control pool for cancelling statements. */
  size: number;
  controlSize: number;
  /** How long a caller waits for a connection. */
  connectMs: number;
  /** Unused connections are closed after this time. */
  idleMs: number;
};

const POOL_OPTIONS: PoolOptions = { size: 20, controlSize: 2, connectMs: 5_000, idleMs: 60_000 };

const ATTEMPTS = 4;
/** Deadlock and serialisation failure: the transaction had no effect and can be retried. */
const RETRYABLE = ['40P01', '40001'];
/**
 * A concurrent transaction took or locked a key, or deleted or used a profile, between our read and our write: read
 * again.
 */
export const RACE_CODES = ['23505', '23503', '23001', '23514'];

/** Thrown in a transaction that finds its earlier read out of date: the transaction is retried, as after a deadlock. */
export class LostRace extends Error {
  override name = 'LostRace';
}

function mayRetry(error: unknown, attempt: number, retryOn: readonly string[]): boolean {
  if (attempt >= ATTEMPTS) return false;
  if (error instanceof LostRace) return true;
  return error instanceof pg.DatabaseError && [...RETRYABLE, ...retryOn].includes(error.code ?? '');
}

/** Milliseconds: a short random pause, so that the losers of a race do not collide again. */
const pauseAfter = (attempt: number) =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** (attempt - 1)));

const parseNumber = (value: string) => Number(value);

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (oid === pg.types.builtins.INT8) return parseNumber;
    if (oid === pg.types.builtins.DATE) return String;
    return pg.types.getTypeParser(oid, format) as (value: string) => unknown;
  },
};

const shared = globalThis as typeof globalThis & {
  tagwellPool?: pg.Pool;
  tagwellControl?: pg.Pool;
  tagwellPoolOptions?: PoolOptions;
};

/** Sets how the pools are made, before their first use. */
export function setPoolOptions(options: Partial<PoolOptions>): void {
  shared.tagwellPoolOptions = { ...POOL_OPTIONS, ...options };
}

/** Options for all of Tagwell's connections; int8 is parsed as a number, date as 'YYYY-MM-DD'. */
export function connectionOptions(url: string): pg.PoolConfig {
  return { connectionString: url, types, application_name: 'tagwell' };
}

/** The process's pool, created on first use from DATABASE_URL. */
export function pool(): pg.Pool {
  shared.tagwellPool ??= openPool('size');
  return shared.tagwellPool;
}

/** For cancelling statements: available even while every connection of the pool is busy. */
export function controlPool(): pg.Pool {
  shared.tagwellControl ??= openPool('controlSize');
  return shared.tagwellControl;
}

function openPool(size: 'size' | 'controlSize'): pg.Pool {
  const { connectMs, idleMs, [size]: max } = shared.tagwellPoolOptions ?? POOL_OPTIONS;
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error('DATABASE_URL is not set: the server sets it when it starts its own database.');
  const opened = new pg.Pool({
    ...connectionOptions(url),
    max,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: idleMs,
  });
  // A broken connection (the database restarted) is dropped, and its query fails; the next query opens another one.
  // Without a listener, the event would crash the process.
  const ignore = () => undefined;
  opened.on('error', ignore);
  opened.on('connect', (connection) => connection.on('error', ignore));
  return opened;
}

/** How many connections the process has open, how many of them are idle, and how many callers are waiting. */
export function poolUse(): { total: number; idle: number; waiting: number } {
  const { totalCount: total = 0, idleCount: idle = 0, waitingCount: waiting = 0 } = shared.tagwellPool ?? {};
  return { total, idle, waiting };
}

/** Closes the pools; a later use opens new ones. */
export async function closePool(): Promise<void> {
  const open = [shared.tagwellPool, shared.tagwellControl];
  [shared.tagwellPool, shared.tagwellControl] = [undefined, undefined];
  for (const one of open) await one?.end();
}

/**
 * Runs `work` in one transaction, all or nothing. It is retried, up to four runs in all, after a deadlock, a
 * `LostRace`, or one of the SQL states in `retryOn`. So `work` has no effects outside the transaction, keeps nothing
 * from an earlier run, and makes no network call: that would be repeated, and would hold locks and a connection while
 * somebody else's server responds.
 */
export async function transaction<T>(work: (tx: Tx) => Promise<T>, retryOn: readonly string[] = []): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptTransaction(work);
    } catch (error) {
      if (!mayRetry(error, attempt, retryOn)) throw error;
    }
    await pauseAfter(attempt);
  }
}

/** Runs `work` on one connection, where each statement is its own transaction. Retried as above. */
export async function connected<T>(work: (db: Tx) => Promise<T>, retryOn: readonly string[] = []): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const db = await pool().connect();
    let broken: Error | undefined;
    try {
      return await work(db);
    } catch (error) {
      await db.query('select').catch((failure: Error) => (broken = failure));
      if (!mayRetry(error, attempt, retryOn)) throw error;
    } finally {
      db.release(broken);
    }
    await pauseAfter(attempt);
  }
}

async function attemptTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  const tx = await pool().connect();
  let broken: Error | undefined;
  try {
    return await inTransaction(
      tx,
      () => work(tx),
      (failure) => (broken = failure),
    );
  } finally {
    tx.release(broken);
  }
}

/** Runs `work` in a transaction on a connection without one. `broken`: called if not even that can be rolled back. */
export async function inTransaction<T>(
  db: Tx,
  work: () => Promise<T>,
  broken: (failure: Error) => void = () => {},
): Promise<T> {
  try {
    await db.query('begin');
    const result = await work();
    await db.query('commit');
    return result;
  } catch (error) {
    await db.query('rollback').catch(broken);
    throw error;
  }
}
