// Undoes a bulk operation's tag changes, or those of its undo: applies the inverse of the ledger rows, except for what
// has changed since.
import { asParameter } from '@/lib/db/as-parameter';
import { execute, one, sql, type Sql, type Tx } from '@/lib/db/sql';
import type { OperationId, SectionId } from '@/lib/db/ids';
import { recordExceptions } from '@/lib/work/undo-exceptions';
import { SOURCES } from './source';
import { changeClaims, changeTags, wantedClaims, wantedPairs, type Cause } from './change';

/** What one step of an undo did. Counts are of (profile, tag) pairs. */
export type UndoneTags = {
  /** The last ledger id that the step read; the next step starts after it. */
  cursor: number;
  looked: number;
  undone: number;
  /** Changed by somebody since, so left as it is. */
  kept: number;
  /** The tag has been hidden or the profile deleted. */
  impossible: number;
};

/**
 * What an undo or a redo reverts: the changes of `ids`. For an undo that is the operation; for a redo, the undo with
 * earlier attempts that were stopped. `own`: the operation with all of its undos and redos: what they changed was not
 * changed by others. `attempts`: earlier, stopped attempts of the same undo or redo.
 */
export type Undone = {
  kind: 'undo' | 'redo';
  ids: readonly OperationId[];
  own: readonly OperationId[];
  attempts: readonly OperationId[];
};

/** A condition: the history row is of what is reverted. */
export const isUndone = (row: Sql, { ids }: Undone): Sql =>
  // One id alone, so that the index gives its rows in order.
  ids.length === 1 ? sql`${row}.operation_id = ${ids[0]}` : sql`${row}.operation_id = any(${ids}::int[])`;

/** A condition: the history row is not of the operation or one of its undos and redos. */
export const byOthers = (row: Sql, { own }: Undone): Sql =>
  sql`(${row}.operation_id is null or ${row}.operation_id <> all(${own}::int[]))`;

/**
 * Ledger rows of what is reverted, each with the decision. `batch`: a relation with `id, profile_id, tag_id, holder_id,
 * action`. `repeated`: a later row of the same pair, which is not counted again. `returns`: a condition on a deleted
 * profile, `batch.profile_id`: it will have been created again by then.
 */
export function judgedPairs(
  sectionId: SectionId,
  batch: Sql,
  undone: Undone,
  { includeHidden = false, returns = sql`false` }: { includeHidden?: boolean; returns?: Sql } = {},
): Sql {
  const gone = sql`(profile.id is null and not ${returns})`;
  return sql`
    select
      batch.*,
      ${gone} as gone,
      ${gone} or (tag.hidden_at is not null and not ${includeHidden}) as impossible,
      coalesce(others.earlier, false) as repeated,
      case when others.later then ${isChanged(sectionId, undone)} else false end as changed_since
    from ${batch} batch
    join tag on tag.section_id = ${sectionId} and tag.id = batch.tag_id
    left join profile on profile.section_id = ${sectionId} and profile.id = batch.profile_id
    cross join lateral (
      select
        bool_or(other.id < batch.id and ${isUndone(sql`other`, undone)}) as earlier,
        bool_or(other.id > batch.id and ${byOthers(sql`other`, undone)}) as later
      from tag_change other
      where other.section_id = ${sectionId}
        and other.profile_id = batch.profile_id
        and other.tag_id = batch.tag_id
        and other.holder_id = batch.holder_id
    ) others`;
}

/**
 * Whether the changes that others made after `batch` have left its pair in another state. A change that was undone
 * leaves it as it was; undone and made again, it counts. Every change of a pair is the opposite of the one before, so a
 * change with its undos and redos is without effect if they are even in number.
 */
const isChanged = (sectionId: SectionId, undone: Undone): Sql => sql`
  exists (
    select
    from (
      select count(*) filter (where other.source <> ${SOURCES.undo}) over (order by other.id) as change
      from tag_change other
      where other.section_id = ${sectionId}
        and other.profile_id = batch.profile_id
        and other.tag_id = batch.tag_id
        and other.holder_id = batch.holder_id
        and other.id > batch.id
        and ${byOthers(sql`other`, undone)}
    ) since
    group by change
    having count(*) % 2 = 1
  )`;

/**
 * Reverts up to `limit` ledger rows, starting after ledger id `after`. Returns each pair to its state before their first
 * change of it. What it leaves is recorded in `undo_exception` under the operation of
 * `cause`, except for erased people, who are unknown.
 */
