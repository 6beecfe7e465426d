// Who has a tag, by when they got it.
import type { AttributeValues } from '@/lib/attributes/schema';
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { isApplication, throughOf } from '@/lib/tags/origin';
import { sourceInWords, sourceOf } from '@/lib/tags/source';
import { profileName, type ProfileKey } from './schema';

/** A profile with a tag. `since`: ISO 8601; `source`: in words. */
export type Holder = { profileId: ProfileId; name: string; since: string; source: string };

/** So many of the newest applications are looked at: a tag that was taken from nearly everyone shows fewer holders than it has. */
const LOOKED_AT = 2_000;

/** The profiles that got a tag last and still have it, the newest first. */
export async function newestHolders(db: Db, sectionId: SectionId, tagId: TagId, most = 20): Promise<Holder[]> {
  const found = await rows<{
    profileId: ProfileId;
    attributes: AttributeValues;
    keys: ProfileKey[];
    since: Date;
    source: number;
    by: string | null;
    through: string | null;
  }>(
    db,
    sql`
      with came as materialized (
        select came.id, came.profile_id, came.at
        from tag_change came
        where came.section_id = ${sectionId} and came.tag_id = ${tagId} and ${isApplication(sql`came`)}
        order by came.at desc, came.profile_id desc
        limit ${LOOKED_AT}
      ),
      latest as (
        select distinct on (came.profile_id) came.id, came.profile_id, came.at
        from came
        join profile_tag held
          on held.section_id = ${sectionId} and held.tag_id = ${tagId} and held.profile_id = came.profile_id
        order by came.profile_id, came.at desc, came.id desc
      ),
      shown as (select * from latest order by at desc, id desc limit ${most})
      select shown.profile_id as "profileId", profile.attributes, shown.at as since, entry.source,
        app_user.name as by, ${throughOf(sectionId, sql`entry`)} as through,
        coalesce((
          select json_agg(json_build_object('keyspaceId', keyspace_id, 'key', key) order by keyspace_id)
          from profile_key
          where profile_key.section_id = ${sectionId} and profile_key.profile_id = shown.profile_id
        ), '[]') as keys
      from shown
      join tag_change entry on entry.section_id = ${sectionId} and entry.id = shown.id
      join profile on profile.section_id = ${sectionId} and profile.id = shown.profile_id
      left join app_user on app_user.id = entry.user_id
      order by shown.at desc, shown.id desc`,
  );
  return found.map(({ profileId, attributes, keys, since, source, by, through }) => ({
    profileId,
    name: profileName(profileId, attributes, keys),
    since: since.toISOString(),
    source: sourceInWords({ source: sourceOf(source), by, through }),
  }));
}
