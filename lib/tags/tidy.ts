// What of a section's tags is worth tidying up, in numbers.
import type { SectionId } from '@/lib/db/ids';
import { one, sql, type Db } from '@/lib/db/sql';

/** `unused`: on nobody, or not applied to anybody since `idleSince`; tags younger than that are left out. */
export type TidyCounts = { tags: number; unused: number; undescribed: number; ownerless: number };

export const tidyCounts = (db: Db, sectionId: SectionId, idleSince: Date): Promise<TidyCounts> =>
  one<TidyCounts>(
    db,
    sql`
      with counted as (
        select tag_id, sum(profiles) as profiles, max(last_applied) as last_applied
        from tag_count
        where section_id = ${sectionId}
        group by tag_id
      )
      select count(*)::int as tags,
        count(*) filter (
          where tag.created_at < ${idleSince}
            and (coalesce(counted.profiles, 0) = 0 or counted.last_applied < ${idleSince})
        )::int as unused,
        count(*) filter (where tag.description = '')::int as undescribed,
        count(*) filter (where tag.owner_note = '')::int as ownerless
      from tag
      left join counted on counted.tag_id = tag.id
      where tag.section_id = ${sectionId} and tag.hidden_at is null`,
  );
