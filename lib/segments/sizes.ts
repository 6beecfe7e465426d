// How large segments were: noted each night, and whenever the rules changed. For pictures; counts are always asked anew.
import { z } from 'zod';
import { Refusal } from '@/lib/access/refusal';
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { Cancelled, runCancellable } from '@/lib/db/cancellable';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { openSegment } from './definitions';
import { countMembers } from './members';

/** How long a segment may take to be counted. */
const SLOWEST_SECONDS = 60;

export const SizeJobSchema = z.object({ sectionId: z.number().int(), segmentId: z.number().int() });

/** Asks the workers to note the sizes of segments. Asking twice is harmless. */
export const askForSizes = (db: Db, sectionId: SectionId, ids: readonly SegmentId[]): Promise<void> =>
  ask(db, sql`where section_id = ${sectionId} and id = any(${ids}::int[])`);

/** Each night: asks for the size of every segment. */
export const noteAllSizes = (): Promise<void> => ask(pool(), sql``);

/** One at a time, and after all other work: there may be thousands, and nobody waits for them. */
async function ask(db: Db, which: Sql): Promise<void> {
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
      from segment ${which}`,
  );
}

/** Counts a segment and notes it; one that is gone, needs attention or takes too long is left. */
export async function noteSize(sectionId: SectionId, segmentId: SegmentId, seconds = SLOWEST_SECONDS): Promise<void> {
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
