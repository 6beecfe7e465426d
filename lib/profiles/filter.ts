// A filter as SQL: set-based, each part by an index if there is one.
import { comparison } from '@/lib/attributes/comparison-sql';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { join, sql, type Db, type Sql } from '@/lib/db/sql';
import { hasNoTag } from '@/lib/tags/any-tag';
import { untaggedCandidates } from '@/lib/tags/untagged';
import { namedLike } from './name-search';
import type { OperationEffect, ProfileFilter, Selection } from './schema';

/** What the conditions of a filter need besides. */
export type FilterContext = {
  /** From which 'the last 30 days' is counted. */
  now?: Date;
  /** For a filter by no tag at all: see `untaggedCandidates`. */
  among?: readonly ProfileId[];
};

/** What a statement about the filter needs: read it for each statement. */
export const filterContext = async (
  db: Db,
  sectionId: SectionId,
  { untagged }: ProfileFilter,
  now?: Date,
): Promise<FilterContext> => ({ now, ...(untagged && { among: await untaggedCandidates(db, sectionId) }) });

/** `select profile_id` of the profiles that match. Alias `profile` is the profile's row in every condition. */
export function matchingProfiles(sectionId: SectionId, filter: ProfileFilter, context: FilterContext = {}): Sql {
  const [first, ...has] = filter.has;
  if (first !== undefined && filter.search === '' && filter.conditions.length === 0 && !filter.untagged) {
    // Each row of a tag is a profile (a foreign key sees to it), so the profiles themselves need not be read.
    return sql`
      select profile.id as profile_id
      from (select profile_id as id from profile_tag where section_id = ${sectionId} and tag_id = ${first}) profile
      where true ${matchConditions(sectionId, { ...filter, has }, context)}`;
  }
  return sql`
    select profile.id as profile_id
    from profile
    where profile.section_id = ${sectionId} ${matchConditions(sectionId, filter, context)}`;
}

/** `select profile_id` of a selection; ids that are not of this section fall away. */
export async function selectedProfiles(db: Db, sectionId: SectionId, selection: Selection): Promise<Sql> {
  if (selection.kind === 'all') {
    const { filter, now } = selection;
    return matchingProfiles(sectionId, filter, await filterContext(db, sectionId, filter, now));
  }
  return sql`
    select profile.id as profile_id
    from profile
    where profile.section_id = ${sectionId} and profile.id = any(${selection.ids}::bigint[])`;
}

/** The filter's conditions, each beginning with `and`, for a query over `profile`. */
export function matchConditions(
  sectionId: SectionId,
  filter: ProfileFilter,
  { now = new Date(), among }: FilterContext = {},
): Sql {
  const held = (tagId: number) => sql`
    exists (
      select from profile_tag held
      where held.section_id = ${sectionId} and held.tag_id = ${tagId} and held.profile_id = profile.id
    )`;
  const conditions = [
    ...filter.has.map(held),
    ...filter.hasNot.map((tagId) => sql`not ${held(tagId)}`),
    ...(filter.hasAny.length > 0 ? [hasAny(sectionId, filter.hasAny)] : []),
    ...(filter.untagged ? [hasNoTag(sectionId, sql`profile.id`, among)] : []),
    ...filter.conditions.map(({ code, compare }) =>
      comparison({ timeZone: 'UTC', now }, sql`profile.attributes`, code, compare),
    ),
    ...(filter.search ? [searchCondition(sectionId, filter.search)] : []),
    ...(filter.changedBy ? [changedBy(sectionId, filter.changedBy)] : []),
  ];
  return conditions.length > 0 ? sql`and ${join(conditions, ' and ')}` : sql``;
}

const hasAny = (sectionId: SectionId, tagIds: readonly number[]): Sql => sql`
    exists (
      select from profile_tag held
      where held.section_id = ${sectionId} and held.tag_id = any(${tagIds}::int[]) and held.profile_id = profile.id
    )`;

const EFFECTS: Record<OperationEffect, Sql> = {
  created: sql`profile_change change where change.created`,
  updated: sql`profile_change change where not change.created`,
  saved: sql`profile_change change where true`,
  tagged: sql`tag_change change where change.visible and change.action = 1`,
  untagged: sql`tag_change change where change.visible and change.action = -1`,
};

/** What an operation did stands in the histories, each with an index by operation. */
function changedBy(sectionId: SectionId, { operationId, effect }: NonNullable<ProfileFilter['changedBy']>): Sql {
  return sql`profile.id in (
        select change.profile_id from ${EFFECTS[effect]}
          and change.section_id = ${sectionId} and change.operation_id = ${operationId}
      )`;
}

/** Beginnings of keys, and of the words of names in any order. All of it comes from indexes. */
function searchCondition(sectionId: SectionId, search: string): Sql {
  const wanted = search.toLowerCase();
  const prefix = `${escapeLike(wanted)}%`;
  const named = namedLike(sectionId, search);
  const digits = wanted.replace(/[\s+()-]/g, '').replace(/^00/, '');
  const phone = /^\d{5,}$/.test(digits)
    ? sql`
        union
        select profile_id from profile_key keyed
        where keyed.section_id = ${sectionId} and keyed.key like ${`${digits}%`}`
    : sql``;
  return sql`profile.id in (
        select profile_id from profile_key keyed
        where keyed.section_id = ${sectionId}
          and keyed.keyspace_id = any(array(select id from keyspace))
          and (keyed.key like ${prefix} or keyed.key like ${`${escapeLike(search)}%`})
        ${named ? sql`union ${named}` : sql``} ${phone}
      )`;
}

/** Text that LIKE takes literally. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}
