// One pool of connections per process. The web (bundled by Next) and the worker (run by tsx) share it through globalThis.
import pg from 'pg';
import type { Tx } from './sql';

/** How the pools of a process are made. Times in milliseconds. */
export type PoolOptions = {
  /** Connections of the pool, and of the one for cancelling statements. */
  size: number;
  controlSize: number;
  /** How long a caller waits for a connection. */
  connectMs: number;
  /** After so long without use a connection is closed. */
  idleMs: number;
};

const POOL_OPTIONS: PoolOptions = { size: 20, controlSize: 2, connectMs: 5_000, idleMs: 60_000 };

const ATTEMPTS = 4;
/** Deadlock and serialisation failure: the transaction had no effect and may be run again. */
const RETRYABLE = ['40P01', '40001'];
/** Somebody took or locked a key, or a profile went or got rows of its own, between our look and our write: look again. */
export const RACE_CODES = ['23505', '23503', '23001', '23514'];

/** Thrown in a transaction that has found what it looked up gone or changed since: it is run again, as after a deadlock. */
export class LostRace extends Error {
  override name = 'LostRace';
}

function mayRetry(error: unknown, attempt: number, retryOn: readonly string[]): boolean {
  if (attempt >= ATTEMPTS) return false;
  if (error instanceof LostRace) return true;
  return error instanceof pg.DatabaseError && [...RETRYABLE, ...retryOn].includes(error.code ?? '');
}

/** Milliseconds: a little while, different for each of those who lost, so that they do not meet again. */
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

/** Options that every connection of Tagwell uses; int8 is read as a number, date as 'YYYY-MM-DD'. */
export function connectionOptions(url: string): pg.PoolConfig {
  return { connectionString: url, types, application_name: 'tagwell' };
}

/** The process's pool, made at first use from DATABASE_URL. */
export function pool(): pg.Pool {
  shared.tagwellPool ??= openPool('size');
  return shared.tagwellPool;
}

/** For telling the database to stop something: free also while every connection of the pool is busy with just that. */
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
  // A connection that breaks (the database was restarted) is dropped, and what it was doing fails: the next query opens
  // another. Without a listener the process would die of the event.
  const ignore = () => undefined;
  opened.on('error', ignore);
  opened.on('connect', (connection) => connection.on('error', ignore));
  return opened;
}

/** How many connections the process has open, how many of them do nothing, and how many callers wait for one. */
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
 * Runs `work` in one transaction: all of it or none. It is run again, up to four times in all, after a deadlock, a `LostRace`
 * and the SQL states in `retryOn`. So `work` has no effects outside of the transaction, keeps nothing of an earlier run, and makes no
 * network call: that would be repeated, and would hold locks and a connection for as long as somebody else's server takes.
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

/** Runs `work` on one connection, where each statement is a transaction by itself. Run again as above. */
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
    await tx.query('begin');
    const result = await work(tx);
    await tx.query('commit');
    return result;
  } catch (error) {
    await tx.query('rollback').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    tx.release(broken);
  }
}
