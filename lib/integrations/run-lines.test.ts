// The runs of a connection as pages list them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import { readRunLines } from './reads';
import type { RunFilter } from './schema';

let account: TestAccount;
let shop: TestConnection;

/** Every tenth of a hundred runs is not quiet: the 50th has failed, the others are done. */
beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
  shop = await TestConnection.open(account, account.sectionId);
  await execute(
    pool(),
    sql`
      insert into sync_run (section_id, connection_id, dry, cause, status, error, quiet, created_at, finished_at)
      select ${shop.sectionId}::int, ${shop.id}::int, false, 'schedule',
        case when number = 50 then 'failed'::sync_status else 'done'::sync_status end,
        case when number = 50 then 'The CRM did not answer.' end, number % 10 <> 0,
        '2026-01-01'::timestamptz + number * interval '1 hour', '2026-01-01'::timestamptz + number * interval '1 hour'
      from generate_series(1, 100) number`,
  );
});
afterAll(() => shop.stop());

const page = async (show: RunFilter, more: object = {}) =>
  valueOf(await readRunLines(account.admin, { ...shop.where, show, limit: 4, ...more }));

const shape = ({ lines }: Awaited<ReturnType<typeof page>>) =>
  lines.map((line) => (line.kind === 'quiet' ? line.count : line.run.status));

describe('the runs of a connection', () => {
  it('fold those that changed nothing, page by page', async () => {
    const first = await page('folded');
    expect(shape(first)).toEqual(['done', 9, 'done', 9, 'done', 9, 'done']);
    const second = await page('folded', { before: first.older });
    expect(shape(second)).toEqual([9, 'done', 9, 'failed', 9, 'done', 9, 'done']);
    const third = await page('folded', { before: second.older });
    expect(shape(third)).toEqual([9, 'done', 9, 'done', 9]);
    expect(third.older).toBeNull();
    expect(first.lines[1]).toMatchObject({ kind: 'quiet', last: '2026-01-05T03:00:00.000Z' });
  });

  it('are found by how they ended', async () => {
    expect(shape(await page('all'))).toEqual(['done', 'done', 'done', 'done']);
    expect(await page('failed')).toMatchObject({ lines: [{ run: { error: 'The CRM did not answer.' } }], older: null });
    expect(shape(await page('held'))).toEqual([]);
    expect(shape(await page('changed'))).toEqual([]);
  });
});
