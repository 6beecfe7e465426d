// Reads through a cursor whose reader may leave at any time.
import { afterEach, describe, expect, it } from 'vitest';
import { readThrough } from './cursor';
import { controlPool, pool } from './pool';
import { rows, sql } from './sql';

const numbers = sql`select number from generate_series(1, 12000) number`;
const abandoned = { name: 'Cancelled', why: 'abandoned' };

afterEach(async () => {
  expect(pool().idleCount).toBe(pool().totalCount);
  const open = await rows(
    controlPool(),
    sql`select from pg_stat_activity
        where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`,
  );
  expect(open).toEqual([]);
});

describe('readThrough', () => {
  it('yields an empty page once it is open, then every row', async () => {
    const pages: number[][] = [];
    for await (const page of readThrough<[number]>(numbers)) pages.push(page.map(([number]) => number));
    expect(pages.map(({ length }) => length)).toEqual([0, 5_000, 5_000, 2_000]);
    expect(pages.flat()).toEqual(Array.from({ length: 12_000 }, (_, index) => index + 1));
  });

  it('does not open for a reader who has left, whether or not the cancellation arrived in time', async () => {
    for (let turn = 0; turn < 10; turn++) {
      await expect(readThrough(numbers, AbortSignal.abort()).next()).rejects.toMatchObject(abandoned);
    }
  });

  it('is cancelled when its reader leaves halfway', async () => {
    const left = new AbortController();
    const reading = readThrough(sql`select pg_sleep(20)`, left.signal);
    await reading.next();
    const page = expect(reading.next()).rejects.toMatchObject(abandoned);
    left.abort();
    await page;
  });

  it('passes on errors of the database', async () => {
    await expect(readThrough(sql`select 1 / 0`).next()).rejects.toThrow('division by zero');
    const later = readThrough(sql`select 1 / (number - 1) from generate_series(1, 3) number`);
    await later.next();
    await expect(later.next()).rejects.toThrow('division by zero');
  });
});
