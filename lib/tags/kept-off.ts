// Suppressed claims: somebody removed a tag that a list holds, so the list cannot bring it back.
import type { ClaimHolderId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { execute, rows, sql, type Tx } from '@/lib/db/sql';

/** A claim of a list on a tag of a profile. */
export type Claim = { profileId: ProfileId; holderId: ClaimHolderId };

/**
 * Forgets that a tag was removed from these people, so that their lists can claim it again. Nobody gets the tag by this.
 * Returns what was forgotten.
 */
export function forgetRemovals(
  tx: Tx,
  sectionId: SectionId,
  { tagId, profileIds }: { tagId: TagId; profileIds: readonly ProfileId[] },
): Promise<Claim[]> {
  return rows<Claim>(
    tx,
    sql`
      delete from tag_claim
      where section_id = ${sectionId} and tag_id = ${tagId} and profile_id = any(${profileIds}::bigint[]) and suppressed
      returning profile_id as "profileId", holder_id as "holderId"`,
  );
}

/**
 * Takes `forgetRemovals` back. A claim that its list has started again in between stays. Returns how many claims are
 * suppressed again.
 */
export async function suppressAgain(
  tx: Tx,
  sectionId: SectionId,
  { tagId, claims }: { tagId: TagId; claims: readonly Claim[] },
): Promise<number> {
  // By what it returns: on Citus the number of affected rows includes those that were there already.
  const suppressed = await rows(
    tx,
    sql`
      insert into tag_claim (section_id, tag_id, profile_id, holder_id, suppressed)
      select ${sectionId}::int, ${tagId}::int, profile.id, claim.holder_id, true
      from unnest(
        ${claims.map(({ profileId }) => profileId)}::bigint[], ${claims.map(({ holderId }) => holderId)}::int[]
      ) claim (profile_id, holder_id)
      join profile on profile.section_id = ${sectionId} and profile.id = claim.profile_id
      join connection_list list
        on list.section_id = ${sectionId} and list.tag_id = ${tagId} and list.holder_id = claim.holder_id
      order by profile.id, claim.holder_id
      for key share of profile
      on conflict (section_id, tag_id, profile_id, holder_id) do nothing
      returning profile_id`,
  );
  return suppressed.length;
}

/** Whoever is kept off a tag as a member of one list is kept off it as a member of another, which takes the place of the first. */
export async function passOnRemovals(
  tx: Tx,
  sectionId: SectionId,
  { tagId, from, to }: { tagId: TagId; from: ClaimHolderId; to: ClaimHolderId },
): Promise<void> {
  await execute(
    tx,
    sql`
      update tag_claim set holder_id = ${to}
      where section_id = ${sectionId} and tag_id = ${tagId} and holder_id = ${from} and suppressed`,
  );
}
