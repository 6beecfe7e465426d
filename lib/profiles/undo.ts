// Undoes what a bulk operation (an import) did to profiles: restores values unless they have changed since, and deletes
// the profiles that it created unless something has happened to them since. A redo reverts the undo in the same way, and
// creates the profiles again.
import type { OperationId, SectionId, UserId } from '@/lib/db/ids';
import { asParameter } from '@/lib/db/as-parameter';
import { execute, one, sql, type Sql, type Tx } from '@/lib/db/sql';
import { isUndone, type Undone } from '@/lib/tags/undo';
import { recordExceptions } from '@/lib/work/undo-exceptions';
import { changeProfiles, deleteProfiles } from './change';
import { isLocked } from './locks';
import { keepUndone } from './undone';

export type UndoneProfiles = { cursor: number; looked: number; removed: number; restored: number; kept: number };

type Undo = {
  sectionId: SectionId;
  undone: Undone;
  undoOperationId: OperationId;
  userId: UserId | null;
  /** A condition: something has happened to a profile since, so the undo keeps it although the operation created it. */
  stays: (profileId: Sql) => Sql;
};

/** Whether an earlier, stopped attempt has restored values of the profile. */
export function restoredBy(sectionId: SectionId, profileId: Sql, { attempts }: Undone): Sql {
  return sql`exists (
    select from profile_change change
    where change.section_id = ${sectionId} and change.profile_id = ${profileId}
      and change.operation_id = any(${attempts}::int[])
  )`;
}

/**
 * Reverts up to `limit` profile changes, newest first. Tags must be undone before. What is kept is
 * recorded in `undo_exception`.
 */
export async function undoProfileChanges(
  tx: Tx,
  { sectionId, undone, undoOperationId, userId, stays }: Undo,
  { after, limit }: { after: number; limit: number },
): Promise<UndoneProfiles> {
  await execute(tx, sql`drop table if exists undo_changes, undo_profiles`);
  await execute(
    tx,
    sql`
      create temporary table undo_changes on commit drop as
      select id, profile_id, created, before, after
      from profile_change change
      where section_id = ${sectionId} and ${isUndone(sql`change`, undone)}
        ${after > 0 ? sql`and id < ${after}` : sql``}
      order by id desc
      limit ${limit}`,
  );
  const changes = await asParameter(
    tx,
    sql`select id, profile_id, created, before, after from undo_changes`,
    sql`id bigint, profile_id bigint, created boolean, before jsonb, after jsonb`,
  );
  // From here on, other writers of these profiles wait; the next statement sees what they wrote before.
  await execute(
    tx,
    sql`
      select from profile
      where section_id = ${sectionId} and id in (select profile_id from (${changes}) changes)
      order by id
      for update`,
  );
  const profileId = sql`batch.profile_id`;
  await execute(
    tx,
    sql`
      create temporary table undo_profiles on commit drop as
      select batch.*,
        batch.created and ${stays(profileId)} as stays,
        not batch.created and ${restoredBy(sectionId, profileId, undone)} as restored_earlier
      from (${changes}) batch`,
  );
  const leaving = sql`select profile_id from undo_profiles where created and not stays`;
  await keepUndone(tx, { sectionId, operationId: undoOperationId }, leaving);
  const removed = await deleteProfiles(tx, sectionId, leaving);
  const restored = await restoreValues(tx, { sectionId, undoOperationId, userId });
  await recordExceptions(
    tx,
    { sectionId, operationId: undoOperationId },
    sql`
      select distinct undone.profile_id, null::int as tag_id, 'changed_since' as reason
      from undo_profiles undone
      where case
        when undone.created then undone.stays
        when undone.restored_earlier then false
        else not exists (select from undo_values restored where restored.profile_id = undone.profile_id)
      end`,
  );
  const { looked, cursor, created, changed } = await one<{
    looked: number;
    cursor: number;
    created: number;
    changed: number;
  }>(
    tx,
    sql`
      select count(*) as looked, coalesce(min(id), 0)::bigint as cursor,
        count(*) filter (where created) as created, count(*) filter (where not created and not restored_earlier) as changed
      from undo_profiles`,
  );
  return { cursor, looked, removed, restored, kept: created - removed + (changed - restored) };
}

/**
 * `profile_id, code, before, latest` for each value and key that is still as an operation set it. `changes` selects its
 * rows of `profile_change`; if there are several for a value, the oldest has the value to restore.
 */
export function returnableValues(sectionId: SectionId, changes: Sql): Sql {
  return sql`
    with changed as (
      select undone.profile_id, value.key as code, undone.before -> value.key as before,
        first_value(value.value) over (partition by undone.profile_id, value.key order by undone.id desc) as latest,
        row_number() over (partition by undone.profile_id, value.key order by undone.id) as oldest
      from (${changes}) undone
      cross join jsonb_each(undone.after) value
    )
    select changed.profile_id, changed.code, changed.before, changed.latest
    from changed
    join profile on profile.section_id = ${sectionId} and profile.id = changed.profile_id
    left join profile_key key
      on changed.code like 'key:%'
      and key.section_id = ${sectionId} and key.profile_id = changed.profile_id
      and 'key:' || key.keyspace_id = changed.code
    where changed.oldest = 1
      and coalesce(changed.latest, 'null') = coalesce(
        case when changed.code like 'key:%' then to_jsonb(key.key) else profile.attributes -> changed.code end,
        'null'
      )`;
}

/**
 * Restores each value and key that is still as the operation set it, to its state before the oldest change. A replaced
 * key is not restored if it is locked or another profile has it now. Returns the number of profiles with something to
 * restore.
 */
async function restoreValues(
  tx: Tx,
  { sectionId, undoOperationId, userId }: Omit<Undo, 'undone' | 'stays'>,
): Promise<number> {
  await execute(tx, sql`drop table if exists undo_values`);
  await execute(
    tx,
    sql`
      create temporary table undo_values on commit drop as
      ${returnableValues(sectionId, sql`select * from undo_profiles where not created and not restored_earlier`)}`,
  );
  const values = await asParameter(
    tx,
    sql`select profile_id, code, before from undo_values`,
    sql`profile_id bigint, code text, before jsonb`,
  );
  const [keyspaceId, key] = [sql`substr(code, 5)::int`, sql`before #>> '{}'`];
  await changeProfiles(
    tx,
    { sectionId, source: 'undo', userId, operationId: undoOperationId, startsFlows: false },
    {
      values: sql`
        select profile_id, coalesce(jsonb_object_agg(code, before) filter (where code not like 'key:%'), '{}') as attributes
        from undo_values
        group by profile_id`,
      keys: sql`
        select profile_id, ${keyspaceId} as keyspace_id, 0 as slot,
          (select ${key} where not ${isLocked(sectionId, keyspaceId, key)}) as key
        from (${values}) undo_values
        where code like 'key:%'`,
    },
  );
  const { restored } = await one<{ restored: number }>(
    tx,
    sql`select count(distinct profile_id) as restored from undo_values`,
  );
  return restored;
}
