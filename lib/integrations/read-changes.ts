// Between two reads of all lists: the contacts that have changed. Only their attributes are applied. Who is on a list is never
// concluded from changes: a contact that was deactivated, deleted or merged makes the next read of the lists due at once.
import { transaction } from '@/lib/db/pool';
import { execute, one, sql, type Tx } from '@/lib/db/sql';
import { LACKS_VALUES } from './apply';
import type { ChangedEnd } from './connector';
import { CrmError } from './crm-error';
import { OUTCOMES } from './outcome';
import { NO_LIST, requireOwn, stageMembers, type Reading } from './reading';
import { forgetMembers } from './retention';
import { startSyncOperation } from './start';

type Ended = ChangedEnd & {
  /** What changed before could not be told. */
  expired: boolean;
};

/** Reads what has changed since the last such read, and starts the run's operation if that concerns anybody here. */
export async function readChangedContacts(reading: Reading): Promise<void> {
  const { sectionId, runId, connection, calls } = reading;
  const ended = await readSince(reading);
  await transaction(async (tx) => {
    await requireOwn(tx, reading);
    if (ended === null) return endUnable(tx, reading);
    const listsAreDue = ended.expired || (await isAnybodyGone(tx, reading, ended.deletedIds));
    const ofConnection = sql`section_id = ${sectionId} and id = ${connection.id}`;
    if (listsAreDue && connection.options.everyMinutes !== null) {
      await execute(tx, sql`update connection set next_sync_at = ${new Date()} where ${ofConnection}`);
    }
    await matchChanged(tx, reading);
    const { differing } = await one<{ differing: boolean }>(
      tx,
      sql`select exists (select from sync_member where section_id = ${sectionId} and run_id = ${runId}) as differing`,
    );
    if (!differing) {
      await execute(tx, sql`update connection set changes_cursor = ${ended.nextCursor} where ${ofConnection}`);
      await forgetRun(tx, reading);
      return;
    }
    await execute(
      tx,
      sql`
        update sync_run set calls = ${calls()}, changes_cursor = ${ended.nextCursor}
        where section_id = ${sectionId} and id = ${runId}`,
    );
    await startSyncOperation(tx, reading.run, { name: connection.name });
  });
}

/** Stages the contacts that have changed; null if the CRM cannot tell. */
async function readSince(reading: Reading): Promise<Ended | null> {
  const { session, connection } = reading;
  const fields = connection.options.fields.map(({ field }) => field);
  const { readChanged } = session;
  if (!readChanged) return null;
  try {
    return { ...(await stageMembers(reading, NO_LIST, readChanged(connection.changesCursor, fields))), expired: false };
  } catch (error) {
    if (!(error instanceof CrmError) || error.kind !== 'cursor_expired' || connection.changesCursor === null)
      throw error;
    return { ...(await stageMembers(reading, NO_LIST, readChanged(null, fields))), expired: true };
  }
}

/** The settings of the connection have changed since: there is nothing to read. */
async function endUnable(tx: Tx, reading: Reading): Promise<void> {
  const { sectionId, connection } = reading;
  await execute(
    tx,
    sql`
      update connection set next_changes_at = null, changes_cursor = null
      where section_id = ${sectionId} and id = ${connection.id}`,
  );
  await forgetRun(tx, reading);
}

/** A read that brought nothing is no news. */
async function forgetRun(tx: Tx, { sectionId, runId }: Reading): Promise<void> {
  await forgetMembers(tx, sectionId, [runId]);
  await execute(tx, sql`delete from sync_run where section_id = ${sectionId} and id = ${runId}`);
}

/** Whether a contact that we know was deactivated, merged or deleted. */
async function isAnybodyGone(
  tx: Tx,
  { sectionId, runId, connection }: Reading,
  deletedIds: string[],
): Promise<boolean> {
  const linked = sql`linked.section_id = ${sectionId} and linked.keyspace_id = ${connection.keyspaceId}`;
  const { gone } = await one<{ gone: boolean }>(
    tx,
    sql`
      select exists (
        select from sync_member member
        join profile_key linked on ${linked} and linked.key = member.key
        where member.section_id = ${sectionId} and member.run_id = ${runId}
          and (not member.active or member.merged_into is not null)
      ) or (
        -- The CRM names only ids, without the kind of contact that our keys begin with.
        cardinality(${deletedIds}::text[]) > 0 and exists (
          select from profile_key linked
          where ${linked} and substr(linked.key, strpos(linked.key, ':') + 1) = any(${deletedIds}::text[])
        )
      ) as gone`,
  );
  return gone;
}

/**
 * Keeps of the contacts those whose values a profile lacks, and matches them by the CRM's id. The profile has a tag by one of the
 * lists, and no second contact: of several, the read of all lists decides which one's values count.
 */
async function matchChanged(tx: Tx, { sectionId, runId, connection }: Reading): Promise<void> {
  const ofRun = sql`member.section_id = ${sectionId} and member.run_id = ${runId}`;
  const linkedTo = sql`linked.section_id = ${sectionId} and linked.keyspace_id = ${connection.keyspaceId}`;
  await execute(
    tx,
    sql`
      update sync_member member
      set profile_id = linked.profile_id, outcome = ${OUTCOMES.linked}
      from profile_key linked
      join profile on profile.section_id = ${sectionId} and profile.id = linked.profile_id
      where ${ofRun} and member.active and member.merged_into is null and ${LACKS_VALUES}
        and ${linkedTo} and linked.key = member.key
        and not exists (
          select from profile_key other
          where other.section_id = ${sectionId} and other.keyspace_id = ${connection.keyspaceId}
            and other.profile_id = linked.profile_id and other.key <> linked.key
        )
        and exists (
          select from tag_claim claim
          join connection_list list on list.section_id = ${sectionId} and list.holder_id = claim.holder_id
          where claim.section_id = ${sectionId} and claim.profile_id = linked.profile_id
            and list.connection_id = ${connection.id} and list.status <> 'left'
        )`,
  );
  await execute(tx, sql`delete from sync_member member where ${ofRun} and member.outcome <> ${OUTCOMES.linked}`);
}
