// Files that are streamed during the download: their readers leave no resources behind.
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Actor } from '@/lib/access/actor';
import { DOWNLOADS } from '@/lib/config/limits';
import type { AccountId, UserId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql, type Sql } from '@/lib/db/sql';
import type { IdleTimeout } from '@/lib/db/idle-timeout';
import { csvResponse } from '@/lib/export/csv-response';
import { csvOf } from './download';

const ROWS = 12_000;
const many = sql`select number::text, 'a text of some length' from generate_series(1, ${ROWS}::int) number`;
const slow = sql`select number::text, pg_sleep(30)::text from generate_series(1, 9) number`;
const abandoned = { name: 'Cancelled', why: 'abandoned' };

let people = 0;
const somebody = (): Actor => ({
  kind: 'user',
  userId: ++people as UserId,
  accountId: 1 as AccountId,
  role: 'user',
  name: 'Reader',
  email: 'reader@example.com',
  sections: 'all',
  from: { ip: null, userAgent: null },
});
/** A download of somebody's, by default another person each time. */
const fileOf = (select: Sql = many, { actor = somebody(), ...attendance }: IdleTimeout & { actor?: Actor } = {}) =>
  csvOf<[string, string]>(['Number', 'Text'], select, (row) => row, { actor, ...attendance });
const asManyAsCanBe = (attendance?: IdleTimeout) =>
  Array.from({ length: DOWNLOADS.atOnce }, () => fileOf(many, attendance));

async function textOf(lines: AsyncGenerator<string>): Promise<string> {
  let text = '';
  for await (const piece of lines) text += piece;
  return text;
}

/** Sessions of this database that are in a transaction, except this one. */
async function transactions(): Promise<number> {
  const { sessions } = await one<{ sessions: number }>(
    pool(),
    sql`select count(*) as sessions from pg_stat_activity
        where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`,
  );
  return sessions;
}

const nothingHeld = () => expect.poll(transactions, { timeout: 5_000 }).toBe(0);

afterEach(async () => {
  await nothingHeld();
  expect(pool().idleCount).toBe(pool().totalCount);
  // Fails unless there is room for the maximum number of downloads.
  const files = asManyAsCanBe();
  for (const file of files) expect((await file.next()).value).toBe('Number,Text\r\n');
  for (const file of files) await file.return(undefined);
});

describe('a download', () => {
  it('contains everything, in pieces that a slow connection can read in time', async () => {
    const pieces: string[] = [];
    for await (const piece of fileOf()) pieces.push(piece);
    expect(pieces.join('').split('\r\n')).toHaveLength(ROWS + 2);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(65_000);
  });

  it('releases its resources if the reader stalls, and fails if the reader resumes', async () => {
    const files = asManyAsCanBe({ idleMs: 1_000 });
    await Promise.all(files.flatMap((file) => [file.next(), file.next()]));
    await expect(fileOf().next()).rejects.toMatchObject({ code: 'too_many_requests' });
    await nothingHeld();
    for (const file of files) await expect(file.next()).rejects.toMatchObject(abandoned);
  });

  it('releases its resources if nobody reads the body', async () => {
    for (let turn = 0; turn < 4; turn++) await csvResponse(fileOf(many, { idleMs: 100 }), 'unread.csv');
    await nothingHeld();
  });

  it('does not look complete if it is interrupted', async () => {
    const { body } = await csvResponse(fileOf(many, { idleMs: 100 }), 'paused.csv');
    const reader = body!.getReader();
    await reader.read();
    await nothingHeld();
    const rest = async () => {
      while (!(await reader.read()).done);
    };
    await expect(rest()).rejects.toMatchObject(abandoned);
  });

  it('does not start if its reader has already disconnected', async () => {
    await expect(textOf(fileOf(many, { signal: AbortSignal.abort() }))).rejects.toMatchObject(abandoned);
  });

  it('ends at any point when its reader disconnects', async () => {
    for (let ms = 0; ms < 24; ms += 2) {
      const left = new AbortController();
      const file = fileOf(many, { signal: left.signal });
      const begun = file.next().then(
        () => file.next(),
        (error: unknown) => expect(error).toMatchObject(abandoned),
      );
      await pause(ms);
      left.abort();
      await begun.catch((error: unknown) => expect(error).toMatchObject(abandoned));
      // The reader stops, and the stream is never closed.
      await nothingHeld();
    }
  });

  it('is cancelled in the database if its reader disconnects during the query', async () => {
    const left = new AbortController();
    const file = fileOf(slow, { signal: left.signal });
    await file.next();
    const coming = expect(file.next()).rejects.toMatchObject(abandoned);
    await pause(100);
    left.abort();
    await coming;
  });

  it('by one person leaves room for others', async () => {
    const one = somebody();
    const own = Array.from({ length: DOWNLOADS.perPerson }, () => fileOf(many, { actor: one }));
    for (const file of own) await file.next();
    await expect(fileOf(many, { actor: one }).next()).rejects.toThrow('You are downloading');
    const other = fileOf();
    expect((await other.next()).value).toBe('Number,Text\r\n');
    for (const file of [...own, other]) await file.return(undefined);
  });

  it('counts together with those of other copies of this module in the process', async () => {
    vi.resetModules();
    const copy = await import('./download');
    expect(copy.csvOf).not.toBe(csvOf);
    const files = asManyAsCanBe();
    for (const file of files) await file.next();
    expect(() => copy.requireDownloadSlot(somebody())).toThrow('Several files are being downloaded');
    for (const file of files) await file.return(undefined);
    expect(() => copy.requireDownloadSlot(somebody())).not.toThrow();
  });
});
