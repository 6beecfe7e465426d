// The door for profile data: profile, profile_key, profile_change and profile_count are written here and nowhere else.
// It takes sets of profiles, values and keys as relations; what really changes is written, recorded in the history,
// counted and signalled to listeners, in one statement inside the caller's transaction, for one profile or a million.
// If keys are set, a second statement checks whether any has been locked since.
import type { AttributeValue } from '@/lib/attributes/schema';
import type { ApiKeyId, KeyspaceId, ProfileId, SectionId, UserId } from '@/lib/db/ids';
import { asParameter } from '@/lib/db/as-parameter';
import { execute, one, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { appendSignals } from '@/lib/signals/append';
import { TOPICS, type SignalCause } from '@/lib/signals/schema';
import { SOURCES, type Source } from '@/lib/tags/source';
import { requireNoneLocked } from './locks';

/** Why profile data changes: recorded with every row of the history and passed to listeners. */
export type DataCause = SignalCause & {
  source: Source;
  userId: UserId | null;
  /** The API key that made the change. */
  apiKeyId?: ApiKeyId | null;
  /** What it came through, in the table of its source: a form. */
  originId?: number;
};

/**
 * Profiles to create. `profiles` selects `profile_id bigint` (from `reserveProfileIds`, or the sequence
 * `profile_id_seq`), `attributes jsonb`, `noted jsonb` (what the history records as set), and, if `dated`, `at
 * timestamptz`. `keys` selects `profile_id, keyspace_id int, key text, slot int`, and may read the profiles as
 * `wanted`.
 */
export type NewProfiles = { profiles: Sql; keys?: Sql; dated?: boolean };

/**
 * Changes of existing profiles. `values` selects `profile_id bigint, attributes jsonb`, each profile once; null clears
 * a value. `keys` selects `profile_id, keyspace_id int, key text, slot int` for profiles that are in `values` too; a
 * null key clears, and a key replaces the one in its slot. `existing`: 'fill' keeps existing non-empty values.
 */
export type ProfileChanges = { values: Sql; keys?: Sql; existing?: 'overwrite' | 'fill' };

/** Reserves ids for new profiles, in ascending order. */
export async function reserveProfileIds(tx: Tx, count: number): Promise<ProfileId[]> {
  const taken = await rows<{ id: ProfileId }>(
    tx,
    sql`select nextval('profile_id_seq') as id from generate_series(1, ${count}::int)`,
  );
  return taken.map(({ id }) => id);
}

const KEY = sql`profile_id bigint, keyspace_id int, key text, slot int`;

const CREATED = sql`
  select (select count(*) from new_profiles) as made,
    (select count(*) from wanted_keys) - (select count(*) from keyed) as taken`;

/**
 * Creates profiles. `taken`: the number of keys that belong to other profiles and were not set; a profile is not
 * created if all its keys are taken. `history: false` skips the history, for work that is rolled back.
 */
export async function createProfiles(
  tx: Tx,
  cause: DataCause,
  given: NewProfiles,
  { history = true } = {},
): Promise<{ made: number; taken: number }> {
  const { dated } = given;
  const columns = sql`profile_id bigint, attributes jsonb, noted jsonb ${dated ? sql`, at timestamptz` : sql``}`;
  const profiles = await asParameter(tx, given.profiles, columns);
  const before = sql`with wanted as (${profiles})`;
  const keys = given.keys && (await asParameter(tx, given.keys, KEY, { before }));
  const wanted = { profiles, keys, dated };
  const done = await one<{ made: number; taken: number }>(
    tx,
    createStatement(cause, wanted, { history, answer: CREATED }),
  );
  if (keys) await requireNoneLocked(tx, cause.sectionId, keys, { before });
  return done;
}

export type SetKey = { keyspaceId: KeyspaceId; key: string; id: ProfileId };

/** The same, with a prepared statement. Returns the keys that were set, with their profiles. */
export async function createKeyedProfiles(tx: Tx, cause: DataCause, wanted: NewProfiles): Promise<SetKey[]> {
  const answer = sql`select keyspace_id as "keyspaceId", key, profile_id as id from keyed`;
  const set = await rows<SetKey>(tx, createStatement(cause, wanted, { history: true, answer }), { prepare: true });
  const keys = sql`
    select * from unnest(${set.map(({ keyspaceId }) => keyspaceId)}::int[], ${set.map(({ key }) => key)}::text[])
      as set_key (keyspace_id, key)`;
  if (set.length > 0) await requireNoneLocked(tx, cause.sectionId, keys, { prepare: true });
  return set;
}

/**
 * If a concurrent transaction is setting a key, waits for it and leaves it the key. Foreign keys are checked at the end
 * of the statement, so keys may be inserted before their profiles.
 */
function createStatement(
  cause: DataCause,
  { profiles, keys = NO_KEYS, dated = false }: NewProfiles,
  { history, answer }: { history: boolean; answer: Sql },
): Sql {
  const { sectionId } = cause;
  const at = dated ? sql`at` : sql`${new Date()}::timestamptz`;
  const noted = sql`
    noted as (
      insert into profile_change
        (section_id, profile_id, at, created, after, source, user_id, operation_id, api_key_id, origin_id)
      select ${sectionId}::int, profile_id, ${at}, true, noted, ${reason(cause)}
      from new_profiles
      order by profile_id
    ),`;
  return sql`
    with wanted as materialized (${profiles}),
    wanted_keys as materialized (${keys}),
    keyed as (
      insert into profile_key (section_id, keyspace_id, key, profile_id, slot)
      select ${sectionId}::int, keyspace_id, key, profile_id, slot
      from wanted_keys
      order by keyspace_id, key
      on conflict (section_id, keyspace_id, key) do nothing
      returning keyspace_id, key, profile_id
    ),
    -- Because of 'or', PostgreSQL looks these up in hash tables, whatever row count the planner expects.
    new_profiles as materialized (
      select * from wanted
      where profile_id in (select profile_id from keyed) or profile_id not in (select profile_id from wanted_keys)
    ),
    made as (
      insert into profile (section_id, id, attributes, created_at, updated_at)
      select ${sectionId}::int, profile_id, attributes, ${at}, ${at}
      from new_profiles
      order by profile_id
    ),
    ${history ? noted : sql``}
    signalled as (
      ${appendSignals(
        cause,
        sql`
          select ${TOPICS.profile_created}::smallint as topic, 0 as subject_id, profile_id from new_profiles
          union all
          ${attributeSignals(sectionId, sql`select profile_id, attributes as after from new_profiles`)}`,
        sql`${new Date()}::timestamptz`,
      )}
    ),
    ${counted(sectionId, sql`select count(*) as difference from new_profiles`)}
    ${answer}`;
}

/** Signals for the changes of attributes that have listeners. `changed` selects `profile_id, after jsonb`. */
const attributeSignals = (sectionId: SectionId, changed: Sql): Sql => sql`
  select ${TOPICS.attribute_changed}::smallint as topic, attribute.id as subject_id, changed.profile_id
  from attribute
  join (${changed}) changed on changed.after ? attribute.code
  where attribute.section_id = ${sectionId} and attribute.id in (
    select subject_id from listener where section_id = ${sectionId} and topic = ${TOPICS.attribute_changed}
  )`;

/** The cause's columns in the history: source, user, operation, API key. */
const reason = ({ source, userId, operationId = null, apiKeyId = null, originId }: DataCause): Sql => sql`
  ${SOURCES[source]}::smallint, ${userId}::int, ${operationId}::int, ${apiKeyId}::int, ${originId ?? null}::int`;

/**
 * Adds to the counter slot of this connection, so that two writers never wait for each other. `change` selects
 * `difference`.
 */
const counted = (sectionId: SectionId, change: Sql): Sql => sql`
  counted as (
    insert into profile_count as counter (section_id, slot, profiles)
    select ${sectionId}::int, pg_backend_pid(), difference
    from (${change}) change
    where difference <> 0
    on conflict (section_id, slot) do update set profiles = counter.profiles + excluded.profiles
  )`;

const CHANGED = sql`
  select (select count(*) from changes) as changed,
    (select count(*) from key_changes where after is not null) - (select count(*) from set_keys) as taken`;

/**
 * Changes values and keys where they differ, with history. The caller must have locked the profiles (`lockProfile`,
 * `for no key update`): a statement that waits for a row may read older data beside it. `changed`: profiles. `taken`:
 * the number of keys that belong to other profiles and were not set.
 */
export async function changeProfiles(
  tx: Tx,
  cause: DataCause,
  { existing, ...given }: ProfileChanges,
): Promise<{ changed: number; taken: number }> {
  const values = await asParameter(tx, given.values, sql`profile_id bigint, attributes jsonb`);
  const keys = given.keys && (await asParameter(tx, given.keys, KEY));
  const wanted = { values, keys, existing };
  const done = await one<{ changed: number; taken: number }>(tx, changeStatement(cause, wanted, CHANGED));
  if (keys) await requireNoneLocked(tx, cause.sectionId, keys);
  return done;
}

/** The wanted values and keys of one profile, by attribute code and by keyspace; null clears. */
export type WantedFields = { values: Map<string, AttributeValue | null>; keys: Map<KeyspaceId, string | null> };

/**
 * The same for one profile, with a prepared statement. `changed`: attribute codes, and `key:<keyspace id>`. `taken`:
 * keyspaces in which the wanted key belongs to another profile.
 */
export async function changeProfile(
  tx: Tx,
  cause: DataCause,
  id: ProfileId,
  { values, keys }: WantedFields,
): Promise<{ changed: string[]; taken: KeyspaceId[] }> {
  const changes: ProfileChanges = {
    values: sql`select ${id}::bigint as profile_id, ${JSON.stringify(Object.fromEntries(values))}::jsonb as attributes`,
    ...(keys.size > 0 && { keys: keysOfOne(id, keys) }),
  };
  const answer = sql`
    select array(select jsonb_object_keys(before || keys_before) from changes) as changed,
      array(
        select keyspace_id from key_changes
        where after is not null and keyspace_id not in (select keyspace_id from set_keys)
      ) as taken`;
  const [done] = await rows<{ changed: string[]; taken: KeyspaceId[] }>(tx, changeStatement(cause, changes, answer), {
    prepare: true,
  });
  if (changes.keys) await requireNoneLocked(tx, cause.sectionId, changes.keys, { prepare: true });
  return done!;
}

/** The relation `keys` for one profile with one key in each keyspace. */
export function keysOfOne(id: ProfileId, keys: ReadonlyMap<KeyspaceId, string | null>): Sql {
  return sql`
    select ${id}::bigint as profile_id, keyspace_id, key, 0 as slot
    from unnest(${[...keys.keys()]}::int[], ${[...keys.values()]}::text[]) own (keyspace_id, key)`;
}

const NO_KEYS = sql`select null::bigint as profile_id, null::int as keyspace_id, null::text as key, 0 as slot where false`;

function changeStatement(cause: DataCause, { values, keys = NO_KEYS, existing }: ProfileChanges, answer: Sql): Sql {
  const { sectionId } = cause;
  const at = sql`${new Date()}::timestamptz`;
  const empty = existing === 'fill' ? sql`and coalesce(profile.attributes ->> value.key, '') = ''` : sql``;
  return sql`
    with wanted as materialized (${values}),
    key_changes as materialized (
      select wanted.profile_id, wanted.keyspace_id, wanted.slot, old.key as before, wanted.key as after
      from (${keys}) wanted
      left join profile_key old
        on old.section_id = ${sectionId} and old.profile_id = wanted.profile_id
        and old.keyspace_id = wanted.keyspace_id and old.slot = wanted.slot
      where old.key is distinct from wanted.key
    ),
    removed_keys as (
      delete from profile_key old
      using key_changes
      where old.section_id = ${sectionId} and old.keyspace_id = key_changes.keyspace_id
        and old.key = key_changes.before and old.profile_id = key_changes.profile_id
      returning old.key
    ),
    -- The count forces all removals before the first key is set: a key may move from one profile of the set to another.
    set_keys as (
      insert into profile_key (section_id, keyspace_id, key, profile_id, slot)
      select ${sectionId}::int, keyspace_id, after, profile_id, slot
      from key_changes
      where after is not null and (select count(*) from removed_keys) >= 0
      order by keyspace_id, after
      on conflict do nothing
      returning keyspace_id, key, profile_id, slot
    ),
    changed_keys as (
      select key_changes.profile_id,
        jsonb_object_agg('key:' || key_changes.keyspace_id, key_changes.before) as before,
        jsonb_object_agg('key:' || key_changes.keyspace_id, set_keys.key) as after
      from key_changes
      left join set_keys using (profile_id, keyspace_id, slot)
      where key_changes.before is distinct from set_keys.key
      group by key_changes.profile_id
    ),
    changes as materialized (
      select wanted.profile_id, differing.before, differing.after,
        coalesce(changed_keys.before, '{}') as keys_before, coalesce(changed_keys.after, '{}') as keys_after,
        greatest(${at}, profile.updated_at + interval '1 millisecond') as at
      from wanted
      join profile on profile.section_id = ${sectionId} and profile.id = wanted.profile_id
      left join changed_keys on changed_keys.profile_id = wanted.profile_id
      cross join lateral (
        select
          coalesce(jsonb_object_agg(value.key, profile.attributes -> value.key), '{}') as before,
          coalesce(jsonb_object_agg(value.key, value.value), '{}') as after
        from jsonb_each(wanted.attributes) value
        where coalesce(profile.attributes -> value.key, 'null') <> value.value ${empty}
      ) differing
      where differing.after <> '{}' or changed_keys.profile_id is not null
    ),
    written as (
      update profile
      set attributes = jsonb_strip_nulls(profile.attributes || changes.after), updated_at = changes.at
      from changes
      where profile.section_id = ${sectionId} and profile.id = changes.profile_id
    ),
    noted as (
      insert into profile_change (section_id, profile_id, at, before, after, source, user_id, operation_id, api_key_id, origin_id)
      select ${sectionId}::int, profile_id, ${at}, before || keys_before, after || keys_after, ${reason(cause)}
      from changes
      order by profile_id
    ),
    signalled as (
      ${appendSignals(cause, attributeSignals(sectionId, sql`select profile_id, after from changes`), at)}
    )
    ${answer}`;
}

/**
 * Writes history rows as they were, for profiles that are created again. `entries` selects `profile_id bigint, entry
 * jsonb`; an entry is a row of `profile_change`.
 */
export async function restoreHistory(tx: Tx, sectionId: SectionId, entries: Sql): Promise<void> {
  const given = await asParameter(tx, entries, sql`profile_id bigint, entry jsonb`);
  await execute(
    tx,
    sql`
      insert into profile_change
        (section_id, profile_id, at, created, before, after, source, user_id, operation_id, api_key_id, origin_id)
      select ${sectionId}::int, given.profile_id, change.at, change.created, change.before, change.after,
        change.source, change.user_id, change.operation_id, change.api_key_id, change.origin_id
      from (${given}) given
      cross join lateral jsonb_to_record(given.entry) as change (
        id bigint, at timestamptz, created boolean, before jsonb, after jsonb, source smallint, user_id int,
        operation_id int, api_key_id int, origin_id int
      )
      order by change.id`,
  );
}

/** Moves the history of profiles to the one that they are merged into. */
export async function moveHistory(
  tx: Tx,
  sectionId: SectionId,
  into: ProfileId,
  others: readonly ProfileId[],
): Promise<void> {
  await execute(
    tx,
    sql`
      update profile_change set profile_id = ${into}
      where section_id = ${sectionId} and profile_id = any(${others}::bigint[])`,
  );
}

/**
 * Deletes profiles with their keys and history. `profiles` selects `profile_id`. Everything else that refers to them
 * (tags, events, consents) must be deleted first, or the foreign keys refuse. Returns how many existed.
 */
export async function deleteProfiles(tx: Tx, sectionId: SectionId, profiles: Sql): Promise<number> {
  const chosen = await asParameter(tx, profiles, sql`profile_id bigint`);
  const { deleted } = await one<{ deleted: number }>(
    tx,
    sql`
      with gone as (
        delete from profile
        where section_id = ${sectionId} and id in (select profile_id from (${chosen}) chosen)
        returning id
      ),
      ${counted(sectionId, sql`select -count(*) as difference from gone`)}
      select count(*) as deleted from gone`,
  );
  return deleted;
}
