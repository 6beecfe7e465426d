// Prisma Client without connections of its own. Each call provides a connection (prisma.ts), which the adapter finds
// here.
import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client';
import type { Db, Tx } from './sql';

type Call = { db: Db; failure?: unknown };
type Operation = (args: unknown) => Promise<unknown>;

/**
 * How long an operation on a row with its children may take, in milliseconds; the database's own limits are shorter.
 */
const LONGEST_MS = 60_000;

const shared = globalThis as typeof globalThis & {
  tagwellPrisma?: { client: PrismaClient; calls: AsyncLocalStorage<Call> };
};
/** Shared like the pool: a process may load several copies of this file, and each client would take its own memory. */
const { client, calls } = (shared.tagwellPrisma ??= {
  client: new PrismaClient({
    adapter: new PrismaPg(poolOfCalls()),
    transactionOptions: { maxWait: LONGEST_MS, timeout: LONGEST_MS },
  }),
  calls: new AsyncLocalStorage<Call>(),
});

/** Runs an operation of a model on a connection. Throws the driver's error if a statement failed. */
export async function callModel(db: Db, model: string, operation: string, args: unknown): Promise<unknown> {
  if (operation.startsWith('findUnique')) throw new Error(`Use findFirst: ${operation} is joined across transactions.`);
  const models = client as unknown as Record<string, Record<string, Operation>>;
  const call: Call = { db };
  try {
    // Prisma's promises start when awaited, which must happen in here.
    return await calls.run(call, async () => await models[model]![operation]!(args));
  } catch (error) {
    throw call.failure ?? error;
  }
}

function currentCall(): Call {
  const call = calls.getStore();
  if (!call) throw new Error('Prisma Client was used without prismaOn.');
  return call;
}

/** The adapter's pool. It has no connections: statements run on the call's connection. */
function poolOfCalls(): pg.Pool {
  return Object.assign(new pg.Pool(), {
    query: (statement: pg.QueryConfig) => {
      const call = currentCall();
      return send(call, call.db, statement);
    },
    connect: async () => {
      const call = currentCall();
      if (call.db instanceof pg.Pool)
        throw new Error('This operation has several statements: run it in a transaction.');
      return nestedIn(call, call.db);
    },
  });
}

let savepoints = 0;

/** A transaction of Prisma inside ours: a savepoint. */
function nestedIn(call: Call, tx: Tx): pg.PoolClient {
  const savepoint = `prisma_${++savepoints}`;
  const inOurs: Record<string, string> = {
    BEGIN: `savepoint ${savepoint}`,
    COMMIT: `release savepoint ${savepoint}`,
    ROLLBACK: `rollback to savepoint ${savepoint}`,
  };
  const nested = Object.create(tx) as pg.PoolClient;
  return Object.assign(nested, {
    query: (statement: pg.QueryConfig) =>
      send(call, tx, { ...statement, text: inOurs[statement.text] ?? statement.text }),
    // The connection, and its events, belong to the code that opened the transaction.
    release: () => undefined,
    on: () => nested,
    removeListener: () => nested,
  });
}

/**
 * The last statement on a connection: Prisma queries several relations concurrently, but a connection runs one
 * statement at a time.
 */
const last = new WeakMap<Tx, Promise<unknown>>();

async function send(call: Call, db: Db, statement: pg.QueryConfig): Promise<pg.QueryResult> {
  try {
    if (db instanceof pg.Pool) return await db.query(statement);
    const before = last.get(db);
    const result = Promise.resolve(before).then(() => db.query(statement));
    last.set(
      db,
      result.catch(() => undefined),
    );
    return await result;
  } catch (error) {
    call.failure ??= error;
    throw error;
  }
}
