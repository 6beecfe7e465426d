// The set-based statements of an import's step, over the temporary tables import_batch and import_batch_key.
import type { ImportId, KeyspaceId, OperationId, SectionId, UserId } from '@/lib/db/ids';
import { execute, one, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { SOURCES } from '@/lib/tags/source';
import type { RejectedRow, WantedProfile } from './rows';
import type { Mapping } from './schema';

type Step = {
  sectionId: SectionId;
  operationId: OperationId;
  userId: UserId | null;
  match: KeyspaceId;
  mapping: Pick<Mapping, 'rows' | 'existing' | 'tagged'>;
};

/** Profiles that this import made, in this step or an earlier one: for its choices they are new all along. */
const NEW = sql`(import_batch.created or import_batch.ours)`;

/** Puts the wanted profiles into the temporary tables and finds those that exist, locking them in order. */
export async function loadBatch(tx: Tx, step: Step, wanted: readonly WantedProfile[]): Promise<void> {
  const { sectionId, match } = step;
  await tx.query('drop table if exists import_batch, import_batch_key');
  await tx.query(
    `create temporary table import_batch (
       key text collate "C" primary key, attributes jsonb, profile_id bigint, created boolean default false,
       ours boolean default false
     ) on commit drop`,
  );
  await tx.query(
    `create temporary table import_batch_key (
       match_key text collate "C", keyspace_id int, key text collate "C", profile_id bigint
     ) on commit drop`,
  );
  await execute(
    tx,
    sql`
      insert into import_batch (key, attributes, profile_id)
      select wanted.key, wanted.attributes::jsonb, known.profile_id
      from unnest(${wanted.map(({ key }) => key)}::text[], ${wanted.map(({ values }) => JSON.stringify(values))}::text[])
        wanted (key, attributes)
      left join profile_key known
        on known.section_id = ${sectionId} and known.keyspace_id = ${match} and known.key = wanted.key collate "C"`,
  );
  const others = wanted.flatMap(({ key, otherKeys }) =>
    [...otherKeys].map(([keyspaceId, other]) => ({ key, keyspaceId, other })),
  );
  if (others.length > 0) {
    await execute(
      tx,
      sql`
        insert into import_batch_key (match_key, keyspace_id, key, profile_id)
        select other.match_key, other.keyspace_id, other.key, known.profile_id
        from unnest(${others.map(({ key }) => key)}::text[], ${others.map(({ keyspaceId }) => keyspaceId)}::int[],
                    ${others.map(({ other }) => other)}::text[]) other (match_key, keyspace_id, key)
        left join profile_key known
          on known.section_id = ${sectionId} and known.keyspace_id = other.keyspace_id and known.key = other.key collate "C"`,
    );
  }
  await tx.query('analyze import_batch');
  const { mapping } = step;
  if (mapping.rows !== 'all' || mapping.existing !== 'overwrite' || mapping.tagged !== 'all') {
    await execute(
      tx,
      sql`
        update import_batch set ours = true
        from profile_change change
        where change.section_id = ${sectionId} and change.operation_id = ${step.operationId} and change.created
          and change.profile_id = import_batch.profile_id`,
    );
  }
  await rows(
    tx,
    sql`
      select from profile
      where section_id = ${sectionId} and id in (select profile_id from import_batch)
      order by id
      for no key update`,
  );
}

/** Takes out of the batch whoever has a key that belongs to another profile; returns their match keys and that key. */
export async function takeOutConflicts(tx: Tx): Promise<{ key: string; other: string }[]> {
  return rows(
    tx,
    sql`
      with conflicts as (
        select distinct on (other.match_key) other.match_key, other.key
        from import_batch_key other
        join import_batch batch on batch.key = other.match_key
        where other.profile_id is not null and other.profile_id is distinct from batch.profile_id
        order by other.match_key
      ),
      gone_keys as (delete from import_batch_key using conflicts where import_batch_key.match_key = conflicts.match_key),
      gone as (delete from import_batch using conflicts where import_batch.key = conflicts.match_key)
      select match_key as key, key as other from conflicts`,
  );
}

/** Leaves out the rows that the import is not for. Returns their match keys. */
export async function takeOutUnwanted(tx: Tx, { mapping }: Step): Promise<string[]> {
  if (mapping.rows === 'all') return [];
  const unwanted = mapping.rows === 'new' ? sql`profile_id is not null and not ours` : sql`profile_id is null`;
  const gone = await rows<{ key: string }>(tx, sql`delete from import_batch where ${unwanted} returning key`);
  await execute(tx, sql`delete from import_batch_key where match_key not in (select key from import_batch)`);
  return gone.map(({ key }) => key);
}

/** Takes out of the batch what existing profiles are to keep: all that they have, or what is not empty. */
export async function limitChanges(tx: Tx, { sectionId, mapping }: Step): Promise<void> {
  if (mapping.existing === 'overwrite') return;
  const kept = mapping.existing === 'keep' ? sql`true` : sql`coalesce(profile.attributes ->> value.key, '') <> ''`;
  await execute(
    tx,
    sql`
      update import_batch
      set attributes = coalesce(
        (select jsonb_object_agg(value.key, value.value) from jsonb_each(import_batch.attributes) value where not ${kept}),
        '{}'
      )
      from profile
      where profile.section_id = ${sectionId} and profile.id = import_batch.profile_id and not ${NEW}`,
  );
  const keptKey =
    mapping.existing === 'keep'
      ? sql`true`
      : sql`exists (
          select from profile_key old
          where old.section_id = ${sectionId} and old.profile_id = import_batch.profile_id
            and old.keyspace_id = wanted.keyspace_id
        )`;
  await execute(
    tx,
    sql`
      delete from import_batch_key wanted
      using import_batch
      where import_batch.key = wanted.match_key and not ${NEW} and wanted.profile_id is null and ${keptKey}`,
  );
}

/** `select profile_id` of the profiles that the tags are for. */
export function profilesToTag({ mapping }: Step): Sql {
  const which = mapping.tagged === 'new' ? NEW : mapping.tagged === 'existing' ? sql`not ${NEW}` : sql`true`;
  return sql`select profile_id from import_batch where ${which}`;
}

/** Makes the profiles that are new, with their keys and history. Returns how many. */
export async function createNew(tx: Tx, step: Step): Promise<number> {
  const { sectionId, match } = step;
  const created = await execute(
    tx,
    sql`update import_batch set profile_id = nextval('profile_id_seq'), created = true where profile_id is null`,
  );
  if (created === 0) return 0;
  await execute(
    tx,
    sql`
      insert into profile (section_id, id, attributes)
      select ${sectionId}::int, profile_id, attributes from import_batch where created order by profile_id`,
  );
  await execute(
    tx,
    sql`
      insert into profile_key (section_id, keyspace_id, key, profile_id)
      select ${sectionId}::int, ${match}::int, key, profile_id from import_batch where created order by key`,
  );
  await execute(
    tx,
    sql`
      insert into profile_change (section_id, profile_id, created, after, source, user_id, operation_id)
      select ${sectionId}::int, profile_id, true, attributes, ${SOURCES.import}::smallint, ${step.userId}::int, ${step.operationId}::int
      from import_batch where created order by profile_id`,
  );
  return created;
}

/** Sets keys in other keyspaces. A key that the profile had in one of them before is replaced. */
async function setOtherKeys(tx: Tx, sectionId: SectionId): Promise<void> {
  await execute(
    tx,
    sql`
      delete from profile_key old
      using import_batch_key wanted
      join import_batch batch on batch.key = wanted.match_key
      where not batch.created and wanted.profile_id is null
        and old.section_id = ${sectionId} and old.profile_id = batch.profile_id and old.keyspace_id = wanted.keyspace_id`,
  );
  await execute(
    tx,
    sql`
      insert into profile_key (section_id, keyspace_id, key, profile_id)
      select ${sectionId}::int, wanted.keyspace_id, wanted.key, batch.profile_id
      from import_batch_key wanted
      join import_batch batch on batch.key = wanted.match_key
      where wanted.profile_id is null
      order by wanted.keyspace_id, wanted.key`,
  );
}

/** Changes existing profiles where a value differs, with history. Returns how many changed. */
export async function updateExisting(tx: Tx, step: Step): Promise<number> {
  const { sectionId } = step;
  const { changed } = await one<{ changed: number }>(
    tx,
    sql`
      with new_keys as (
        select batch.profile_id,
          jsonb_object_agg('key:' || wanted.keyspace_id, old.key) as before,
          jsonb_object_agg('key:' || wanted.keyspace_id, wanted.key) as after
        from import_batch_key wanted
        join import_batch batch on batch.key = wanted.match_key and not batch.created
        left join profile_key old
          on old.section_id = ${sectionId} and old.profile_id = batch.profile_id and old.keyspace_id = wanted.keyspace_id
        where wanted.profile_id is null
        group by batch.profile_id
      ),
      changes as materialized (
        select batch.profile_id, values.before, values.after, new_keys.before as keys_before, new_keys.after as keys_after
        from import_batch batch
        join profile on profile.section_id = ${sectionId} and profile.id = batch.profile_id
        left join new_keys on new_keys.profile_id = batch.profile_id
        cross join lateral (
          select
            coalesce(jsonb_object_agg(value.key, profile.attributes -> value.key), '{}') as before,
            coalesce(jsonb_object_agg(value.key, value.value), '{}') as after
          from jsonb_each(batch.attributes) value
          where profile.attributes -> value.key is distinct from value.value
        ) values
        where not batch.created
          and (not profile.attributes @> batch.attributes or new_keys.profile_id is not null)
      ),
      written as (
        update profile
        set attributes = profile.attributes || changes.after, updated_at = clock_timestamp()
        from changes
        where profile.section_id = ${sectionId} and profile.id = changes.profile_id
      ),
      history as (
        insert into profile_change (section_id, profile_id, before, after, source, user_id, operation_id)
        select ${sectionId}::int, profile_id, before || coalesce(keys_before, '{}'), after || coalesce(keys_after, '{}'),
          ${SOURCES.import}::smallint, ${step.userId}::int, ${step.operationId}::int
        from changes
        order by profile_id
      )
      select count(*) as changed from changes`,
  );
  await setOtherKeys(tx, sectionId);
  return changed;
}

/** Keeps rejected rows for the report, in the file's own cells. */
export async function keepRejects(tx: Tx, sectionId: SectionId, importId: ImportId, rejected: readonly RejectedRow[]) {
  if (rejected.length === 0) return;
  await execute(
    tx,
    sql`
      insert into import_reject (section_id, import_id, row, line, cells, reason, key)
      select staged.section_id, staged.import_id, staged.row, staged.line, staged.cells, rejected.reason, rejected.key
      from unnest(${rejected.map(({ row }) => row)}::int[], ${rejected.map(({ reason }) => reason)}::text[],
                  ${rejected.map(({ key }) => key)}::text[]) rejected (row, reason, key)
      join import_row staged
        on staged.section_id = ${sectionId} and staged.import_id = ${importId} and staged.row = rejected.row`,
  );
}
