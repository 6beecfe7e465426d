// The limit for heavy reads of one actor.
import { expect, it } from 'vitest';
import { READS } from '@/lib/config/limits';
import { rows, sql } from '@/lib/db/sql';
import { createTestAccount } from '@/testing/fixtures';
import { withinActorLimit } from './actor-limit';
import { listWithTimeout, withTimeout } from './with-timeout';

it('only a few heavy reads of one person run at once, others are not delayed, and too many are refused', async () => {
  const { admin, marketer } = await createTestAccount();
  const release: (() => void)[] = [];
  const held = () => new Promise<void>((resolve) => release.push(resolve));
  const own = Array.from({ length: READS.perPerson + READS.waitingPerPerson }, () =>
    withinActorLimit(admin, undefined, held),
  );
  await expect.poll(() => release.length).toBe(READS.perPerson);
  await expect(withinActorLimit(admin, undefined, held)).rejects.toMatchObject({ code: 'too_many_requests' });
  expect(await withTimeout({ actor: marketer }, (db) => rows(db, sql`select 1 as one`))).toEqual([{ one: 1 }]);

  release.shift()!();
  await own.shift();
  const left = new AbortController();
  const waiting = withinActorLimit(admin, left.signal, held);
  left.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'Cancelled', why: 'abandoned' });
  while (own.length > 0) {
    await expect.poll(() => release.length).toBeGreaterThan(0);
    release.shift()!();
    await own.shift();
  }
  expect(await withinActorLimit(admin, undefined, () => Promise.resolve('free'))).toBe('free');
});

it('a list does not wait for the person’s other reads, and is cancelled if it takes too long or the caller disconnects', async () => {
  const { admin } = await createTestAccount();
  let release = () => undefined as void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const busy = Array.from({ length: READS.perPerson }, () => withinActorLimit(admin, undefined, () => held));
  expect(await listWithTimeout({ actor: admin }, (db) => rows(db, sql`select 1 as one`))).toEqual([{ one: 1 }]);
  release();
  await Promise.all(busy);
  const slow = listWithTimeout({ actor: admin, seconds: 0.1 }, (db) => rows(db, sql`select pg_sleep(20)::text`));
  await expect(slow).rejects.toMatchObject({ code: 'too_slow' });
  const abandoned = listWithTimeout({ actor: admin, signal: AbortSignal.abort() }, (db) => rows(db, sql`select 1`));
  await expect(abandoned).rejects.toMatchObject({ name: 'Cancelled', why: 'abandoned' });
});
