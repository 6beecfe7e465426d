// Sizes of segments are recorded when nothing else is to be done, and never delay other work.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { undoKind } from '@/lib/activity/undo';
import { startOperation } from '@/lib/work/start';
import { createTestAccount, createTestSection, createTestTag, type TestAccount } from '@/testing/fixtures';
import { did, hasTag, makeEventType, makeSegment } from '@/testing/segments';
import { segmentSizes } from './queries';
import { recordAllSizes, recordSize } from './sizes';

let account: TestAccount;
let sectionId: SectionId;
let tagId: TagId;
beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Sizes');
  tagId = await createTestTag(sectionId, 'VIP');
});

const sizesOf = async (id: SegmentId) => (await segmentSizes(pool(), sectionId, id)).map(({ profiles }) => profiles);

describe('jobs that count segments', () => {
  it('are in one queue, run after other work, and time out soon', async () => {
    for (let nth = 0; nth < 3; nth++) await makeSegment(account.admin, sectionId, hasTag(tagId));
    await rows(pool(), sql`delete from graphile_worker._private_jobs`);
    await recordAllSizes();
    await transaction((tx) =>
      startOperation(tx, undoKind, { sectionId, summary: 'Undo', input: {}, total: 0, userId: null }),
    );
    const jobs = await rows<{ task: string; queue: string | null; attempts: number }>(
      pool(),
      sql`
        select task_identifier as task, queue_name as queue, max_attempts as attempts
        from graphile_worker.jobs
        order by priority, run_at, id`,
    );
    const counting = { task: 'note_segment_size', queue: 'segment-sizes', attempts: 3 };
    expect(jobs).toEqual([{ task: 'run_operation', queue: null, attempts: 6 }, counting, counting, counting]);
  });
});

describe('a segment', () => {
  it('that takes too long to count is skipped, and counted the next time', async () => {
    const event = await makeEventType(account.admin, sectionId);
    const id = await makeSegment(account.admin, sectionId, did(event.id));
    await transaction(async (tx) => {
      await execute(tx, sql`lock table profile_event in access exclusive mode`);
      await recordSize(sectionId, id, 1);
    });
    expect(await sizesOf(id)).toEqual([]);
    await recordSize(sectionId, id);
    expect(await sizesOf(id)).toEqual([0]);
  });
});
