// Reads of profiles: the list in pages, and what the 360 view shows.
import type { AccountId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { maybeOne, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { untaggedCount } from '@/lib/tags/any-tag';
import { groupOfTag } from '@/lib/tags/group';
import { directSource, listsHolding } from '@/lib/tags/held-by';
import { appliedFrom, throughOf } from '@/lib/tags/origin';
import { sourceOf } from '@/lib/tags/source';
import { filterContext, matchConditions, matchingProfiles } from './filter';
import { placesInOrder } from './sort';
import type { Place, Sort } from './sort-schema';
import {
  profileName,
  type HeldTag,
  type Keyspace,
  type ProfileDetails,
  type ProfileFilter,
  type ProfileKey,
  type ProfileRow,
} from './schema';

const PAGE_SIZE = 50;

/** The account's keyspaces: Email, Mobile, CRM ID, and one per integration. */
export function listKeyspaces(db: Db, accountId: AccountId): Promise<Keyspace[]> {
  return rows<Keyspace>(
    db,
    sql`select id, kind, name, discriminator from keyspace where account_id = ${accountId} order by id`,
  );
}

export type ProfilePage = { profiles: ProfileRow[]; older: ProfileId | null; newer: ProfileId | null };

/** Where a page begins: before a profile id (older ones) or after one (newer); neither: the newest. */
export type PageCursor = { before?: ProfileId; after?: ProfileId };

/**
 * Makes a statement read one page by profile id. `range`: a condition that begins with `and`. `orderAndLimit`: ends the
 * statement, with `limit` rows unless given another number. `candidates`: how many of the nearest profiles are tested one
 * by one before all that match are read; 0: none.
 */
export type Slice = {
  range: (id: Sql) => Sql;
  orderAndLimit: (id: Sql, count?: number) => Sql;
  limit: number;
  candidates: number;
};

/** If at least one in this many profiles matches, testing one by one finds a page faster than reading all matches. */
const LOOKAHEAD = 60;

function sliceOf({ before, after }: PageCursor, limit: number): Slice {
  return {
    range: (id) => {
      if (after !== undefined) return sql`and ${id} > ${after}`;
      return before !== undefined ? sql`and ${id} < ${before}` : sql``;
    },
    orderAndLimit: (id, count = limit) =>
      sql`order by ${id} ${after !== undefined ? sql`asc` : sql`desc`} limit ${count}`,
    limit,
    candidates: limit * LOOKAHEAD,
  };
}

/** A page of the profiles that match, newest first. */
export async function listProfiles(
  db: Db,
  sectionId: SectionId,
  filter: ProfileFilter,
  cursor: PageCursor = {},
): Promise<ProfilePage> {
  const id = sql`profile.id`;
  const context = await filterContext(db, sectionId, filter);
  const choose = ({ range, orderAndLimit }: Slice) => sql`
    select profile.id as profile_id from profile
    where profile.section_id = ${sectionId} ${matchConditions(sectionId, filter, context)} ${range(id)} ${orderAndLimit(id)}`;
  return pageOfProfiles(db, sectionId, choose, cursor);
}

/** A page of chosen profiles, newest first. `choose`: selects `profile_id` for a slice. */
export async function pageOfProfiles(
  db: Db,
  sectionId: SectionId,
  choose: (slice: Slice) => Sql,
  cursor: PageCursor = {},
  size = PAGE_SIZE,
): Promise<ProfilePage> {
  const { before, after } = cursor;
  const backwards = after !== undefined;
  const found = await rowsOf(db, sectionId, choose(sliceOf(cursor, size + 1)));
  const more = found.length > size;
  const profiles = more ? (backwards ? found.slice(1) : found.slice(0, size)) : found;
  const [first, last] = [profiles[0]?.id ?? null, profiles.at(-1)?.id ?? null];
  return {
    profiles,
    older: backwards || more ? last : null,
    newer: backwards ? (more ? first : null) : before !== undefined ? first : null,
  };
}

/** A page in some order. `older`: the place of its last profile, if others follow; `newer`: of its first, if others come before. */
export type ListPage = { profiles: ProfileRow[]; older: Place | null; newer: Place | null };

/** Where such a page begins: after a place (`before`, the older ones), or before it (`after`); neither: at the beginning. */
export type ListEdge = { before?: Place; after?: Place };

/** A page of the profiles that match, in an order. Undefined if the list cannot be sorted so. */
export async function listInOrder(
  db: Db,
  sectionId: SectionId,
  filter: ProfileFilter,
  sort: Sort,
  { before, after }: ListEdge = {},
  size = PAGE_SIZE,
): Promise<ListPage | undefined> {
  const backwards = after !== undefined;
  const places = await placesInOrder(db, sectionId, {
    conditions: matchConditions(sectionId, filter, await filterContext(db, sectionId, filter)),
    sort,
    from: after ?? before ?? null,
    backwards,
    limit: size + 1,
  });
  if (!places) return undefined;
  const more = places.length > size;
  const shown = places.slice(0, size);
  if (backwards) shown.reverse();
  const ids = shown.map(({ id }) => id);
  const found = await profilesByIds(db, sectionId, ids);
  const [first, last] = [shown[0] ?? null, shown.at(-1) ?? null];
  return {
    profiles: ids.flatMap((id) => found.get(id) ?? []),
    older: backwards || more ? last : null,
    newer: backwards ? (more ? first : null) : before !== undefined ? first : null,
  };
}

/** What lists show of profiles, by id, without those that do not exist. */
export async function profilesByIds(
  db: Db,
  sectionId: SectionId,
  ids: readonly ProfileId[],
): Promise<Map<ProfileId, ProfileRow>> {
  const found = await rowsOf(db, sectionId, sql`select unnest(${ids}::bigint[]) as profile_id`);
  return new Map(found.map((row) => [row.id, row]));
}

/**
 * What lists show of chosen profiles, newest first. `chosen` selects `profile_id`. Each tag is looked up and put into JSON
 * once, not once for each of its profiles, which takes a third less time for a page.
 */
async function rowsOf(db: Db, sectionId: SectionId, chosen: Sql): Promise<ProfileRow[]> {
  const found = await rows<Omit<ProfileRow, 'name'>>(
    db,
    sql`
      with page as materialized (
        select chosen.profile_id as id from (${chosen}) chosen
      ),
      held as materialized (
        select held.profile_id, held.tag_id
        from page
        join profile_tag held on held.section_id = ${sectionId} and held.profile_id = page.id
      ),
      labels as materialized (
        select id, name_key, json_build_object('id', id, 'name', name, 'colour', colour) as label
        from tag
        where section_id = ${sectionId} and id = any(array(select distinct tag_id from held)) and hidden_at is null
      ),
      tagged as materialized (
        select held.profile_id, json_agg(labels.label order by labels.name_key) as tags
        from held
        join labels on labels.id = held.tag_id
        group by held.profile_id
      )
      select
        page.id, profile.attributes, profile.created_at as "createdAt", profile.updated_at as "updatedAt",
        coalesce((
          select json_agg(json_build_object('keyspaceId', keyspace_id, 'key', key) order by keyspace_id)
          from profile_key
          where profile_key.section_id = ${sectionId} and profile_key.profile_id = page.id
        ), '[]') as keys,
        coalesce(tagged.tags, '[]') as tags
      from page
      join profile on profile.section_id = ${sectionId} and profile.id = page.id
      left join tagged on tagged.profile_id = page.id
      order by page.id desc`,
  );
  return found.map((row) => ({ ...row, name: profileName(row.id, row.attributes, row.keys) }));
}

/** What profiles are called. Those that are no longer there are left out. */
export async function namesOfProfiles(
  db: Db,
  sectionId: SectionId,
  ids: readonly ProfileId[],
): Promise<{ id: ProfileId; name: string }[]> {
  const found = await rows<Pick<ProfileRow, 'id' | 'attributes' | 'keys'>>(
    db,
    sql`
      select
        profile.id, profile.attributes,
        coalesce((
          select json_agg(json_build_object('keyspaceId', keyspace_id, 'key', key) order by keyspace_id)
          from profile_key
          where profile_key.section_id = ${sectionId} and profile_key.profile_id = profile.id
        ), '[]') as keys
      from profile
      where profile.section_id = ${sectionId} and profile.id = any(${ids}::bigint[])`,
  );
  return found.map(({ id, attributes, keys }) => ({ id, name: profileName(id, attributes, keys) }));
}

/** The exact number of matching profiles. */
export async function countProfiles(db: Db, sectionId: SectionId, filter: ProfileFilter): Promise<number> {
  const { has, hasAny, hasNot, untagged } = filter;
  const others = filter.search || filter.changedBy || filter.conditions.length + hasAny.length > 0;
  const tags = has.length + hasNot.length;
  if (!others && !untagged && tags <= 1) return countOfTag(db, sectionId, has[0] ?? null, hasNot[0] ?? null);
  const context = await filterContext(db, sectionId, filter);
  const { count } = await one<{ count: number }>(
    db,
    !others && tags === 0
      ? sql`select ${untaggedCount(sectionId, context.among)} as count`
      : sql`select count(*) as count from (${matchingProfiles(sectionId, filter, context)}) matching`,
  );
  return count;
}

/** For everyone, or for a single tag, from the counters; 'has not' is all profiles minus those. */
async function countOfTag(db: Db, sectionId: SectionId, has: TagId | null, hasNot: TagId | null): Promise<number> {
  const { tagged, everyone } = await one<{ tagged: number; everyone: number }>(
    db,
    sql`
      select
        (select coalesce(sum(profiles), 0)::bigint from tag_count
         where section_id = ${sectionId} and tag_id = ${has ?? hasNot}) as tagged,
        (select coalesce(sum(profiles), 0)::bigint from profile_count where section_id = ${sectionId}) as everyone`,
  );
  return has === null ? everyone - tagged : tagged;
}

/** Everything in the upper part of the 360 view; undefined if the profile does not exist. */
export async function getProfile(db: Db, sectionId: SectionId, id: ProfileId): Promise<ProfileDetails | undefined> {
  const profile = await getProfileData(db, sectionId, id);
  if (!profile) return undefined;
  return {
    ...profile,
    name: profileName(id, profile.attributes, profile.keys),
    tags: await heldTags(db, sectionId, id),
  };
}

/** Its values and keys alone. */
export function getProfileData(
  db: Db,
  sectionId: SectionId,
  id: ProfileId,
): Promise<Omit<ProfileDetails, 'name' | 'tags'> | undefined> {
  return maybeOne<Omit<ProfileDetails, 'name' | 'tags'>>(
    db,
    sql`
      select id, attributes, created_at as "createdAt", updated_at as "updatedAt",
        coalesce((
          select json_agg(json_build_object('keyspaceId', keyspace_id, 'key', key) order by keyspace_id)
          from profile_key
          where section_id = ${sectionId} and profile_id = ${id}
        ), '[]') as keys
      from profile
      where section_id = ${sectionId} and id = ${id}`,
  );
}

async function heldTags(db: Db, sectionId: SectionId, id: ProfileId): Promise<HeldTag[]> {
  const held = await rows<Omit<HeldTag, 'source' | 'alsoSet'> & { source: number | null; alsoSet: number | null }>(
    db,
    sql`
      select tag.id, tag.name, tag.colour, ${groupOfTag} as "group", tag.description, entry.at as since, entry.source,
        entry.operation_id as "operationId",
        app_user.name as by, ${throughOf(sectionId, sql`entry`)} as through,
        case when tag.has_claims then ${listsHolding(sectionId, sql`held.profile_id`, sql`held.tag_id`)} else '[]' end
          as lists,
        case when tag.has_claims and held.direct
          then ${directSource(sectionId, sql`held.profile_id`, sql`held.tag_id`)}
        end as "alsoSet"
      from profile_tag held
      join tag on tag.section_id = held.section_id and tag.id = held.tag_id and tag.hidden_at is null
      left join lateral (${appliedFrom(sectionId, sql`held.profile_id`, sql`held.tag_id`)}) entry on true
      left join app_user on app_user.id = entry.user_id
      where held.section_id = ${sectionId} and held.profile_id = ${id}
      order by tag.name_key`,
  );
  return held.map((tag) => ({
    ...tag,
    source: tag.source === null ? null : sourceOf(tag.source),
    alsoSet: tag.alsoSet === null || tag.lists.length === 0 ? null : sourceOf(tag.alsoSet),
  }));
}

/** Profiles with one of the same keys in other sections that the viewer may see. */
export function sameKeysElsewhere(
  db: Db,
  sections: readonly SectionId[],
  keys: readonly ProfileKey[],
): Promise<{ section: string; slug: string; profileId: ProfileId }[]> {
  if (sections.length === 0 || keys.length === 0) return Promise.resolve([]);
  return rows(
    db,
    sql`
      select distinct section.name as section, section.slug, found.profile_id as "profileId"
      from unnest(${keys.map((key) => key.keyspaceId)}::int[], ${keys.map((key) => key.key)}::text[]) wanted (keyspace_id, key)
      cross join unnest(${sections}::int[]) other (section_id)
      join profile_key found
        on found.section_id = other.section_id and found.keyspace_id = wanted.keyspace_id and found.key = wanted.key
      join section on section.id = other.section_id
      order by section.name`,
  );
}
