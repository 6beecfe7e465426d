// How runs end: what they have learnt about their lists and connection.
import type { ConnectionListId, SectionId } from '@/lib/db/ids';
import { execute, one, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { CHANGE_STATES } from './outcome';
import type { KeptList, OpenConnection, OpenRun } from './queries';
import { forgetMembers } from './retention';
import type { ListCounts, SyncListStatus } from './schema';

/** A list of the run, with the name that it has in the CRM now. */
export type RunList = KeptList & { runStatus: SyncListStatus; newDefinition: string | null; counts: ListCounts };

type Ending = {
  sectionId: SectionId;
  run: OpenRun;
  connection: OpenConnection;
  lists: RunList[];
  /** Of its operation. */
  counts: Record<string, number>;
};

const changesIn = ({ adds, removes, joins, leaves, create }: ListCounts): number =>
  adds + removes + joins + leaves + create;

/** The run is done, or waits for an answer. */
export async function endRun(tx: Tx, { sectionId, run, connection, lists, counts }: Ending): Promise<void> {
  // Before the lists, as the commands that change them lock it.
  await execute(
    tx,
    sql`select from connection where section_id = ${sectionId} and id = ${connection.id} for no key update`,
  );
  const held = await rows<{ listId: ConnectionListId }>(
    tx,
    sql`
      select distinct list_id as "listId" from sync_change
      where section_id = ${sectionId} and run_id = ${run.id} and state = ${CHANGE_STATES.held}`,
  );
  const isHeld = (list: RunList) => held.some(({ listId }) => listId === list.id);
  // Nobody has agreed to these removals, also if they are moot by now: the next sync is to ask again, so what it compares with stays as
  // it was.
  const left = await rows<{ listId: ConnectionListId }>(
    tx,
    sql`
      select list_id as "listId" from sync_run_list
      where section_id = ${sectionId} and run_id = ${run.id} and (taken_off = false or (hold is not null and taken_off is null))`,
  );
  for (const list of lists.filter((item) => !isHeld(item))) {
    const isLeft = left.some(({ listId }) => listId === list.id);
    await execute(
      tx,
      sql`
        update sync_run_list set status = 'done', reason = null
        where section_id = ${sectionId} and run_id = ${run.id} and list_id = ${list.id} and status in ('read', 'held')`,
    );
    await execute(
      tx,
      sql`
        update connection_list
        set confirmed = true,
          definition = case when ${isLeft}::boolean and confirmed then definition else ${list.newDefinition} end
        where section_id = ${sectionId} and id = ${list.id} and status <> 'paused'`,
    );
  }
  const waits = held.length > 0;
  const changes = lists.reduce((sum, list) => sum + changesIn(list.counts), 0);
  const nothing = !waits && changes === 0 && Object.values(counts).every((count) => count === 0);
  await execute(
    tx,
    sql`
      update sync_run set status = ${waits ? 'held' : 'done'}, finished_at = ${new Date()},
        quiet = ${nothing}::boolean and cause in ('schedule', 'webhook') and not exists (
          select from sync_run_list item
          where item.section_id = ${sectionId} and item.run_id = ${run.id} and item.status = 'failed'
        )
      where section_id = ${sectionId} and id = ${run.id}`,
  );
  const isAccepted = !waits && left.length === 0 && (await hasComparedAll(tx, run));
  const isOther = connection.identity !== null && run.identity !== null && connection.identity !== run.identity;
  if (isAccepted && isOther) {
    // Lists that are paused, or that the CRM did not have, come back with a dry run: their contacts are read by another user.
    await execute(
      tx,
      sql`
        update connection_list list set confirmed = false, dry_run_reason = 'user'
        where list.section_id = ${sectionId} and list.connection_id = ${connection.id} and ${notDone(run)}`,
    );
  }
  // Syncs go on by schedule: the next one may find the list in order again, which answers the question.
  const attention = waits ? 'The last sync would take tags off many people. It waits for your answer.' : null;
  await execute(
    tx,
    sql`
      update connection
      set status = case when status = 'waiting' then 'active' else status end,
        -- Who reads now is whom later syncs are compared with, once what they take off each list has been looked at.
        identity = case when ${isAccepted}::boolean or identity is null then coalesce(${run.identity}, identity) else identity end,
        attention = ${attention}
      where section_id = ${sectionId} and id = ${connection.id} and status <> 'removed'`,
  );
}

/** A condition on `list`: the run has not compared it. */
const notDone = ({ sectionId, id }: OpenRun): Sql => sql`
  not exists (
    select from sync_run_list item
    where item.section_id = ${sectionId} and item.run_id = ${id} and item.list_id = list.id and item.status = 'done'
  )`;

/** Whether the run has compared every list that is synced without a dry run. */
async function hasComparedAll(tx: Tx, run: OpenRun): Promise<boolean> {
  const { all } = await one<{ all: boolean }>(
    tx,
    sql`
      select not exists (
        select from connection_list list
        where list.section_id = ${run.sectionId} and list.connection_id = ${run.connectionId}
          and list.status = 'active' and list.confirmed and ${notDone(run)}
      ) as all`,
  );
  return all;
}

/** A read of changes was applied: the next one goes on from there. */
export async function endChanges(tx: Tx, { sectionId, id, connectionId }: OpenRun): Promise<void> {
  await execute(
    tx,
    sql`
      update connection set changes_cursor = run.changes_cursor
      from sync_run run
      where connection.section_id = ${sectionId} and connection.id = ${connectionId}
        and run.section_id = ${sectionId} and run.id = ${id}`,
  );
  await execute(
    tx,
    sql`
      update sync_run set status = 'done', finished_at = ${new Date()}
      where section_id = ${sectionId} and id = ${id}`,
  );
  await forgetMembers(tx, sectionId, [id]);
}
