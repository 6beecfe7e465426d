// Profiles that an undo deleted, kept for a time so that a redo can create them again. Erasing a person erases them here
// too.
import type { OperationId, ProfileId, SectionId } from '@/lib/db/ids';
import { asParameter } from '@/lib/db/as-parameter';
import { pool } from '@/lib/db/pool';
import { execute, one, sql, type Sql, type Tx } from '@/lib/db/sql';
import { noop, type ProfileFollower } from '@/lib/followers/profile-follower';
import { forgetUntagged } from '@/lib/tags/untagged';
import { createProfiles, restoreHistory, type DataCause } from './change';
import { isLocked } from './locks';

/** After so many days the data are deleted for good, and a redo cannot bring the profiles back. */
export const REDO_DAYS = 30;

/** Keeps profiles that an undo is about to delete. `profiles` selects `profile_id`. */
export async function keepUndone(
  tx: Tx,
  { sectionId, operationId }: { sectionId: SectionId; operationId: OperationId },
  profiles: Sql,
): Promise<void> {
  const chosen = await asParameter(tx, profiles, sql`profile_id bigint`);
  const keys = (column: Sql) => sql`array(
    select ${column} from profile_key own
    where own.section_id = ${sectionId} and own.profile_id = profile.id
    order by own.keyspace_id, own.slot
  )`;
  await execute(
    tx,
    sql`
      insert into undone_profile
        (section_id, operation_id, profile_id, attributes, created_at, keyspace_ids, slots, keys, history, at)
      select ${sectionId}::int, ${operationId}::int, profile.id, profile.attributes, profile.created_at,
        ${keys(sql`own.keyspace_id`)}, ${keys(sql`own.slot`)}, ${keys(sql`own.key`)},
        array(
          select to_jsonb(change) from profile_change change
          where change.section_id = ${sectionId} and change.profile_id = profile.id
          order by change.id
        ),
        ${new Date()}::timestamptz
      from profile
      where profile.section_id = ${sectionId} and profile.id in (select profile_id from (${chosen}) chosen)`,
  );
}

/** A condition on `undone`, a row of `undone_profile`: it was deleted by one of these undos. */
const deletedBy = (ids: readonly OperationId[]): Sql => sql`undone.operation_id = any(${ids}::int[])`;

/**
 * A condition on `undone`: the profile can be created again. None of its keys has been locked and, if it had keys, one
 * is still free.
 */
const canReturn = (sectionId: SectionId): Sql => {
  const keys = sql`unnest(undone.keyspace_ids, undone.keys) own (keyspace_id, key)`;
  const isTaken = sql`exists (
    select from profile_key taken
    where taken.section_id = ${sectionId} and taken.keyspace_id = own.keyspace_id and taken.key = own.key
  )`;
  return sql`(
    not exists (select from ${keys} where ${isLocked(sectionId, sql`own.keyspace_id`, sql`own.key`)})
    and (undone.keys = '{}' or exists (select from ${keys} where not ${isTaken}))
  )`;
};

/** A condition: the deleted profile can be created again. `profileId`: a column of the statement. */
export const willReturn = (sectionId: SectionId, profileId: Sql, ids: readonly OperationId[]): Sql => sql`exists (
  select from undone_profile undone
  where undone.section_id = ${sectionId} and undone.profile_id = ${profileId} and ${deletedBy(ids)}
    and ${canReturn(sectionId)}
)`;

/** Selects `profile_id` of the profiles that can be created again. */
export const returning = (sectionId: SectionId, ids: readonly OperationId[]): Sql => sql`
  select undone.profile_id from undone_profile undone
  where undone.section_id = ${sectionId} and ${deletedBy(ids)} and ${canReturn(sectionId)}`;

export type Recreated = { cursor: number; looked: number; made: number };

/**
 * Creates up to `limit` profiles again that undos deleted, by id after `after`: with their ids, values, history, and
 * those of their keys that are still free.
 */
export async function recreateUndone(
  tx: Tx,
  cause: DataCause,
  ids: readonly OperationId[],
  { after, limit }: { after: number; limit: number },
): Promise<Recreated> {
  const { sectionId } = cause;
  await execute(tx, sql`drop table if exists returning_profiles`);
  await execute(
    tx,
    sql`
      create temporary table returning_profiles on commit drop as
      select undone.*, ${canReturn(sectionId)} as returns
      from undone_profile undone
      where undone.section_id = ${sectionId} and ${deletedBy(ids)} and undone.profile_id > ${after}
      order by undone.profile_id
      limit ${limit}`,
  );
  await forgetUntagged(tx, sectionId);
  const { made } = await createProfiles(
    tx,
    cause,
    {
      profiles: sql`
        select profile_id, attributes, '{}'::jsonb as noted, created_at as at from returning_profiles where returns`,
      keys: sql`
        select profile_id, own.keyspace_id, own.key, own.slot
        from returning_profiles
        cross join lateral unnest(keyspace_ids, keys, slots) own (keyspace_id, key, slot)
        where returns`,
      dated: true,
    },
    { history: false },
  );
  const created = await asParameter(
    tx,
    sql`
      select returning_profiles.profile_id, entry
      from returning_profiles
      cross join lateral unnest(history) entry
      where returns`,
    sql`profile_id bigint, entry jsonb`,
  );
  await restoreHistory(
    tx,
    sectionId,
    sql`
      select created.profile_id, created.entry
      from (${created}) created
      join profile on profile.section_id = ${sectionId} and profile.id = created.profile_id`,
  );
  const looked = await one<{ looked: number; cursor: ProfileId }>(
    tx,
    sql`
      select count(*) as looked, coalesce(max(profile_id), ${after}::bigint) as cursor
      from returning_profiles`,
  );
  const done = await asParameter(tx, sql`select profile_id from returning_profiles`, sql`profile_id bigint`);
  await execute(
    tx,
    sql`
      delete from undone_profile undone
      where undone.section_id = ${sectionId} and ${deletedBy(ids)}
        and undone.profile_id in (select profile_id from (${done}) done)`,
  );
  return { ...looked, made };
}

/** Deletes for good what undos deleted long ago. */
export async function removeOldUndone(days = REDO_DAYS): Promise<void> {
  const before = new Date(Date.now() - days * 86_400_000);
  await execute(pool(), sql`delete from undone_profile where at < ${before}`);
}

export const undoneFollower: ProfileFollower = {
  tables: ['undone_profile'],
  /** The same person may have been deleted by an undo before: their keys tell. */
  erase: async (tx, { cause: { sectionId }, profileIds }) => {
    await execute(
      tx,
      sql`
        delete from undone_profile
        where section_id = ${sectionId} and keys && array(
          select key from profile_key where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])
        )`,
    );
  },
  merge: noop,
};
