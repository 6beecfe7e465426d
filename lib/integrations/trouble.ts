// Connections that need a person: the CRM no longer lets us in, removals wait for an answer, syncs keep failing, or a list has lost its
// tag or was deleted in the CRM. One failure is no alarm: networks fail, and the next sync tries again.
import type { ConnectionId, OperationId, SectionId, SyncRunId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { Trouble } from './schema';

/** Failures in a row from which a connection needs a person. */
const FAILURES = 3;
/** Or the time since the first of them. */
const DAY = 86_400_000;
/** More failures are not counted: the shell asks every few seconds. */
const COUNTED = 1_000;

type Row = {
  id: ConnectionId;
  name: string;
  status: string;
  attention: string | null;
  last: { id: SyncRunId; status: string; operationId: OperationId | null; at: string } | null;
  failures: number;
  since: Date | null;
  failure: { id: SyncRunId; error: string | null } | null;
  /** The list whose tag was hidden first. */
  untagged: { list: string; at: string } | null;
  /** The list that was deleted in the CRM first, and how many were. */
  gone: { list: string; at: string; lists: number } | null;
};

/** The connections of a section that need a person, by name. `connectionId`: only this one. */
export async function listTroubles(
  db: Db,
  sectionId: SectionId,
  { connectionId, now = new Date() }: { connectionId?: ConnectionId; now?: Date } = {},
): Promise<Trouble[]> {
  /** Runs of `connection` that failed since `good`. */
  const failedSince = sql`
    from sync_run run
    left join operation on operation.section_id = ${sectionId} and operation.id = run.operation_id
    where run.section_id = ${sectionId} and run.connection_id = connection.id and run.cause <> 'changes'
      and run.id > coalesce(good.id, 0)
      and (
        run.status = 'failed'
        or (run.status in ('comparing', 'applying', 'superseded') and operation.status = 'failed')
      )`;
  const found = await rows<Row>(
    db,
    sql`
      select connection.id, connection.name, connection.status, connection.attention, last.run as last,
        failed.failures, failed.since, failure.run as failure, untagged.list as untagged,
        gone.list as gone
      from connection
      left join lateral (
        select json_build_object(
          'id', run.id, 'status', run.status, 'operationId', run.operation_id,
          'at', coalesce(run.finished_at, run.created_at)
        ) as run
        from sync_run run
        where run.section_id = ${sectionId} and run.connection_id = connection.id and run.cause <> 'changes'
        order by run.id desc
        limit 1
      ) last on true
      left join lateral (
        select run.id from sync_run run
        where run.section_id = ${sectionId} and run.connection_id = connection.id and run.cause <> 'changes'
          and run.finished_at is not null and run.status in ('done', 'held', 'planned', 'superseded')
        order by run.id desc
        limit 1
      ) good on true
      left join lateral (
        select count(*) as failures, min(created_at) as since
        from (select run.created_at ${failedSince} order by run.id limit ${COUNTED}) first
      ) failed on true
      left join lateral (
        select json_build_object('id', run.id, 'error', coalesce(run.error, operation.error)) as run
        ${failedSince}
        order by run.id desc
        limit 1
      ) failure on true
      left join lateral (
        select json_build_object('list', list.name, 'at', tag.hidden_at) as list
        from connection_list list
        join tag on tag.section_id = ${sectionId} and tag.id = list.tag_id
        where list.section_id = ${sectionId} and list.connection_id = connection.id and list.status <> 'left'
          and tag.hidden_at is not null
        order by tag.hidden_at, list.id
        limit 1
      ) untagged on true
      left join lateral (
        select json_build_object('list', list.name, 'at', list.status_since, 'lists', count(*) over ()) as list
        from connection_list list
        where list.section_id = ${sectionId} and list.connection_id = connection.id and list.status = 'gone'
        order by list.status_since, list.id
        limit 1
      ) gone on true
      where connection.section_id = ${sectionId} and connection.status <> 'removed'
        ${connectionId === undefined ? sql`` : sql`and connection.id = ${connectionId}`}
      order by lower(connection.name), connection.id`,
  );
  return found.flatMap((row) => troubleOf(row, now) ?? []);
}

function troubleOf(row: Row, now: Date): Trouble | null {
  const { id: connectionId, name, status, attention, last, failures, since, failure, untagged, gone } = row;
  const of = { connectionId, name, failures };
  const sinceThen = since?.toISOString() ?? (last ? new Date(last.at).toISOString() : now.toISOString());
  if (status === 'waiting') {
    const runId = failure?.id ?? last?.id ?? null;
    return { ...of, kind: 'waiting', reason: attention ?? '', since: sinceThen, runId, operationId: null };
  }
  if (last?.status === 'held') {
    const { id: runId, operationId } = last;
    return { ...of, kind: 'held', reason: attention ?? '', since: new Date(last.at).toISOString(), runId, operationId };
  }
  const isFailing = since !== null && (failures >= FAILURES || now.getTime() - since.getTime() >= DAY);
  if (status !== 'active') return null;
  if (isFailing) {
    const reason = failure?.error ?? 'The sync could not be finished.';
    return { ...of, kind: 'failing', reason, since: sinceThen, runId: failure?.id ?? null, operationId: null };
  }
  const ofList = { ...of, runId: null, operationId: null };
  if (untagged !== null) {
    const reason = `The tag of the list “${untagged.list}” was hidden for good. Choose another tag for this list, or stop keeping it.`;
    return { ...ofList, kind: 'untagged', reason, since: new Date(untagged.at).toISOString() };
  }
  if (gone === null) return null;
  const which = gone.lists === 1 ? `The list “${gone.list}” was` : `${gone.lists} lists were`;
  const what = gone.lists === 1 ? 'Its tag stays as it is' : 'Their tags stay as they are';
  const reason = `${which} deleted in the CRM. ${what}: link to another list, keep as an ordinary tag, or remove from all.`;
  return { ...ofList, kind: 'gone', reason, since: new Date(gone.at).toISOString() };
}
