// Whether profiles have any tag at all.
import type { SectionId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';

/**
 * A condition: the profile has a tag that is not hidden. `profileId`: a column of the statement. Without hidden tags, each
 * profile is one probe of an index that has all that is asked. 'offset 0' keeps it so: as a join, the planner may read and
 * hash every application of the section to find the few profiles without one.
 */
export function hasAnyTag(sectionId: SectionId, profileId: Sql): Sql {
  const held = sql`held.section_id = ${sectionId} and held.profile_id = ${profileId}`;
  const hidden = sql`
    select tag.id from tag
    where tag.section_id = ${sectionId} and tag.hidden_at is not null
      and exists (select from profile_tag kept where kept.section_id = ${sectionId} and kept.tag_id = tag.id)`;
  return sql`(case
      when not exists (select from profile_tag held where ${held} offset 0) then false
      when not exists (${hidden}) then true
      else exists (select from profile_tag held where ${held} and held.tag_id <> all(array(${hidden})) offset 0)
    end)`;
}
