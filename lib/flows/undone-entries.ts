// The entries that an operation started: said with its undo, which may end them.
import type { FlowId, OperationId, SectionId } from '@/lib/db/ids';
import { databaseTime } from '@/lib/db/clock';
import { execute, maybeOne, one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { forgetSignalsOf } from '@/lib/signals/inbox';
import { CONSUMER } from './listening';
import { endRuns, hearAgain, PLACED, STAYED, type Placed } from './places';
import { Counting } from './write';

/** A flow that an operation let people into: how many, how many of them are in it now, and how many messages of it they have got by now. */
export type StartedEntries = { flowId: FlowId; name: string; entered: number; inside: number; sent: number };

/** Of the operations together, in the order of the flows’ names. */
export function startedBy(db: Db, sectionId: SectionId, ids: readonly OperationId[]): Promise<StartedEntries[]> {
  return rows(
    db,
    sql`
      select flow.id as "flowId", flow.name, run.entered, run.inside, (
        select count(*) from send
        join recipient on recipient.section_id = ${sectionId} and recipient.send_id = send.id and recipient.state = 'sent'
        join flow_run own
          on own.section_id = ${sectionId} and own.flow_id = flow.id and own.profile_id = recipient.profile_id
          and own.operation_id = any(${ids}::int[]) and recipient.ended_at >= own.entered_at
        where send.section_id = ${sectionId} and send.flow_id = flow.id
      ) as sent
      from (
        select flow_id, count(*) as entered, count(due_at) as inside from flow_run
        where section_id = ${sectionId} and operation_id = any(${ids}::int[])
        group by flow_id
      ) run
      join flow on flow.section_id = ${sectionId} and flow.id = run.flow_id
      where flow.deleted_at is null
      order by flow.name_key, flow.id`,
  );
}

/**
 * Ends those that are still going on, up to `limit`, in one of the flows, and forgets who was to enter yet. Returns how many: none if all have ended.
 */
export async function endStarted(
  tx: Tx,
  { sectionId, operationId }: { sectionId: SectionId; operationId: OperationId },
  ids: readonly OperationId[],
  limit: number,
): Promise<number> {
  await forgetSignalsOf(tx, { sectionId, consumer: CONSUMER, purpose: 'enrol' }, ids);
  await execute(tx, sql`delete from flow_kept where section_id = ${sectionId} and operation_id = any(${ids}::int[])`);
  const of = sql`run.section_id = ${sectionId} and run.operation_id = any(${ids}::int[]) and run.due_at is not null`;
  const next = await maybeOne<{ flowId: FlowId }>(
    tx,
    sql`select run.flow_id as "flowId" from flow_run run where ${of} order by run.flow_id limit 1`,
  );
  if (!next) return 0;
  const place = { tx, sectionId, flowId: next.flowId };
  const runs = await rows<Placed>(
    tx,
    sql`
      select ${PLACED} from flow_run run
      where ${of} and run.flow_id = ${next.flowId}
      order by run.profile_id
      limit ${limit}
      for update`,
  );
  const counting = new Counting();
  const now = await databaseTime(tx);
  await endRuns(place, operationId, runs, 'undone', now, counting);
  await counting.write(place, now);
  await hearAgain(place);
  return runs.length;
}

/** Those whom operations moved in flows: how many would be put back, and how many have gone on since. */
export function countMoved(
  db: Db,
  sectionId: SectionId,
  ids: readonly OperationId[],
): Promise<{ back: number; stay: number }> {
  return one(
    db,
    sql`
      select count(run.profile_id) as back, count(*) - count(run.profile_id) as stay
      from flow_moved moved
      join flow on flow.section_id = ${sectionId} and flow.id = moved.flow_id
      left join flow_run run
        on run.section_id = ${sectionId} and run.flow_id = moved.flow_id and run.profile_id = moved.profile_id and ${STAYED}
      where moved.section_id = ${sectionId} and moved.operation_id = any(${ids}::int[])`,
  );
}
