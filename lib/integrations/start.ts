// Starts runs, and the operation that compares and applies what a run has read.

import { refuse } from '@/lib/access/refusal';
import type {
  ApiKeyId,
  ConnectionId,
  ConnectionListId,
  KeyspaceId,
  OperationId,
  SectionId,
  SyncRunId,
  UserId,
} from '@/lib/db/ids';
import { execute, maybeOne, one, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { lowerCount } from '@/lib/work/lower-count';
import { lockOperation, undosAndRedos } from '@/lib/work/lock';
import { requeueOperation, startOperation } from '@/lib/work/start';
import type { OpenConnection, OpenRun } from './queries';
import { forgetMembers } from './retention';
import type { SyncStatus } from './schema';
import { syncDryRunKind, syncKind } from './kinds';

/** The task that reads the lists of a run. */
export const READ_TASK = 'read_connection';

/** What started a run. `changes`: the schedule, to read only contacts that have changed, and none of the lists. */
export const RUN_CAUSES = ['hand', 'schedule', 'webhook', 'api', 'changes'] as const;
export type RunCause = (typeof RUN_CAUSES)[number];

/** A run that is under way, as far as its row and its operation say. */
export const isUnderWay = sql`
  (run.status = 'reading' or (run.status in ('comparing', 'applying') and operation.status in ('queued', 'running')))`;

/** The run of a connection that is under way. The caller has locked the connection. */
export const findUnderWay = (
  tx: Tx,
  sectionId: SectionId,
  connectionId: ConnectionId,
): Promise<{ id: SyncRunId } | undefined> =>
  maybeOne<{ id: SyncRunId }>(
    tx,
    sql`
      select run.id from sync_run run
      left join operation on operation.section_id = ${sectionId} and operation.id = run.operation_id
      where run.section_id = ${sectionId} and run.connection_id = ${connectionId} and ${isUnderWay}
      limit 1`,
  );

/** Locks a connection, so that two runs of it cannot start at once. Refuses with `not_found` if it is gone. */
export async function lockConnection(
  tx: Tx,
  sectionId: SectionId,
  id: ConnectionId,
): Promise<{ name: string; kind: string; status: string; keyspaceId: KeyspaceId }> {
  const found = await maybeOne<{ name: string; kind: string; status: string; keyspaceId: KeyspaceId }>(
    tx,
    sql`
      select name, kind, status, keyspace_id as "keyspaceId" from connection
      where section_id = ${sectionId} and id = ${id} and status <> 'removed'
      for no key update`,
  );
  return found ?? refuse('not_found', 'This connection does not exist, or it has been removed.');
}

type NewRun = {
  sectionId: SectionId;
  connectionId: ConnectionId;
  dry: boolean;
  startedBy: UserId | null;
  startedByKey?: ApiKeyId | null;
  cause: Exclude<RunCause, 'changes'>;
  /** Only these lists; null: all that are kept. */
  listIds?: readonly ConnectionListId[] | null;
};

/**
 * Starts a run of a connection, which the caller has locked. Refuses with `conflict` while another one is under way.
 * Earlier runs that wait for an answer are replaced: this one judges anew.
 */
export async function startRun(tx: Tx, run: NewRun): Promise<SyncRunId> {
  const { sectionId, connectionId, dry, startedBy, startedByKey = null, cause, listIds = null } = run;
  await supersedeIdle(tx, sectionId, connectionId);
  const { id } = await one<{ id: SyncRunId }>(
    tx,
    sql`
      insert into sync_run (section_id, connection_id, dry, started_by, started_by_key, cause, created_at)
      values (${sectionId}, ${connectionId}, ${dry}, ${startedBy}, ${startedByKey}, ${cause}, ${new Date()})
      returning id`,
  );
  const chosen = listIds === null ? sql`` : sql`and id = any(${listIds}::int[])`;
  const count = await execute(
    tx,
    sql`
      insert into sync_run_list (section_id, run_id, list_id, name)
      select ${sectionId}::int, ${id}::int, list.id, list.name from connection_list list
      where list.section_id = ${sectionId} and list.connection_id = ${connectionId}
        and list.status not in ('left', 'paused') ${chosen}`,
  );
  if (count === 0) refuse('conflict', 'This connection keeps no lists yet. Choose some first.');
  await addReadJob(tx, { sectionId, id });
  return id;
}

/**
 * Ends what waits of a connection, which the caller has locked: before a new run, and before a change of what was read or planned for.
 * Refuses with `conflict` while a sync runs.
 */
export async function supersedeIdle(tx: Tx, sectionId: SectionId, connectionId: ConnectionId): Promise<void> {
  await cancelChanges(tx, sectionId, connectionId);
  const other = await findUnderWay(tx, sectionId, connectionId);
  if (other) refuse('conflict', 'A sync of this connection is running. Wait until it is done, or cancel it.');
  await supersede(tx, sectionId, connectionId);
}

/** The same, for a change that a sync under way takes into account itself. */
export async function supersedeUnlessRunning(tx: Tx, sectionId: SectionId, connectionId: ConnectionId): Promise<void> {
  if (!(await findUnderWay(tx, sectionId, connectionId))) await supersede(tx, sectionId, connectionId);
}

/** Ends dry runs that wait to be applied, and what stopped halfway, unless a sync is under way. Removals that wait go on waiting. */
export async function supersedePlans(tx: Tx, sectionId: SectionId, connectionId: ConnectionId): Promise<void> {
  if (await findUnderWay(tx, sectionId, connectionId)) return;
  await supersede(tx, sectionId, connectionId, ['planned', 'comparing', 'applying']);
}

/**
 * Ends the runs of a connection that wait for somebody, or stopped halfway, and forgets what they have read. None is under way: the
 * caller has looked. What stopped halfway could otherwise be retried later, over what a newer run has done.
 */
export async function supersede(
  tx: Tx,
  sectionId: SectionId,
  connectionId: ConnectionId,
  statuses: readonly SyncStatus[] = ['held', 'planned', 'comparing', 'applying'],
): Promise<void> {
  const old = await rows<{ id: SyncRunId; operationId: OperationId | null }>(
    tx,
    sql`
      update sync_run set status = 'superseded'
      where section_id = ${sectionId} and connection_id = ${connectionId}
        and status = any(${statuses}::sync_status[])
      returning id, operation_id as "operationId"`,
  );
  // What waited no longer does.
  const ids = old.flatMap(({ operationId }) => operationId ?? []);
  await lowerCount(tx, { sectionId, ids, name: 'held' }, 'all');
  await forgetMembers(
    tx,
    sectionId,
    old.map(({ id }) => id),
  );
  // Nobody can answer any more.
  if (old.length > 0) {
    await execute(
      tx,
      sql`
        update connection set attention = null
        where section_id = ${sectionId} and id = ${connectionId} and status <> 'waiting'`,
    );
  }
}

/** A read of changes does not hold up a run that reads everything. */
async function cancelChanges(tx: Tx, sectionId: SectionId, connectionId: ConnectionId): Promise<void> {
  const gone = await rows<{ id: SyncRunId }>(
    tx,
    sql`
      delete from sync_run
      where section_id = ${sectionId} and connection_id = ${connectionId} and status = 'reading' and cause = 'changes'
      returning id`,
  );
  // In a statement of its own, which sees what its reader wrote until the run was gone.
  await forgetMembers(
    tx,
    sectionId,
    gone.map(({ id }) => id),
  );
}

/**
 * Starts a read of the contacts that have changed, unless another run of the connection is under way. The caller has locked it. Runs
 * that wait for an answer go on waiting.
 */
export async function startChanges(tx: Tx, sectionId: SectionId, connectionId: ConnectionId): Promise<void> {
  if (await findUnderWay(tx, sectionId, connectionId)) return;
  const ofChanges = sql`section_id = ${sectionId} and connection_id = ${connectionId} and cause = 'changes'`;
  // What stopped halfway is not to be retried over what this one reads.
  await execute(
    tx,
    sql`update sync_run set status = 'superseded' where ${ofChanges} and status in ('comparing', 'applying')`,
  );
  const run = await one<Which>(
    tx,
    sql`
      insert into sync_run (section_id, connection_id, dry, started_by, cause, created_at)
      values (${sectionId}, ${connectionId}, false, null, 'changes', ${new Date()})
      returning section_id as "sectionId", id`,
  );
  await addReadJob(tx, run);
}

type Which = { sectionId: SectionId; id: SyncRunId };

/** The key of the job that reads a run. */
export const readKey = ({ sectionId, id }: Which): string => `read:${sectionId}:${id}`;

export async function addReadJob(db: Db, run: Which): Promise<void> {
  await rows(
    db,
    sql`
      select graphile_worker.add_job(
        ${READ_TASK},
        json_build_object('sectionId', ${run.sectionId}::int, 'runId', ${run.id}::int),
        job_key := ${readKey(run)},
        max_attempts := 6
      )`,
  );
}

/** All lists have been read: the operation compares them, and applies the differences unless the run is dry. */
export async function startComparing(
  tx: Tx,
  run: OpenRun,
  { connection, identity }: { connection: OpenConnection; identity: string },
): Promise<void> {
  await execute(
    tx,
    sql`update sync_run set identity = ${identity} where section_id = ${run.sectionId} and id = ${run.id}`,
  );
  await startSyncOperation(tx, run, { name: connection.name });
}

/** Assignments of an `update sync_run`: it had ended so far, and goes on. */
const goesOn = (now: Date): Sql => sql`
  waited_seconds = waited_seconds + coalesce(extract(epoch from ${now}::timestamptz - finished_at)::int, 0),
  finished_at = null`;

/** Starts the operation of a run: from the beginning, or, of a dry run, with what it has planned. */
export async function startSyncOperation(
  tx: Tx,
  run: Pick<OpenRun, 'sectionId' | 'id' | 'dry' | 'startedBy' | 'startedByKey' | 'cause'>,
  { name }: { name: string },
): Promise<OperationId> {
  const { sectionId, id: runId, dry, startedBy, startedByKey, cause } = run;
  const operationId = await startOperation(tx, dry ? syncDryRunKind : syncKind, {
    sectionId,
    summary: cause === 'changes' ? `Changed contacts of ${name}` : dry ? `Dry run of ${name}` : `Sync with ${name}`,
    input: { runId },
    total: null,
    userId: startedBy,
    apiKeyId: startedByKey,
  });
  await execute(
    tx,
    sql`
      update sync_run
      set operation_id = ${operationId}, dry = ${dry}, error = null, ${goesOn(new Date())},
        status = case when status = 'reading' then 'comparing'::sync_status else 'applying'::sync_status end
      where section_id = ${sectionId} and id = ${runId}`,
  );
  return operationId;
}

/**
 * Goes on with a run that waited for an answer, in the operation that it has, so that one undo takes back all of it. Refuses with
 * `conflict` if it was undone.
 */
export async function resumeSync(
  tx: Tx,
  { sectionId, id, operationId }: OpenRun,
  by: { userId: UserId | null; apiKeyId: ApiKeyId | null; answered: number },
): Promise<void> {
  if (operationId === null) throw new Error(`Run ${id} has no operation.`);
  await lockOperation(tx, { sectionId, operationId });
  const undos = await undosAndRedos(tx, { sectionId, operationId });
  const last = undos.findLast(({ status }) => status !== 'failed' && status !== 'cancelled');
  if (last && !(last.redoes && last.status === 'done')) {
    refuse('conflict', 'This sync was undone, so there is nothing to answer. Look into the CRM, then start a dry run.');
  }
  await execute(
    tx,
    sql`
      update sync_run set status = 'applying', error = null, ${goesOn(new Date())}
      where section_id = ${sectionId} and id = ${id}`,
  );
  // They no longer wait.
  await lowerCount(tx, { sectionId, ids: [operationId], name: 'held' }, by.answered);
  await requeueOperation(tx, { sectionId, id: operationId }, by);
}
