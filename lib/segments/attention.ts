// A segment whose rules refer to something hidden, or to something that is no longer what it was, needs attention, and so
// does one that uses such a segment. It is worked out from what is there now, so that it is so at once and everywhere.
import type { SectionId, SegmentId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { openSegments } from './definitions';

/** Why segments of a section need attention, by segment; those that are well are absent. */
export async function segmentsInNeed(db: Db, sectionId: SectionId): Promise<Map<SegmentId, string[]>> {
  const { reasons } = await openSegments(db, sectionId);
  return reasons;
}
