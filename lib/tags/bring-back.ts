// Takes back that a person removed tags from a profile: each claim that held the tag holds it again.
import type { ProfileId, TagId } from '@/lib/db/ids';
import { rows, sql, type Tx } from '@/lib/db/sql';
import { changeClaims, changeTags, wantedClaims, wantedForOne, type Cause } from './change';

/**
 * Brings back tags whose last change on the profile was their removal by the person of `cause`. Claims of lists that the
 * removal suppressed start again. Returns how many tags the profile has again. The caller has locked the profile.
 */
export async function bringBack(
  tx: Tx,
  cause: Cause,
  profileId: ProfileId,
  tagIds: readonly TagId[],
): Promise<{ applied: number }> {
  const { sectionId } = cause;
  const held = await rows<{ tagId: TagId; holderId: number }>(
    tx,
    sql`
      select entry.tag_id as "tagId", entry.holder_id as "holderId"
      from unnest(${tagIds}::int[]) wanted (tag_id)
      cross join lateral (
        select change.at from tag_change change
        where change.section_id = ${sectionId} and change.profile_id = ${profileId}
          and change.tag_id = wanted.tag_id and change.visible
        order by change.id desc
        limit 1
      ) removal
      join tag_change entry
        on entry.section_id = ${sectionId} and entry.profile_id = ${profileId} and entry.tag_id = wanted.tag_id
      where entry.at = removal.at and entry.action = -1 and entry.user_id = ${cause.userId}`,
  );
  const direct = held.filter(({ holderId }) => holderId === 0).map(({ tagId }) => tagId);
  const claims = held.filter(({ holderId }) => holderId !== 0);
  const given = await changeTags(tx, cause, wantedForOne(profileId, { apply: direct, remove: [] }));
  if (claims.length === 0) return given;
  const claimed = sql`
    select ${profileId}::bigint as profile_id, claim.tag_id, claim.holder_id, true as apply
    from unnest(${claims.map(({ tagId }) => tagId)}::int[], ${claims.map(({ holderId }) => holderId)}::int[])
      claim (tag_id, holder_id)`;
  const { applied } = await changeClaims(tx, cause, wantedClaims(claimed), { lift: true });
  return { applied: given.applied + applied };
}
