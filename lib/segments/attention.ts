// A segment needs attention if its rules refer to something that is hidden or has changed its type, or if it uses a segment that
// needs attention. Derived from the current data on every read, so that it is never out of date.
import type { SectionId, SegmentId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { openSegments } from './definitions';

/** Why segments need attention, by segment. Segments without problems are absent. */
export async function segmentsNeedingAttention(db: Db, sectionId: SectionId): Promise<Map<SegmentId, string[]>> {
  const { reasons } = await openSegments(db, sectionId);
  return reasons;
}
