// How large segments were: noted each night, and whenever the rules changed. For pictures; counts are always asked anew.
import { z } from 'zod';
import { Refusal } from '@/lib/access/refusal';
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { openSegment } from './definitions';
import { countMembers } from './queries';

export const SizeJobSchema = z.object({ sectionId: z.number().int(), segmentId: z.number().int() });

/** Asks the workers to note a segment's size. Asking twice is harmless. */
export const askForSize = (db: Db, sectionId: SectionId, segmentId: SegmentId): Promise<void> =>
  ask(db, sql`where section_id = ${sectionId} and id = ${segmentId}`);

/** Each night: asks for the size of every segment. */
export const noteAllSizes = (): Promise<void> => ask(pool(), sql``);

async function ask(db: Db, which: Sql): Promise<void> {
  await rows(
    db,
    sql`
      select graphile_worker.add_job(
        'note_segment_size',
        json_build_object('sectionId', section_id, 'segmentId', id),
        job_key := 'segment-size:' || section_id || ':' || id
      )
      from segment ${which}`,
  );
}

/** Counts a segment and notes it; one that is gone or needs attention is left. */
export async function noteSize(sectionId: SectionId, segmentId: SegmentId): Promise<void> {
  try {
    const size = await countMembers(pool(), sectionId, await openSegment(pool(), sectionId, segmentId));
    await execute(
      pool(),
      sql`
        insert into segment_size (section_id, segment_id, profiles)
        select section_id, id, ${size} from segment where section_id = ${sectionId} and id = ${segmentId}
        on conflict (section_id, segment_id, at) do update set profiles = excluded.profiles`,
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
