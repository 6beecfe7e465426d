// Reads whose caller has left are cancelled in the database, not just abandoned.
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Cancelled, runCancellable, CANCELLABLE_AT_ONCE, withinTime } from './cancellable';
import { connectionOptions, pool, transaction } from './pool';
import { execute, one, rows, sql, type Tx } from './sql';

/** More than can run at once: the others wait. */
const CROWD = 20;

/** A connection outside the pool, to observe without using the pool. */
let watcher: pg.Client;
beforeAll(async () => {
  watcher = new pg.Client(connectionOptions(process.env.DATABASE_URL!));
  await watcher.connect();
});
afterAll(() => watcher.end());

/** A statement that can be found in the database by its mark. */
const sleep = (db: Tx, seconds: number, mark: string) =>
  one<{ mark: string }>(db, sql`select ${mark}::text as mark from pg_sleep(${seconds}) /* asleep */`);

async function asleep(): Promise<number> {
  const { rows: found } = await watcher.query(
    `select from pg_stat_activity
     where datname = current_database() and state = 'active' and query like '%/* asleep */%' and pid <> pg_backend_pid()`,
  );
  return found.length;
}

/** Waits until this many statements are asleep; throws after a few seconds. */
async function waitUntilAsleep(count: number, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1_000;
  while ((await asleep()) !== count) {
    if (Date.now() > end) throw new Error(`${await asleep()} statements run instead of ${count}`);
    await pause(30);
  }
}

const abandoned = { name: 'Cancelled', why: 'abandoned' };