export async function undoTagChanges(
  tx: Tx,
  cause: Cause & { operationId: OperationId },
  undone: Undone,
  { after, limit }: { after: number; limit: number },
): Promise<UndoneTags> {
  await execute(tx, sql`drop table if exists undo_ledger, undo_batch`);
  await execute(
    tx,
    sql`
      create temporary table undo_ledger on commit drop as
      select id, profile_id, tag_id, holder_id, action
      from tag_change ledger
      where section_id = ${cause.sectionId} and ${isUndone(sql`ledger`, undone)} and id > ${after}
      order by id
      limit ${limit}`,
  );
  await lockPairs(tx, cause.sectionId);
  await execute(
    tx,
    sql`
      create temporary table undo_batch on commit drop as
      ${judgedPairs(cause.sectionId, sql`undo_ledger`, undone, cause)}`,
  );
  const judged = await one<Omit<UndoneTags, 'undone'> & { undoable: number; claims: number }>(
    tx,
    sql`
      select
        coalesce(max(id), ${after}::bigint) as cursor,
        count(*) as looked,
        count(*) filter (where impossible and not repeated) as impossible,
        count(*) filter (where changed_since and not impossible and not repeated) as kept,
        count(*) filter (where not changed_since and not impossible and not repeated) as undoable,
        count(*) filter (where not changed_since and not impossible and not repeated and holder_id <> 0) as claims
      from undo_batch`,
  );
  const undoable = sql`from undo_batch where not changed_since and not impossible and not repeated`;
  if (judged.undoable > judged.claims) {
    const pairs = sql`select profile_id, tag_id, action = -1 as apply ${undoable} and holder_id = 0`;
    // A claim that a list made since is not part of the operation, so it stays.
    await changeTags(tx, cause, wantedPairs(pairs, { removes: true }), { keepClaims: true });
  }
  if (judged.claims > 0) {
    const claims = sql`select profile_id, tag_id, holder_id, action = -1 as apply ${undoable} and holder_id <> 0`;
    const suppress = undone.kind === 'redo' && !(await endsClaims(tx, cause.sectionId, undone));
    await changeClaims(tx, cause, wantedClaims(claims), { lift: true, suppress, keepSuppressed: true });
  }
  if (judged.kept + judged.impossible > 0) {
    await recordExceptions(
      tx,
      cause,
      sql`
        select profile_id, tag_id,
          case when gone then 'gone' when impossible then 'hidden' else 'changed_since' end as reason
        from undo_batch
        where (changed_since or impossible) and not repeated and profile_id is not null
        order by id`,
    );
  }
  const { cursor, looked, kept, impossible } = judged;
  return { cursor, looked, kept, impossible, undone: judged.undoable };
}

/** Kinds of operations that take tags off by ending the claims of lists. All others suppress them, and so do their redos. */
const ENDING = ['sync', 'remove_list_tag'];

async function endsClaims(tx: Tx, sectionId: SectionId, { own }: Undone): Promise<boolean> {
  const { ends } = await one<{ ends: boolean }>(
    tx,
    sql`
      select coalesce(bool_or(kind = any(${ENDING}::text[])), false) as ends from operation
      where section_id = ${sectionId} and id = any(${own}::int[])`,
  );
  return ends;
}

/**
 * Makes concurrent writers of these pairs wait, so that what the next statement reads stays true. Locks the rows of
 * tags that are present; for absent tags, which have no row, the profile.
 */
async function lockPairs(tx: Tx, sectionId: SectionId): Promise<void> {
  const pairs = await asParameter(
    tx,
    sql`select tag_id, profile_id, action from undo_ledger`,
    sql`tag_id int, profile_id bigint, action int`,
  );
  await execute(
    tx,
    sql`
      select from tag
      where section_id = ${sectionId} and id in (select tag_id from (${pairs}) pairs)
      order by id
      for key share`,
  );
  await execute(
    tx,
    sql`
      select from profile
      where section_id = ${sectionId} and id in (select profile_id from (${pairs}) pairs where action = -1)
      order by id
      for update`,
  );
  await execute(
    tx,
    sql`
      select from profile_tag held
      where held.section_id = ${sectionId}
        and (held.tag_id, held.profile_id) in (select tag_id, profile_id from (${pairs}) pairs)
      order by held.tag_id, held.profile_id
      for update`,
  );
}
