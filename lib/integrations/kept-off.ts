// Who is kept off a tag: somebody removed it from them by hand, and a list that keeps the tag would give it back.
import type { AttributeValues } from '@/lib/attributes/schema';
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { profileName, type ProfileKey } from '@/lib/profiles/schema';
import { joinLists, LIST_NAME } from '@/lib/tags/held-by';
import { throughOf } from '@/lib/tags/origin';
import type { TagLabel } from '@/lib/tags/schema';
import { sourceInWords, sourceOf } from '@/lib/tags/source';

/** `lists`: by name. `by`: how it was removed, in words; null if that is not known. `at`: ISO 8601. */
export type KeptOffPerson = {
  profileId: ProfileId;
  name: string;
  lists: string[];
  by: string | null;
  at: string | null;
};

/** Suppressed claims of lists that still keep the tag, on people who do not have it from elsewhere. */
const keptOff = (sectionId: SectionId, tagId: TagId): Sql => sql`
  from tag_claim claim
  ${joinLists(sectionId)}
  where claim.section_id = ${sectionId} and claim.tag_id = ${tagId} and claim.suppressed
    and not exists (
      select from profile_tag held
      where held.section_id = ${sectionId} and held.tag_id = ${tagId} and held.profile_id = claim.profile_id
    )`;

/** How many people are kept off a tag. */
export async function countKeptOff(db: Db, sectionId: SectionId, tagId: TagId): Promise<number> {
  const { people } = await one<{ people: number }>(
    db,
    sql`select count(distinct claim.profile_id) as people ${keptOff(sectionId, tagId)}`,
  );
  return people;
}

/** A tag that somebody removed from a person, and that lists keep off them since. `lists`: their names. */
export type KeptOffTag = { tag: TagLabel; lists: string[] };

/** The tags that a person is kept off, by name. */
export function keptOffTags(db: Db, sectionId: SectionId, profileId: ProfileId): Promise<KeptOffTag[]> {
  return rows<KeptOffTag>(
    db,
    sql`
      select json_build_object('id', tag.id, 'name', tag.name, 'colour', tag.colour) as tag,
        array_agg(${LIST_NAME} order by ${LIST_NAME}) as lists
      from tag_claim claim
      ${joinLists(sectionId)}
      join tag on tag.section_id = ${sectionId} and tag.id = claim.tag_id and tag.hidden_at is null
      where claim.section_id = ${sectionId} and claim.profile_id = ${profileId} and claim.suppressed
        and not exists (
          select from profile_tag held
          where held.section_id = ${sectionId} and held.tag_id = claim.tag_id and held.profile_id = ${profileId}
        )
      group by tag.id, tag.name, tag.colour
      order by lower(tag.name), tag.id`,
  );
}

/** The ids of the next people who are kept off, after the profile `after`, at most `limit`. */
export async function nextKeptOff(
  db: Db,
  sectionId: SectionId,
  tagId: TagId,
  { after, limit }: { after: number; limit: number },
): Promise<ProfileId[]> {
  const found = await rows<{ id: ProfileId }>(
    db,
    sql`
      select distinct claim.profile_id as id ${keptOff(sectionId, tagId)} and claim.profile_id > ${after}
      order by claim.profile_id
      limit ${limit}`,
  );
  return found.map(({ id }) => id);
}

/** A page of the people who are kept off, in the order of their profiles' ids. `after`: the last profile before it. */
export async function listKeptOff(
  db: Db,
  sectionId: SectionId,
  tagId: TagId,
  { after, limit }: { after: number; limit: number },
): Promise<KeptOffPerson[]> {
  const found = await rows<{
    profileId: ProfileId;
    attributes: AttributeValues;
    keys: ProfileKey[];
    lists: string[];
    at: Date | null;
    source: number | null;
    by: string | null;
    through: string | null;
  }>(
    db,
    sql`
      with kept as materialized (
        select claim.profile_id, array_agg(${LIST_NAME} order by ${LIST_NAME}) as lists,
          array_agg(claim.holder_id) as holders
        ${keptOff(sectionId, tagId)} and claim.profile_id > ${after}
        group by claim.profile_id
        order by claim.profile_id
        limit ${limit}
      )
      select kept.profile_id as "profileId", profile.attributes, kept.lists, entry.at, entry.source,
        app_user.name as by, ${throughOf(sectionId, sql`entry`)} as through,
        coalesce((
          select json_agg(json_build_object('keyspaceId', profile_key.keyspace_id, 'key', key) order by keyspace_id)
          from profile_key
          join keyspace on keyspace.id = profile_key.keyspace_id and keyspace.kind <> 'integration'
          where profile_key.section_id = ${sectionId} and profile_key.profile_id = kept.profile_id
        ), '[]') as keys
      from kept
      join profile on profile.section_id = ${sectionId} and profile.id = kept.profile_id
      left join lateral (
        select change.* from tag_change change
        where change.section_id = ${sectionId} and change.profile_id = kept.profile_id and change.tag_id = ${tagId}
          and change.action = -1 and change.holder_id = any(kept.holders)
        order by change.id desc
        limit 1
      ) entry on true
      left join app_user on app_user.id = entry.user_id
      order by kept.profile_id`,
  );
  return found.map(({ profileId, attributes, keys, lists, at, source, by, through }) => ({
    profileId,
    name: profileName(profileId, attributes, keys),
    lists,
    by: source === null ? null : sourceInWords({ source: sourceOf(source), by, through }),
    at: at?.toISOString() ?? null,
  }));
}
