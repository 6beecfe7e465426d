// The limit of a CRM holds over all processes: each has a limiter of its own, and they share a database.
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import type { Clock } from './clock';
import { Limiter, type RateLimit } from './limiter';
import { removeOldTurns, takeTurn } from './turns';

const MINUTE = 60_000;

let time: number;
let limit: RateLimit;
/** A clock that does not wait, ahead of the true time. */
const clockAhead = (ahead = 0): Clock => ({
  now: () => time + ahead,
  sleep: (milliseconds) => {
    time += milliseconds;
    return Promise.resolve();
  },
});

beforeEach(() => {
  time = Date.parse('2026-11-26T12:00:00Z');
  limit = { key: randomUUID(), calls: 100, perMs: MINUTE, concurrency: 2, throttledMs: 1 };
});

/** The times of so many calls, which the limiters make by turns. */
async function timesOf(limiters: Limiter[], calls: number): Promise<number[]> {
  const times: number[] = [];
  for (let call = 0; call < calls; call += 1) {
    (await limiters[call % limiters.length]!.acquire())();
    times.push(time);
  }
  return times;
}

const mostInAMinute = (times: number[]) =>
  Math.max(...times.map((start) => times.filter((at) => at >= start && at < start + MINUTE).length));

it('two processes together make no more calls than the CRM allows, and hardly fewer', async () => {
  const apart = await timesOf([new Limiter(limit, clockAhead()), new Limiter(limit, clockAhead())], 240);
  expect(mostInAMinute(apart)).toBeGreaterThan(150);

  const began = time;
  const [one, other] = [new Limiter(limit, clockAhead(), takeTurn), new Limiter(limit, clockAhead(), takeTurn)];
  expect(mostInAMinute(await timesOf([one, other], 180))).toBeLessThanOrEqual(100);
  // Some 20 at once, then 80 a minute.
  expect((time - began) / MINUTE).toBeCloseTo(160 / 80, 1);
});

it('a process that calls by itself is not slowed down', async () => {
  const times = await timesOf([new Limiter(limit, clockAhead(), takeTurn)], 100);
  expect((times.at(-1)! - times[0]!) / MINUTE).toBeCloseTo(1, 1);
});

it('limits with different keys do not wait for each other', async () => {
  const began = time;
  await timesOf([new Limiter(limit, clockAhead(), takeTurn)], 15);
  await timesOf([new Limiter({ ...limit, key: randomUUID() }, clockAhead(), takeTurn)], 15);
  expect(time).toBe(began);
});

it('nobody waits for a machine whose clock is a day ahead', async () => {
  const began = time;
  const day = 24 * 60 * MINUTE;
  await timesOf([new Limiter(limit, clockAhead(day), takeTurn), new Limiter(limit, clockAhead(), takeTurn)], 60);
  expect(time - began).toBeLessThan(MINUTE);
});

it('keys that are no longer used are forgotten after a day', async () => {
  const [old, recent] = [randomUUID(), randomUUID()];
  await takeTurn(old, { everyMs: 1, burst: 1 }, time - 25 * 60 * MINUTE);
  await takeTurn(recent, { everyMs: 1, burst: 1 }, time);
  await removeOldTurns(time);
  const left = await rows(pool(), sql`select key from crm_turn where key in (${old}, ${recent})`);
  expect(left).toEqual([{ key: recent }]);
});
