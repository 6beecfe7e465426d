// Which segments have grown and shrunk most over the last days, from the sizes that are noted each night.
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';

/** `profiles`: when last counted. `net`: since the count before the period. `sizes`: the counts of the last 30 days, oldest first. */
export type SegmentMover = { id: SegmentId; name: string; profiles: number; net: number; sizes: number[] };

/**
 * The segments that have changed most between their last count before `since` (or, of a younger one, its first) and their last count: those
 * that grew, most first, then those that shrank, most first; at most `most` of each. `month`: from when `sizes` are.
 */
export const segmentMovers = (
  db: Db,
  sectionId: SectionId,
  { since, month, most }: { since: Date; month: Date; most: number },
): Promise<SegmentMover[]> =>
  rows<SegmentMover>(
    db,
    sql`
      with moved as (
        select segment.id, segment.name, last.profiles, last.profiles - first.profiles as net
        from segment
        cross join lateral (
          select size.profiles from segment_size size
          where size.section_id = ${sectionId} and size.segment_id = segment.id
          order by size.at desc
          limit 1
        ) last
        cross join lateral (
          select size.profiles from segment_size size
          where size.section_id = ${sectionId} and size.segment_id = segment.id
          order by size.at <= ${since} desc, case when size.at <= ${since} then size.at end desc, size.at
          limit 1
        ) first
        where segment.section_id = ${sectionId} and last.profiles <> first.profiles
      ),
      ranked as (
        select moved.*, row_number() over (partition by net > 0 order by abs(net) desc, id) as place from moved
      )
      select ranked.id, ranked.name, ranked.profiles, ranked.net,
        coalesce((
          select json_agg(size.profiles order by size.at) from segment_size size
          where size.section_id = ${sectionId} and size.segment_id = ranked.id and size.at > ${month}
        ), '[]') as sizes
      from ranked
      where place <= ${most}
      order by net > 0 desc, place`,
  );
