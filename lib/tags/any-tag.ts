// Whether profiles have any tag at all.
import type { ProfileId, SectionId } from '@/lib/db/ids';
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

/** A condition: the profile has none. `among`: profiles that include all without a tag, if they are known. */
export const hasNoTag = (sectionId: SectionId, profileId: Sql, among?: readonly ProfileId[]): Sql => sql`
    (${among ? sql`${profileId} = any(${among}::bigint[]) and` : sql``} not ${hasAnyTag(sectionId, profileId)})`;

/**
 * An expression: the number of profiles without any tag. Where there are few applications, these are read instead of
 * everyone; only the branch that is chosen runs.
 */
export const untaggedCount = (sectionId: SectionId, among?: readonly ProfileId[]): Sql => {
  const everyone = sql`select coalesce(sum(profiles), 0) from profile_count where section_id = ${sectionId}`;
  const applications = sql`select coalesce(sum(profiles), 0) from tag_count where section_id = ${sectionId}`;
  const hidden = sql`select id from tag where section_id = ${sectionId} and hidden_at is not null`;
  return sql`(case
      when ${among === undefined} and 2 * (${applications}) < (${everyone}) then (${everyone}) - (
        select count(distinct held.profile_id) from profile_tag held
        where held.section_id = ${sectionId} and held.tag_id <> all(array(${hidden}))
      )
      else (
        select count(*) from profile
        where profile.section_id = ${sectionId} and ${hasNoTag(sectionId, sql`profile.id`, among)}
      )
    end)::bigint`;
};
