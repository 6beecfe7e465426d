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

/** Writes the list's changes to `sync_change`, as planned, or as refused by Allowed Operations. Returns its counts. */
export async function compareList(tx: Tx, list: Comparing): Promise<Omit<ListCounts, 'seen' | 'skipped' | 'declared'>> {
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
    Record<'matched' | 'unmatched' | 'create' | 'noAddress' | 'ambiguous' | 'inactive' | 'erased', number>
  >(
    tx,
    sql`
      select
        count(*) filter (where outcome between ${OUTCOMES.linked} and ${LAST_MATCHED} and profile_id is not null) as matched,
        count(*) filter (where outcome = ${OUTCOMES.unmatched}) as unmatched,
        count(*) filter (where outcome = ${OUTCOMES.create}) as "create",
        count(*) filter (where outcome = ${OUTCOMES.no_address}) as "noAddress",
        count(*) filter (where outcome = ${OUTCOMES.ambiguous}) as ambiguous,
        count(*) filter (where outcome = ${OUTCOMES.inactive}) as inactive,
        count(*) filter (where outcome = ${OUTCOMES.erased}) as erased
      from sync_member where ${ofList}`,
  );
  const profiles = await one<Record<'had' | 'keptOff' | 'adds' | 'removes' | 'refused', number>>(
    tx,
    sql`
      select claims.had, claims.kept_off as "keptOff", changes.adds, changes.removes, changes.refused
      from (
        select count(*) filter (where not claim.suppressed) as had,
          count(*) filter (where claim.suppressed and wanted.profile_id is not null) as kept_off
        from (${claims}) claim
        left join (${wanted}) wanted on wanted.profile_id = claim.profile_id
      ) claims, (
        select count(*) filter (where action = ${BEGIN} and state = ${CHANGE_STATES.planned}) as adds,
          count(*) filter (where action = ${END} and state = ${CHANGE_STATES.planned}) as removes,
          count(*) filter (where state = ${CHANGE_STATES.refused}) as refused
        from sync_change where ${ofList}
      ) changes`,
  );
  return { ...contacts, ...profiles };
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
