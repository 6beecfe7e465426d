// What happens to the tags of profiles that are merged or erased.
import type { ProfileId } from '@/lib/db/ids';
import { execute, sql, type Tx } from '@/lib/db/sql';
import { changeClaims, changeTags, wantedClaims, wantedPairs, type Cause } from './change';

/**
 * Moves the tags of merged profiles to `into`, including hidden ones, by the same claims. A claim suppressed on one of
 * them (somebody removed the tag) stays suppressed on `into`.
 */
export async function moveTags(
  tx: Tx,
  cause: Omit<Cause, 'source'>,
  { from, into }: { from: readonly ProfileId[]; into: ProfileId },
): Promise<void> {
  const { sectionId } = cause;
  const theirs = sql`section_id = ${sectionId} and profile_id = any(${from}::bigint[])`;
  const merge: Cause = { ...cause, source: 'merge', includeHidden: true, startsFlows: false };
  await execute(
    tx,
    sql`
      insert into tag_claim (section_id, tag_id, profile_id, holder_id, suppressed)
      select section_id, tag_id, ${into}::bigint, holder_id, true
      from tag_claim
      where ${theirs}
      group by section_id, tag_id, holder_id
      having bool_and(suppressed)
      on conflict do nothing`,
  );
  await changeClaims(
    tx,
    merge,
    wantedClaims(sql`
      select ${into}::bigint as profile_id, tag_id, holder_id, true as apply
      from tag_claim
      where ${theirs} and not suppressed`),
  );
  await changeTags(
    tx,
    merge,
    wantedPairs(
      sql`
        select ${into}::bigint as profile_id, tag_id, true as apply from profile_tag where ${theirs} and direct
        union all
        select profile_id, tag_id, false from profile_tag where ${theirs}`,
      { removes: true },
    ),
  );
  await execute(tx, sql`delete from tag_claim where ${theirs}`);
}

/**
 * Removes all tags of erased people, including hidden ones, and their ids from the ledger. `formerly`: the profiles
 * that were merged into these.
 */
export async function eraseTags(
  tx: Tx,
  cause: Omit<Cause, 'source'>,
  profileIds: readonly ProfileId[],
  formerly: readonly ProfileId[],
): Promise<void> {
  const { sectionId } = cause;
  const theirs = sql`section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`;
  const held = sql`select profile_id, tag_id, false as apply from profile_tag where ${theirs}`;
  const erasure: Cause = { ...cause, source: 'erasure', includeHidden: true, startsFlows: false };
  await changeTags(tx, erasure, wantedPairs(held, { removes: true }));
  await execute(tx, sql`delete from tag_claim where ${theirs}`);
  await execute(
    tx,
    sql`update tag_change set profile_id = null
        where section_id = ${sectionId} and profile_id = any(${[...profileIds, ...formerly]}::bigint[])`,
  );
}
