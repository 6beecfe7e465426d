// Which tags have grown and shrunk most over the last days, from the numbers by day.
import type { SectionId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { TagColour } from './colour';
import { tagTrends } from './queries';

/** `net`: applied less removed over the period. `days`: the net changes of the last 30 days (UTC), oldest first. */
export type TagMover = {
  id: TagId;
  name: string;
  colour: TagColour | null;
  profiles: number;
  net: number;
  days: number[];
};

/**
 * The visible tags that have changed most since the beginning of `since` (UTC, a day): those that grew, most first, then those that shrank,
 * most first; at most `most` of each. Reads a few rows of each tag, so thousands of tags are no matter.
 */
export async function tagMovers(
  db: Db,
  sectionId: SectionId,
  { since, most }: { since: Date; most: number },
): Promise<TagMover[]> {
  const found = await rows<Omit<TagMover, 'days'>>(
    db,
    sql`
      with moved as (
        select tag.id, tag.name, tag.colour, recent.net
        from tag
        cross join lateral (
          select sum(day.applied - day.removed)::bigint as net
          from tag_day day
          where day.section_id = ${sectionId} and day.tag_id = tag.id and day.day >= ${since}::date
        ) recent
        where tag.section_id = ${sectionId} and tag.hidden_at is null and recent.net <> 0
      ),
      ranked as (
        select moved.*, row_number() over (partition by net > 0 order by abs(net) desc, id) as place from moved
      )
      select ranked.id, ranked.name, ranked.colour, ranked.net,
        (
          select coalesce(sum(counted.profiles), 0)::bigint from tag_count counted
          where counted.section_id = ${sectionId} and counted.tag_id = ranked.id
        ) as profiles
      from ranked
      where place <= ${most}
      order by net > 0 desc, place`,
  );
  const trends = await tagTrends(
    db,
    sectionId,
    found.map(({ id }) => id),
  );
  const daysOf = new Map(trends.map(({ tagId, days }) => [tagId, days]));
  return found.map((tag) => ({ ...tag, days: daysOf.get(tag.id) ?? [] }));
}