describe('runCancellable', () => {
  it('returns what it read, and leaves no transaction open', async () => {
    const found = await runCancellable({ seconds: 5 }, async (db) => sleep(db, 0, 'done'));
    expect(found).toEqual({ mark: 'done' });
    const idle = await rows(
      pool(),
      sql`select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
    );
    expect(idle).toEqual([]);
  });

  it('is cancelled in the database when the caller leaves', async () => {
    const caller = new AbortController();
    const reading = runCancellable({ signal: caller.signal, seconds: 30 }, (db) => sleep(db, 30, 'long'));
    const refused = expect(reading).rejects.toMatchObject(abandoned);
    await waitUntilAsleep(1, 3);
    caller.abort();
    await waitUntilAsleep(0, 1.5);
    await refused;
  });

  it('is cancelled even if the caller leaves between two of its statements', async () => {
    const caller = new AbortController();
    const started = Date.now();
    const reading = runCancellable({ signal: caller.signal, seconds: 30 }, async (db) => {
      await sleep(db, 0, 'short');
      caller.abort();
      await pause(200);
      return sleep(db, 6, 'long');
    });
    await expect(reading).rejects.toMatchObject(abandoned);
    expect(Date.now() - started).toBeLessThan(3_000);
  });

  it('is cancelled, or stops waiting for a slot, while all slots are in use', async () => {
    const caller = new AbortController();
    setMaxListeners(0, caller.signal);
    const reading = Array.from({ length: CROWD }, () =>
      runCancellable({ signal: caller.signal, seconds: 8 }, (db) => sleep(db, 8, 'long')),
    );
    const ended = Promise.allSettled(reading);
    await waitUntilAsleep(CANCELLABLE_AT_ONCE, 10);
    const started = Date.now();
    caller.abort();
    for (const one of await ended) expect(one).toMatchObject({ status: 'rejected', reason: abandoned });
    expect(Date.now() - started).toBeLessThan(3_000);
  });

  it('shares its slots with other copies of this module in the process', async () => {
    vi.resetModules();
    const copy = await import('./cancellable');
    expect(copy.runCancellable).not.toBe(runCancellable);
    const caller = new AbortController();
    setMaxListeners(0, caller.signal);
    const limits = { signal: caller.signal, seconds: 8 };
    const reading = Array.from({ length: CROWD }, (_, nth) =>
      (nth % 2 === 0 ? runCancellable : copy.runCancellable)(limits, (db) => sleep(db, 8, 'long')),
    );
    const ended = Promise.allSettled(reading);
    await waitUntilAsleep(CANCELLABLE_AT_ONCE, 10);
    await pause(300);
    expect(await asleep()).toBe(CANCELLABLE_AT_ONCE);
    caller.abort();
    for (const one of await ended) expect(one).toMatchObject({ status: 'rejected', reason: abandoned });
  });

  it('does not start if the caller has left already', async () => {
    let begun = false;
    const reading = runCancellable({ signal: AbortSignal.abort(), seconds: 5 }, async () => {
      begun = true;
    });
    await expect(reading).rejects.toMatchObject(abandoned);
    expect(begun).toBe(false);
  });

  it('is cancelled at its time limit, and reports that it was too slow', async () => {
    const started = Date.now();
    const reading = runCancellable({ seconds: 1 }, (db) => sleep(db, 20, 'slow'));
    await expect(reading).rejects.toBeInstanceOf(Cancelled);
    await expect(reading).rejects.toMatchObject({ why: 'too slow' });
    expect(Date.now() - started).toBeLessThan(4_000);
    await waitUntilAsleep(0, 1);
  });

  it('leaves the connection usable, without the time limit', async () => {
    const caller = new AbortController();
    for (let round = 0; round < 3; round++) {
      const reading = runCancellable({ signal: caller.signal, seconds: 1 }, (db) => sleep(db, 20, 'slow'));
      await expect(reading).rejects.toMatchObject({ why: 'too slow' });
    }
    const limits = await Promise.all(
      Array.from({ length: 6 }, () => rows<{ statement_timeout: string }>(pool(), sql`show statement_timeout`)),
    );
    for (const [limit] of limits) expect(limit).toEqual({ statement_timeout: '0' });
    expect(await runCancellable({ signal: caller.signal, seconds: 5 }, (db) => sleep(db, 0, 'again'))).toEqual({
      mark: 'again',
    });
    // A signal after the end does not affect the connection's next user.
    caller.abort();
    await expect(
      Promise.all(Array.from({ length: 6 }, () => execute(pool(), sql`select pg_sleep(0.2)`))),
    ).resolves.toBeDefined();
  });

  it('cancels only the read whose caller left', async () => {
    const [left, remaining] = [new AbortController(), new AbortController()];
    const leaving = runCancellable({ signal: left.signal, seconds: 20 }, (db) => sleep(db, 20, 'leaves'));
    const staying = runCancellable({ signal: remaining.signal, seconds: 20 }, (db) => sleep(db, 1.5, 'stays'));
    const refused = expect(leaving).rejects.toMatchObject(abandoned);
    await waitUntilAsleep(2, 3);
    left.abort();
    await refused;
    expect(await staying).toEqual({ mark: 'stays' });
  });

  it('cannot write', async () => {
    await execute(pool(), sql`create table if not exists written (id int)`);
    const writing = runCancellable({ seconds: 5 }, (db) => execute(db, sql`insert into written values (1)`));
    await expect(writing).rejects.toThrow(/read-only transaction/);
    expect(await rows(pool(), sql`select from written`)).toEqual([]);
  });

  it('passes on errors unchanged', async () => {
    const failing = runCancellable({ seconds: 5 }, (db) => rows(db, sql`select 1 / 0`));
    await expect(failing).rejects.toThrow('division by zero');
    await expect(
      runCancellable({ seconds: 5 }, async () => {
        throw new Error('ours');
      }),
    ).rejects.toThrow('ours');
    await expect(runCancellable({ seconds: 5 }, (db) => sleep(db, 0, 'fine'))).resolves.toEqual({ mark: 'fine' });
  });
});

describe('withinTime', () => {
  const limitOf = (tx: Tx) => one(tx, sql`show statement_timeout`);

  it('runs, and what follows has no limit', async () => {
    const found = await transaction(async (tx) => {
      const within = await withinTime(tx, 5, () => limitOf(tx));
      return { within, after: await limitOf(tx) };
    });
    expect(found).toEqual({ within: { statement_timeout: '5s' }, after: { statement_timeout: '0' } });
  });

  it('is cancelled at its time limit, and changes nothing', async () => {
    await execute(pool(), sql`create table if not exists written (id int)`);
    const writing = transaction(async (tx) => {
      await execute(tx, sql`insert into written values (2)`);
      await withinTime(tx, 1, () => sleep(tx, 20, 'slow'));
    });
    await expect(writing).rejects.toMatchObject({ name: 'Cancelled', why: 'too slow' });
    expect(await rows(pool(), sql`select from written`)).toEqual([]);
    const failing = transaction((tx) => withinTime(tx, 5, () => rows(tx, sql`select 1 / 0`)));
    await expect(failing).rejects.toThrow('division by zero');
  });
});
