// What a list's claims should become: the difference between those that it has and the profiles that were matched.
import type { ClaimHolderId, ConnectionListId, KeyspaceId, SectionId, SyncRunId, TagId } from '@/lib/db/ids';
import { execute, one, sql, type Tx } from '@/lib/db/sql';
import { BEGIN, CHANGE_STATES, END, LAST_MATCHED, OUTCOMES } from './outcome';
import type { ListCounts } from './schema';

export type Comparing = {
  sectionId: SectionId;
  runId: SyncRunId;
  listId: ConnectionListId;
  tagId: TagId;
  holderId: ClaimHolderId;
  keyspaceId: KeyspaceId;
  addOnly: boolean;
};

export type Compared = Omit<ListCounts, 'seen' | 'skipped' | 'declared' | 'newProfiles' | 'joins' | 'leaves'>;

/** The people for whom profiles are to be created, of some of `sync_member`: by address, as `createProfilesOf` does it. */
const NEW_PEOPLE = sql`
  count(distinct coalesce('@' || emails[1], mobiles[1])) filter (where outcome = ${OUTCOMES.create})`;

/** Writes the list's changes to `sync_change`, as planned, or as refused by Allowed Operations. Returns its counts. */
export async function compareList(tx: Tx, list: Comparing): Promise<Compared> {
  const { sectionId, runId, listId, tagId, holderId, addOnly } = list;
  const mayWrite = await isWritable(tx, list);
  const state = mayWrite ? CHANGE_STATES.planned : CHANGE_STATES.refused;
  const claims = sql`
    select profile_id, suppressed from tag_claim
    where section_id = ${sectionId} and tag_id = ${tagId} and holder_id = ${holderId}`;
  const wanted = sql`
    select distinct profile_id from sync_member
    where section_id = ${sectionId} and run_id = ${runId} and list_id = ${listId}
      and outcome between ${OUTCOMES.linked} and ${LAST_MATCHED} and profile_id is not null`;
  await execute(
    tx,
    sql`
      insert into sync_change (section_id, run_id, list_id, profile_id, action, state)
      select ${sectionId}::int, ${runId}::int, ${listId}::int, coalesce(wanted.profile_id, claim.profile_id),
        case when claim.profile_id is null then ${BEGIN}::smallint else ${END}::smallint end, ${state}::smallint
      from (${wanted}) wanted
      full join (${claims}) claim on claim.profile_id = wanted.profile_id
      where claim.profile_id is null or (wanted.profile_id is null and not claim.suppressed and ${!addOnly}::boolean)`,
  );
  const ofList = sql`section_id = ${sectionId} and run_id = ${runId} and list_id = ${listId}`;
  const contacts = await one<
    Record<'matched' | 'unmatched' | 'create' | 'newPeople' | 'noAddress' | 'ambiguous' | 'inactive' | 'erased', number>
  >(
    tx,
    sql`
      select
        count(*) filter (where outcome between ${OUTCOMES.linked} and ${LAST_MATCHED} and profile_id is not null) as matched,
        count(*) filter (where outcome = ${OUTCOMES.unmatched}) as unmatched,
        count(*) filter (where outcome = ${OUTCOMES.create}) as "create",
        ${NEW_PEOPLE} as "newPeople",
        count(*) filter (where outcome = ${OUTCOMES.no_address}) as "noAddress",
        count(*) filter (where outcome = ${OUTCOMES.ambiguous}) as ambiguous,
        count(*) filter (where outcome = ${OUTCOMES.inactive}) as inactive,
        count(*) filter (where outcome = ${OUTCOMES.erased}) as erased
      from sync_member where ${ofList}`,
  );
  const profiles = await one<Record<'people' | 'had' | 'keptOff' | 'adds' | 'removes' | 'refused', number>>(
    tx,
    sql`
      select claims.had, claims.kept_off as "keptOff", changes.adds, changes.removes, changes.refused,
        claims.wanted + changes.begun as people
      from (
        select count(*) filter (where not claim.suppressed) as had, count(wanted.profile_id) as wanted,
          count(*) filter (where claim.suppressed and wanted.profile_id is not null) as kept_off
        from (${claims}) claim
        left join (${wanted}) wanted on wanted.profile_id = claim.profile_id
      ) claims, (
        select count(*) filter (where action = ${BEGIN}) as begun,
          count(*) filter (where action = ${BEGIN} and state = ${CHANGE_STATES.planned}) as adds,
          count(*) filter (where action = ${END} and state = ${CHANGE_STATES.planned}) as removes,
          count(*) filter (where state = ${CHANGE_STATES.refused}) as refused
        from sync_change where ${ofList}
      ) changes`,
  );
  return { ...contacts, ...profiles };
}

