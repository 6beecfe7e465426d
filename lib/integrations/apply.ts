// Applies the changes of a run through the doors, in batches. Each batch finds what is left by the state of the rows, so
// that a step that is run again after a crash does the same.
import type { OperationId, ProfileId, SectionId, SyncRunId, UserId } from '@/lib/db/ids';
import { LostRace } from '@/lib/db/pool';
import { execute, one, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { withCount } from '@/lib/db/with-count';
import { changingPeople } from '@/lib/flows/through-segments';
import { changeProfiles, createProfiles, reserveProfileIds } from '@/lib/profiles/change';
import { KEY_ATTRIBUTES } from '@/lib/profiles/keys';
import { isLocked } from '@/lib/profiles/locks';
import { changeClaims, wantedClaims } from '@/lib/tags/change';
import { isWritable } from './compare';
import { TAG_HIDDEN, withCurrentTag } from './kept-tag';
import { isErased, type Keyspaces } from './match';
import { BEGIN, CHANGE_STATES, END, LAST_MATCHED, OUTCOMES } from './outcome';
import type { KeptList } from './queries';
import type { MatchRule } from './schema';

/** Profiles of a batch. */
const BATCH = 5_000;

export type Applying = {
  sectionId: SectionId;
  runId: SyncRunId;
  operationId: OperationId;
  userId: UserId | null;
  keyspaces: Keyspaces;
  /** By what contacts find their profiles. */
  match: readonly MatchRule[];
  /** Where the batch begins, in phases that go through profiles in order. */
  cursor: number;
  /** Whether values that come along may start flows: one of the lists does. */
  startsFlows: boolean;
};

/** What a batch did. `finished`: it was the last one. */
export type Applied = { counts: Record<string, number>; cursor: number; finished: boolean };

const causeOf = ({ sectionId, userId, operationId, startsFlows }: Applying) => ({
  sectionId,
  source: 'integration' as const,
  userId,
  operationId,
  startsFlows,
});

const ofRun = ({ sectionId, runId }: Applying): Sql =>
  sql`member.section_id = ${sectionId} and member.run_id = ${runId}`;

/** The contact's own address: its first email, or else its first mobile. */
const ADDRESS = {
  keyspace: ({ keyspaces }: Applying): Sql =>
    sql`case when cardinality(member.emails) > 0 then ${keyspaces.email}::int else ${keyspaces.mobile}::int end`,
  key: sql`coalesce(member.emails[1], member.mobiles[1])`,
};

/**
 * Creates a profile for each person whom nobody here matches. Contacts with one address are one person. A contact whose
 * address belongs to somebody by now is matched with them.
 */
export async function createProfilesOf(tx: Tx, applying: Applying): Promise<Applied> {
  const { sectionId, runId, keyspaces } = applying;
  await tx.query('drop table if exists sync_new');
  const found = await execute(
    tx,
    sql`
      create temporary table sync_new on commit drop as
      select contact.*, known.profile_id as known_id, null::bigint as profile_id
      from (
        select distinct on (member.key) member.key, member.emails[1] as email, member.mobiles[1] as mobile,
          ${ADDRESS.keyspace(applying)} as keyspace_id, ${ADDRESS.key} as address,
          jsonb_strip_nulls(member.fills || member.attributes) as attributes
        from sync_member member
        where ${ofRun(applying)} and member.outcome = ${OUTCOMES.create}
        order by member.key
        limit ${BATCH}
      ) contact
      left join profile_key known
        on known.section_id = ${sectionId} and known.keyspace_id = contact.keyspace_id and known.key = contact.address`,
  );
  if (found === 0) return { counts: {}, cursor: 0, finished: true };
  await leaveErased(tx, applying);
  const { fresh } = await one<{ fresh: number }>(
    tx,
    sql`select count(distinct (keyspace_id, address)) filter (where known_id is null) as fresh from sync_new`,
  );
  const ids = await reserveProfileIds(tx, fresh);
  await execute(
    tx,
    sql`
      update sync_new set profile_id = coalesce(sync_new.known_id, person.id)
      from (
        select keyspace_id, address, (${ids}::bigint[])[row_number() over (order by keyspace_id, address)] as id
        from (select distinct keyspace_id, address from sync_new where known_id is null) person
        union all
        select distinct keyspace_id, address, null::bigint from sync_new where known_id is not null
      ) person
      where person.keyspace_id = sync_new.keyspace_id and person.address = sync_new.address`,
  );
  await tx.query('drop table if exists sync_new_key');
  await execute(
    tx,
    sql`
      create temporary table sync_new_key on commit drop as
      select distinct on (own.keyspace_id, own.key) person.profile_id, own.keyspace_id, own.key
      from (select distinct on (profile_id) * from sync_new where known_id is null order by profile_id, key) person
      cross join lateral (
        values (${keyspaces.email}::int, person.email), (${keyspaces.mobile}::int, person.mobile)
      ) own (keyspace_id, key)
      where own.key is not null and not exists (
        select from profile_key known
        where known.section_id = ${sectionId} and known.keyspace_id = own.keyspace_id and known.key = own.key
      )
      -- Its own address comes before another contact's second one.
      order by own.keyspace_id, own.key, own.key = person.address desc, person.profile_id`,
  );
  const attributes = sql`
    person.attributes || (
      select jsonb_object_agg(
        case own.keyspace_id when ${keyspaces.email} then ${KEY_ATTRIBUTES.email}::text else ${KEY_ATTRIBUTES.mobile}::text end,
        own.key
      )
      from sync_new_key own where own.profile_id = person.profile_id
    )`;
  const newOnes = sql`select profile_id from sync_new where known_id is null`;
  const { made, taken } = await changingPeople(tx, causeOf(applying), newOnes, () =>
    createProfiles(tx, causeOf(applying), {
      profiles: sql`
        select person.profile_id, ${attributes} as attributes, ${attributes} as noted
        from (select distinct on (profile_id) * from sync_new where known_id is null order by profile_id, key) person`,
      keys: sql`select profile_id, keyspace_id, key, 0 as slot from sync_new_key`,
    }),
  );
  // Somebody else has just created one of them: they match at the retry.
  if (taken > 0) throw new LostRace();
  await execute(
    tx,
    sql`
      update sync_member member
      set profile_id = person.profile_id,
        outcome = case when person.known_id is null then ${OUTCOMES.created}::smallint else ${OUTCOMES.email}::smallint end
      from sync_new person
      where ${ofRun(applying)} and member.outcome = ${OUTCOMES.create} and member.key = person.key`,
  );
  await execute(
    tx,
    sql`
      insert into sync_change (section_id, run_id, list_id, profile_id, action, state)
      select distinct ${sectionId}::int, ${runId}::int, member.list_id, person.profile_id, ${BEGIN}::smallint,
        ${CHANGE_STATES.planned}::smallint
      from sync_member member
      join sync_new person on person.key = member.key
      where ${ofRun(applying)}
      on conflict do nothing`,
  );
  return { counts: { created: made }, cursor: 0, finished: found < BATCH };
}

/** Takes the contacts out of `sync_new` whose keys were locked for good since they were matched, and counts them as erased. */
async function leaveErased(tx: Tx, applying: Applying): Promise<void> {
  const { sectionId, runId } = applying;
  const lists = await execute(
    tx,
    sql`
      with erased as (
        update sync_member member set outcome = ${OUTCOMES.erased}
        from sync_new person
        where ${ofRun(applying)} and member.outcome = ${OUTCOMES.create} and member.key = person.key
          and ${isErased(sectionId, applying)}
        returning member.list_id, person.keyspace_id, person.address
      )
      update sync_run_list item
      set counts = ${withCount(
        withCount(
          withCount(sql`item.counts`, 'create', sql`(item.counts ->> 'create')::int - erased.contacts`),
          'newPeople',
          sql`coalesce((item.counts ->> 'newPeople')::int, 0) - erased.people`,
        ),
        'erased',
        sql`(item.counts ->> 'erased')::int + erased.contacts`,
      )}
      from (
        select list_id, count(*) as contacts, count(distinct (keyspace_id, address)) as people from erased group by list_id
      ) erased
      where item.section_id = ${sectionId} and item.run_id = ${runId} and item.list_id = erased.list_id`,
  );
  if (lists === 0) return;
  await execute(
    tx,
    sql`
      with left_over as materialized (
        select distinct member.key from sync_member member
        where ${ofRun(applying)} and member.outcome = ${OUTCOMES.create}
      )
      delete from sync_new person
      where not exists (select from left_over where left_over.key = person.key)`,
  );
}

/**
 * Links profiles with the CRM's ids of their contacts, so that the next sync finds them by these. A row is looked at once: then it
 * counts as linked.
 */
export async function linkProfilesOf(tx: Tx, applying: Applying): Promise<Applied> {
  const { sectionId, runId, keyspaces } = applying;
  await tx.query('drop table if exists sync_link');
  const found = await execute(
    tx,
    sql`
      create temporary table sync_link on commit drop as
      select member.list_id, member.key, member.profile_id
      from sync_member member
      where ${ofRun(applying)} and member.outcome > ${OUTCOMES.linked} and member.outcome <= ${LAST_MATCHED}
      order by member.list_id, member.key
      limit ${BATCH}`,
  );
  if (found === 0) return { counts: {}, cursor: 0, finished: true };
  // Not people who were deleted since, nor contacts who were erased.
  const linked = sql`
    select distinct on (link.key) link.key, link.profile_id
    from sync_link link
    join profile on profile.section_id = ${sectionId} and profile.id = link.profile_id
    where not ${isLocked(sectionId, sql`${keyspaces.own}::int`, sql`link.key`)}
    order by link.key`;
  await lockProfiles(tx, applying, linked);
  await changeProfiles(tx, causeOf(applying), {
    values: sql`select distinct profile_id, '{}'::jsonb as attributes from (${linked}) linked`,
    keys: sql`select profile_id, ${keyspaces.own}::int as keyspace_id, key, hashtext(key) as slot from (${linked}) linked`,
  });
  await execute(
    tx,
    sql`
      update sync_member member set outcome = ${OUTCOMES.linked}
      from sync_link link
      where member.section_id = ${sectionId} and member.run_id = ${runId}
        and member.list_id = link.list_id and member.key = link.key`,
  );
  return { counts: {}, cursor: 0, finished: found < BATCH };
}

/** A condition: `profile` lacks values that `member` brings along. */
export const LACKS_VALUES = sql`(
  not profile.attributes @> jsonb_strip_nulls(member.attributes)
  or (member.attributes <> jsonb_strip_nulls(member.attributes) and exists (
    select from jsonb_each(member.attributes) value
    where value.value = 'null' and profile.attributes ? value.key
  ))
  or (member.fills <> '{}' and exists (
    select from jsonb_each(member.fills) value where coalesce(profile.attributes ->> value.key, '') = ''
  ))
)`;

/** Sets the attributes that come along, where they differ. */
export async function updateProfilesOf(tx: Tx, applying: Applying): Promise<Applied> {
  const { sectionId, cursor } = applying;
  await tx.query('drop table if exists sync_value');
  const found = await execute(
    tx,
    sql`
      create temporary table sync_value on commit drop as
      select member.profile_id, member.attributes, member.fills
      from (
        -- Of several contacts of a person always the same one, so that values do not alternate.
        select distinct on (member.profile_id) member.profile_id, member.attributes, member.fills
        from sync_member member
        where ${ofRun(applying)} and member.profile_id > ${cursor}
          and member.outcome between ${OUTCOMES.linked} and ${LAST_MATCHED}
          and (member.attributes <> '{}' or member.fills <> '{}')
        order by member.profile_id, member.key
      ) member
      join profile on profile.section_id = ${sectionId} and profile.id = member.profile_id
      where ${LACKS_VALUES}
      order by member.profile_id
      limit ${BATCH}`,
  );
  if (found === 0) return { counts: {}, cursor, finished: true };
  await lockProfiles(tx, applying, sql`select profile_id from sync_value`);
  const cause = causeOf(applying);
  const people = sql`select profile_id from sync_value`;
  const { written, filled } = await changingPeople(tx, cause, people, async () => ({
    written: await changeProfiles(tx, cause, { values: sql`select profile_id, attributes from sync_value` }),
    filled: await changeProfiles(tx, cause, {
      values: sql`select profile_id, fills as attributes from sync_value`,
      existing: 'fill',
    }),
  }));
  const { last } = await one<{ last: ProfileId }>(tx, sql`select max(profile_id) as last from sync_value`);
  return {
    counts: { updated: Math.max(written.changed, filled.changed) },
    cursor: last,
    finished: found < BATCH,
  };
}

/** Begins and ends the claims of one list, a batch at a time. */
export async function changeTagsOf(tx: Tx, applying: Applying, lists: readonly KeptList[]): Promise<Applied> {
  const { sectionId, runId } = applying;
  const planned = sql`section_id = ${sectionId} and run_id = ${runId} and state = ${CHANGE_STATES.planned}`;
  const [first] = await rows<{ listId: number }>(
    tx,
    sql`select list_id as "listId" from sync_change where ${planned} order by list_id limit 1`,
  );
  const list = lists.find(({ id }) => id === first?.listId);
  if (first === undefined) return { counts: {}, cursor: 0, finished: true };
  const ofList = sql`${planned} and list_id = ${first.listId}`;
  const kept = list && list.status !== 'paused' ? await withCurrentTag(tx, sectionId, list) : null;
  if (!kept) {
    // Somebody has let the list go, paused it, or hidden its tag, since the changes were planned.
    const reason = !list ? 'It is no longer kept.' : list.status === 'paused' ? 'Paused here.' : TAG_HIDDEN;
    await execute(tx, sql`update sync_change set state = ${CHANGE_STATES.rejected} where ${ofList}`);
    await execute(
      tx,
      sql`
        update sync_run_list set status = 'failed', reason = ${reason}
        where section_id = ${sectionId} and run_id = ${runId} and list_id = ${first.listId}`,
    );
    return { counts: {}, cursor: 0, finished: false };
  }
  if (!(await isWritable(tx, { sectionId, tagId: kept.tagId, keyspaceId: applying.keyspaces.own }))) {
    const refused = await execute(tx, sql`update sync_change set state = ${CHANGE_STATES.refused} where ${ofList}`);
    await execute(
      tx,
      sql`
        update sync_run_list
        set counts = ${withCount(sql`counts`, 'refused', sql`coalesce((counts ->> 'refused')::int, 0) + ${refused}::int`)}
        where section_id = ${sectionId} and run_id = ${runId} and list_id = ${kept.id}`,
    );
    return { counts: { refused }, cursor: 0, finished: false };
  }
  // Since the changes were planned, somebody may have chosen that the list's syncs only add the tag.
  if (kept.addOnly) {
    await execute(
      tx,
      sql`update sync_change set state = ${CHANGE_STATES.rejected} where ${ofList} and action = ${END}`,
    );
  }
  await tx.query('drop table if exists sync_batch');
  await execute(
    tx,
    sql`
      create temporary table sync_batch on commit drop as
      select change.profile_id, change.action, exists (
          select from profile_tag held
          where held.section_id = ${sectionId} and held.tag_id = ${kept.tagId} and held.profile_id = change.profile_id
        ) as had
      from sync_change change
      join profile on profile.section_id = ${sectionId} and profile.id = change.profile_id
      where change.section_id = ${sectionId} and change.run_id = ${runId} and change.state = ${CHANGE_STATES.planned}
        and change.list_id = ${kept.id}
      order by change.profile_id
      limit ${BATCH}`,
  );
  const cause = { ...causeOf(applying), originId: kept.holderId, startsFlows: kept.startsFlows };
  const changed = await changingPeople(tx, cause, sql`select profile_id from sync_batch`, () =>
    changeClaims(
      tx,
      cause,
      wantedClaims(sql`
        select profile_id, ${kept.tagId}::int as tag_id, ${kept.holderId}::int as holder_id, action = ${BEGIN} as apply
        from sync_batch`),
      // Somebody may have removed the tag by hand since the changes were planned.
      { keepSuppressed: true },
    ),
  );
  const settled = await execute(
    tx,
    sql`
      update sync_change change
      set state = case
          -- They had lost the tag already.
          when change.action = ${END} and not batch.had then ${CHANGE_STATES.rejected}::smallint
          else ${CHANGE_STATES.applied}::smallint
        end,
        moves = batch.had <> exists (
          select from profile_tag held
          where held.section_id = ${sectionId} and held.tag_id = ${kept.tagId} and held.profile_id = batch.profile_id
        )
      from sync_batch batch
      where change.section_id = ${sectionId} and change.run_id = ${runId} and change.list_id = ${kept.id}
        and change.profile_id = batch.profile_id`,
  );
  // People who were deleted since are no change any more.
  if (settled === 0) {
    await execute(tx, sql`update sync_change set state = ${CHANGE_STATES.rejected} where ${ofList}`);
  }
  return { counts: { applied: changed.applied, removed: changed.removed }, cursor: 0, finished: false };
}

/** Locks existing profiles in order. If one has been deleted or merged since, the step is retried. */
async function lockProfiles(tx: Tx, { sectionId }: Applying, profiles: Sql): Promise<void> {
  const ids = await rows<{ id: ProfileId }>(tx, sql`select distinct profile_id as id from (${profiles}) wanted`);
  const locked = await execute(
    tx,
    sql`
      select from profile
      where section_id = ${sectionId} and id = any(${ids.map(({ id }) => id)}::bigint[])
      order by id
      for no key update`,
  );
  if (locked < ids.length) throw new LostRace();
}
