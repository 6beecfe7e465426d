// The tags that the profiles with one tag also have.
import type { SectionId, TagId } from '@/lib/db/ids';
import { one, rows, sql, type Db } from '@/lib/db/sql';
import type { TagLabel } from './schema';

/** A tag on twice as many profiles or more is estimated from about so many, at random: exact counts of large tags take seconds. */
const SAMPLE = 1_000;
/** `hashint8` is from -HASHES / 2 up to, not including, HASHES / 2. */
const HASHES = 2 ** 32;

/** A tag that goes together with another. `both`: profiles that have the two; `share`: of those with the other one, 0 to 1. */
export type TogetherTag = TagLabel & { both: number; share: number };

/** The tags that most of a tag's profiles have too, the most first. `estimated`: from a sample. */
export async function tagsTogether(
  db: Db,
  sectionId: SectionId,
  tagId: TagId,
  most = 8,
): Promise<{ tags: TogetherTag[]; estimated: boolean }> {
  const { profiles } = await one<{ profiles: number }>(
    db,
    sql`select coalesce(sum(profiles), 0)::bigint as profiles from tag_count
        where section_id = ${sectionId} and tag_id = ${tagId}`,
  );
  const estimated = profiles >= 2 * SAMPLE;
  const hashes = estimated ? Math.round((HASHES * SAMPLE) / profiles) : HASHES;
  const found = await rows<TagLabel & { together: number; looked: number }>(
    db,
    sql`
      with looked as materialized (
        select profile_id from profile_tag
        where section_id = ${sectionId} and tag_id = ${tagId} and hashint8(profile_id) < ${hashes - HASHES / 2}::bigint
        -- More than there will be: it tells the planner that they are few.
        limit ${3 * SAMPLE}
      ),
      counted as (
        select other.tag_id, count(*) as together
        from looked
        join profile_tag other on other.section_id = ${sectionId} and other.profile_id = looked.profile_id
        where other.tag_id <> ${tagId}
        group by other.tag_id
      )
      select tag.id, tag.name, tag.colour, counted.together, (select count(*) from looked) as looked
      from counted
      join tag on tag.section_id = ${sectionId} and tag.id = counted.tag_id and tag.hidden_at is null
      order by counted.together desc, tag.name_key
      limit ${most}`,
  );
  const tags = found.map(({ together, looked, ...tag }) => {
    const share = together / looked;
    return { ...tag, share, both: estimated ? Math.round(share * profiles) : together };
  });
  return { tags, estimated };
}
