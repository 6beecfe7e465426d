// What merging tag A into B does to the people who have A: they get B by the same claims. Those who have A directly get
// B directly; a list's claim stays that list's claim, so that the list can remove B again.
import type { OperationId, SectionId, TagId } from '@/lib/db/ids';
import { execute, one, sql, type Sql, type Tx } from '@/lib/db/sql';
import { allowClaims, changeClaims, changeTags, wantedClaims, wantedPairs, type Cause } from './change';
import { groupOfTag } from './group';

type MergedTags = { fromId: TagId; intoId: TagId };
type MergeCause = Cause & { operationId: OperationId };

/**
 * Allows lists to claim B if they may claim A. Returns whether this is new: then it must be committed before B is
 * applied (see `changeClaims`).
 */
export async function allowMergedClaims(
  tx: Tx,
  sectionId: SectionId,
  { fromId, intoId }: MergedTags,
): Promise<boolean> {
  const { opens } = await one<{ opens: boolean }>(
    tx,
    sql`
      select bool_or(id = ${fromId} and has_claims) and bool_or(id = ${intoId} and not has_claims) as opens
      from tag
      where section_id = ${sectionId} and id in (${fromId}, ${intoId})`,
  );
  if (opens) await allowClaims(tx, sectionId, intoId);
  return opens;
}

/**
 * Applies B to profiles with A: to all, or to those with a profile id above `after` and up to `upTo`. Returns how many
 * did not have B before.
 */
export async function applyMerged(
  tx: Tx,
  cause: MergeCause,
  { fromId, intoId }: MergedTags,
  range: { after: number; upTo: number } | 'all',
): Promise<number> {
  const { sectionId } = cause;
  const inRange = (row: Sql) =>
    range === 'all' ? sql`` : sql`and ${row}.profile_id > ${range.after} and ${row}.profile_id <= ${range.upTo}`;
  const direct = sql`
    select held.profile_id, ${intoId}::int as tag_id, true as apply
    from profile_tag held
    where held.section_id = ${sectionId} and held.tag_id = ${fromId} and held.direct ${inRange(sql`held`)}
      and not exists (
        select from profile_tag already
        where already.section_id = ${sectionId} and already.tag_id = ${intoId}
          and already.profile_id = held.profile_id and already.direct
      )`;
  const claimed = sql`
    select claim.profile_id, ${intoId}::int as tag_id, claim.holder_id, true as apply
    from tag_claim claim
    where claim.section_id = ${sectionId} and claim.tag_id = ${fromId} and not claim.suppressed ${inRange(sql`claim`)}
      and exists (select from tag where tag.section_id = ${sectionId} and tag.id = ${intoId} and tag.has_claims)
      and not exists (
        select from tag_claim already
        where already.section_id = ${sectionId} and already.tag_id = ${intoId}
          and already.profile_id = claim.profile_id and already.holder_id = claim.holder_id
      )`;
  const given = await changeTags(tx, cause, wantedPairs(direct, { removes: false }));
  const claims = await changeClaims(tx, cause, wantedClaims(claimed));
  return given.applied + claims.applied;
}

/**
 * Removes B from profiles that lost A after an earlier step applied B, unless B has been changed since. Returns how
 * many no longer have B. A profile keeps B if another list claims it.
 */
export async function revertMerged(tx: Tx, cause: MergeCause, { fromId, intoId }: MergedTags): Promise<number> {
  const { sectionId, operationId } = cause;
  const lost = (columns: Sql, which: Sql) => sql`
    select given.profile_id, given.tag_id, ${columns}, false as apply
    from tag_change given
    where given.section_id = ${sectionId} and given.operation_id = ${operationId} and given.tag_id = ${intoId}
      and given.action = 1 and given.profile_id is not null and ${which}
      and not exists (
        select from tag_change later
        where later.section_id = ${sectionId} and later.profile_id = given.profile_id and later.tag_id = ${intoId}
          and later.holder_id = given.holder_id and later.id > given.id
      )`;
  const claims = lost(
    sql`given.holder_id`,
    sql`given.holder_id <> 0
      and not exists (
        select from tag_claim still
        where still.section_id = ${sectionId} and still.tag_id = ${fromId} and still.profile_id = given.profile_id
          and still.holder_id = given.holder_id and not still.suppressed
      )`,
  );
  const direct = lost(
    sql`0 as holder_id`,
    sql`given.holder_id = 0
      and not exists (
        select from profile_tag held
        where held.section_id = ${sectionId} and held.tag_id = ${fromId} and held.profile_id = given.profile_id
          and held.direct
      )`,
  );
  const ended = await changeClaims(tx, cause, wantedClaims(claims));
  const removed = await changeTags(tx, cause, wantedPairs(direct, { removes: true }), { keepClaims: true });
  return ended.removed + removed.removed;
}

/** Copies suppressed claims: if somebody removed A from a profile, the list does not bring it back as B. */
export async function copySuppressedClaims(
  tx: Tx,
  sectionId: SectionId,
  { fromId, intoId }: MergedTags,
): Promise<void> {
  await execute(
    tx,
    sql`
      insert into tag_claim (section_id, tag_id, profile_id, holder_id, suppressed)
      select ${sectionId}::int, ${intoId}::int, claim.profile_id, claim.holder_id, true
      from tag_claim claim
      join profile on profile.section_id = ${sectionId} and profile.id = claim.profile_id
      where claim.section_id = ${sectionId} and claim.tag_id = ${fromId} and claim.suppressed
      order by claim.profile_id, claim.holder_id
      for key share of profile
      on conflict (section_id, tag_id, profile_id, holder_id) do nothing`,
  );
}

/** The other tag inherits the colour and chosen group of a merged one if it has none of its own. */
export async function inheritLooks(
  tx: Tx,
  sectionId: SectionId,
  { fromId, intoId }: { fromId: TagId; intoId: TagId },
): Promise<void> {
  await execute(
    tx,
    sql`
      update tag set
        colour = coalesce(tag.colour, merged.colour),
        group_name = case when ${groupOfTag} = '' then merged.group_name else tag.group_name end
      from tag merged
      where tag.section_id = ${sectionId} and tag.id = ${intoId}
        and merged.section_id = ${sectionId} and merged.id = ${fromId}`,
  );
}