/** How many profiles a run would create: who is on several of its lists is created once. */
export async function countNewProfiles(tx: Tx, sectionId: SectionId, runId: SyncRunId): Promise<number> {
  const { count } = await one<{ count: number }>(
    tx,
    sql`select ${NEW_PEOPLE} as count from sync_member where section_id = ${sectionId} and run_id = ${runId}`,
  );
  return count;
}

/** Other lists of the run that keep the same tag. */
export type Sibling = { id: ConnectionListId; holderId: ClaimHolderId };

/**
 * Marks the changes of a compared list by which nobody gets or loses the tag, since something else holds it as well: people, or another
 * list, also one of this run. Returns how many there are. All lists of the run have been compared.
 */
export async function markUnmoved(
  tx: Tx,
  { sectionId, runId, listId, tagId, holderId }: Omit<Comparing, 'keyspaceId' | 'addOnly'>,
  siblings: readonly Sibling[],
): Promise<Pick<ListCounts, 'joins' | 'leaves'>> {
  const open = sql`(${CHANGE_STATES.planned}, ${CHANGE_STATES.held})`;
  const sibling = sql`
    unnest(${siblings.map(({ id }) => id)}::int[], ${siblings.map((list) => list.holderId)}::int[]) sibling (id, holder_id)
    join sync_change other on other.section_id = ${sectionId} and other.run_id = ${runId} and other.list_id = sibling.id
      and other.profile_id = change.profile_id and other.state in ${open}`;
  return one<Pick<ListCounts, 'joins' | 'leaves'>>(
    tx,
    sql`
      with marked as (
        update sync_change change set moves = false
      where change.section_id = ${sectionId} and change.run_id = ${runId} and change.list_id = ${listId}
        and change.state in ${open}
        and case
          when change.action = ${BEGIN} then exists (
            select from profile_tag held
            where held.section_id = ${sectionId} and held.tag_id = ${tagId} and held.profile_id = change.profile_id
          ) or exists (select from ${sibling} where other.action = ${BEGIN} and other.list_id < ${listId})
          else exists (
            select from profile_tag held
            where held.section_id = ${sectionId} and held.tag_id = ${tagId} and held.profile_id = change.profile_id
              and held.direct
          ) or exists (
            select from tag_claim claim
            where claim.section_id = ${sectionId} and claim.tag_id = ${tagId} and claim.profile_id = change.profile_id
              and claim.holder_id <> ${holderId} and not claim.suppressed
              and not exists (select from ${sibling} where other.action = ${END} and sibling.holder_id = claim.holder_id)
          ) or exists (
            -- The last of them takes the tag off.
            select from ${sibling} where other.action = ${BEGIN} or other.list_id > ${listId}
          )
        end
        returning change.action
      )
      select count(*) filter (where action = ${BEGIN}) as joins, count(*) filter (where action = ${END}) as leaves
      from marked`,
  );
}

/** Whether Allowed Operations let the connection's keyspace write the tag. */
export async function isWritable(
  tx: Tx,
  { sectionId, tagId, keyspaceId }: Pick<Comparing, 'sectionId' | 'tagId' | 'keyspaceId'>,
): Promise<boolean> {
  const { allowed } = await one<{ allowed: boolean }>(
    tx,
    sql`
      select coalesce(
        (select can_write from tag_permission
         where section_id = ${sectionId} and tag_id = ${tagId} and keyspace_id = ${keyspaceId}),
        true
      ) as allowed`,
  );
  return allowed;
}
