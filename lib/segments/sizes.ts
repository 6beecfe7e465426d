// Sizes of segments over time, recorded each night and whenever the rules change. For charts only: counts are always computed.
import { z } from 'zod';
import { Refusal } from '@/lib/access/refusal';
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { Cancelled, runCancellable } from '@/lib/db/cancellable';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { openSegment } from './definitions';
import { countMembers } from './members';

/** Time limit for counting a segment. Seconds. */
const SLOWEST_SECONDS = 60;

export const SizeJobSchema = z.object({ sectionId: z.number().int(), segmentId: z.number().int() });

/** Queues the recording of segment sizes. Queueing twice has no further effect. */
export const requestSizes = (db: Db, sectionId: SectionId, ids: readonly SegmentId[]): Promise<void> =>
  ask(db, sql`where section_id = ${sectionId} and id = any(${ids}::int[])`);

/** Nightly: queues every segment. */
export const recordAllSizes = (): Promise<void> => ask(pool(), sql``);

/**
 * One at a time and at the lowest priority: there may be thousands, and nobody waits for them. The queue is asked in a statement of its
 * own: it is on the coordinator of a cluster, segments are not.
 */
async function ask(db: Db, which: Sql): Promise<void> {
  const segments = await rows<{ sectionId: SectionId; id: SegmentId }>(
    db,
    sql`select section_id as "sectionId", id from segment ${which}`,
  );
  await rows(
    db,
    sql`
      select graphile_worker.add_job(
        'note_segment_size',
        json_build_object('sectionId', section_id, 'segmentId', id),
        queue_name := 'segment-sizes',
        priority := 10,
        max_attempts := 3,
        job_key := 'segment-size:' || section_id || ':' || id
      )
      from unnest(
        ${segments.map(({ sectionId }) => sectionId)}::int[], ${segments.map(({ id }) => id)}::int[]
      ) segment (section_id, id)`,
  );
}

/** Counts a segment and records its size. Skips it if it was deleted, needs attention or takes too long. */
export async function recordSize(sectionId: SectionId, segmentId: SegmentId, seconds = SLOWEST_SECONDS): Promise<void> {
  try {
    const size = await runCancellable({ seconds }, async (db) =>
      countMembers(db, sectionId, await openSegment(db, sectionId, segmentId)),
    );
    await execute(
      pool(),
      sql`
        insert into segment_size (section_id, segment_id, profiles)
        select section_id, id, ${size} from segment where section_id = ${sectionId} and id = ${segmentId}
        on conflict (section_id, segment_id, at) do update set profiles = excluded.profiles`,
    );
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Cancelled)) throw error;
  }
}
