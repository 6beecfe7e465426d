// Undo of what a bulk operation (an import) did to profiles: values return unless they changed since, and profiles that
// it made go unless something touched them since.
import type { OperationId, SectionId, UserId } from '@/lib/db/ids';
import { execute, one, sql, type Tx } from '@/lib/db/sql';
import { SOURCES } from '@/lib/tags/source';

export type UndoneProfiles = { cursor: number; looked: number; removed: number; restored: number; kept: number };

type Undo = { sectionId: SectionId; operationId: OperationId; undoOperationId: OperationId; userId: UserId | null };

/** Undoes up to `limit` profile changes of an operation, from its newest to its oldest; tags must be undone before. */
export async function undoProfileChanges(
  tx: Tx,
  { sectionId, operationId, undoOperationId, userId }: Undo,
  { after, limit }: { after: number; limit: number },
): Promise<UndoneProfiles> {
  await execute(tx, sql`drop table if exists undo_profiles`);
  await execute(
    tx,
    sql`
      create temporary table undo_profiles on commit drop as
      with batch as materialized (
        select id, profile_id, created, before, after
        from profile_change
        where section_id = ${sectionId} and operation_id = ${operationId}
          ${after > 0 ? sql`and id < ${after}` : sql``}
        order by id desc
        limit ${limit}
      )
      select batch.*,
        exists (
          select from profile_change later
          where later.section_id = ${sectionId} and later.profile_id = batch.profile_id and later.id > batch.id
            and later.operation_id is distinct from ${operationId}::int
            and later.operation_id is distinct from ${undoOperationId}::int
        )
        or exists (select from profile_tag held where held.section_id = ${sectionId} and held.profile_id = batch.profile_id)
        or exists (
          select from tag_change later
          where later.section_id = ${sectionId} and later.profile_id = batch.profile_id
            and later.operation_id is distinct from ${operationId}::int
            and later.operation_id is distinct from ${undoOperationId}::int
        ) as touched
      from batch`,
  );
  const removed = await execute(
    tx,
    sql`
      delete from profile using undo_profiles undone
      where undone.created and not undone.touched and profile.section_id = ${sectionId} and profile.id = undone.profile_id`,
  );
  const restored = await restoreValues(tx, { sectionId, undoOperationId, userId });
  const { looked, cursor, created, changed } = await one<{
    looked: number;
    cursor: number;
    created: number;
    changed: number;
  }>(
    tx,
    sql`
      select count(*) as looked, coalesce(min(id), 0)::bigint as cursor,
        count(*) filter (where created) as created, count(*) filter (where not created) as changed
      from undo_profiles`,
  );
  return { cursor, looked, removed, restored, kept: created - removed + (changed - restored) };
}

/** Puts back each value that still is what the operation made it. A profile with several changes gets the oldest value. */
async function restoreValues(
  tx: Tx,
  { sectionId, undoOperationId, userId }: Omit<Undo, 'operationId'>,
): Promise<number> {
  const { restored } = await one<{ restored: number }>(
    tx,
    sql`
      with returning_values as (
        select undone.profile_id, undone.id, value.key as code, undone.before -> value.key as before, value.value as after,
          first_value(value.value) over (partition by undone.profile_id, value.key order by undone.id desc) as latest,
          row_number() over (partition by undone.profile_id, value.key order by undone.id) as oldest
        from undo_profiles undone
        cross join jsonb_each(undone.after) value
        where not undone.created and value.key not like 'key:%'
      ),
      wanted as (
        select returned.profile_id, jsonb_object_agg(returned.code, returned.before) as before,
          jsonb_object_agg(returned.code, returned.latest) as after
        from returning_values returned
        join profile on profile.section_id = ${sectionId} and profile.id = returned.profile_id
        where returned.oldest = 1
          and coalesce(profile.attributes -> returned.code, 'null') = coalesce(returned.latest, 'null')
        group by returned.profile_id
      ),
      written as (
        update profile
        set attributes = jsonb_strip_nulls(profile.attributes || wanted.before), updated_at = clock_timestamp()
        from wanted
        where profile.section_id = ${sectionId} and profile.id = wanted.profile_id
        returning profile.id
      ),
      keys as (
        delete from profile_key
        using undo_profiles undone
        cross join lateral jsonb_each_text(undone.after) added
        where not undone.created and added.key like 'key:%' and undone.before ->> added.key is null
          and profile_key.section_id = ${sectionId} and profile_key.profile_id = undone.profile_id
          and profile_key.keyspace_id = substr(added.key, 5)::int and profile_key.key = added.value
        returning profile_key.profile_id
      ),
      history as (
        insert into profile_change (section_id, profile_id, before, after, source, user_id, operation_id)
        select ${sectionId}::int, profile_id, after, before, ${SOURCES.undo}::smallint, ${userId}::int, ${undoOperationId}::int
        from wanted
      )
      select count(distinct undone.profile_id) as restored
      from undo_profiles undone
      where not undone.created
        and (undone.profile_id in (select id from written) or undone.profile_id in (select profile_id from keys))`,
  );
  return restored;
}
