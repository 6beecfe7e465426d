// What becomes of the stays in flows of people who are erased or become one.
import { databaseTime } from '@/lib/db/clock';
import type { FlowId, ProfileId, SectionId } from '@/lib/db/ids';
import { execute, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { Counting } from './write';

type Stay = { flowId: FlowId; profileId: ProfileId; entry: number; isInside: boolean; enteredAt: Date };
/** `before`: how often the others had entered, whose entries are counted first. */
type Numbered = Stay & { before: number; goesOn: boolean };

/**
 * Of each flow one stay goes on: one of somebody who is in it now, and of those the own one of who remains; otherwise the last. The entries of all of them are
 * theirs, each with a number of its own.
 */
export async function mergeStays(
  tx: Tx,
  sectionId: SectionId,
  into: ProfileId,
  from: readonly ProfileId[],
): Promise<void> {
  const found = await rows<Stay>(
    tx,
    sql`
      select flow_id as "flowId", profile_id as "profileId", entry, due_at is not null as "isInside",
        entered_at as "enteredAt"
      from flow_run
      where section_id = ${sectionId} and profile_id = any(${[into, ...from]}::bigint[])
      order by flow_id, profile_id
      for update`,
  );
  if (found.length === 0) return;
  const flowIds = [...new Set(found.map(({ flowId }) => flowId))];
  const stays = flowIds.flatMap((id) =>
    numbered(
      found.filter(({ flowId }) => flowId === id),
      into,
    ),
  );
  const given = (which: readonly Numbered[]) => sql`
    unnest(
      ${which.map(({ flowId }) => flowId)}::int[], ${which.map(({ profileId }) => profileId)}::bigint[],
      ${which.map(({ before }) => before)}::int[]
    ) stay (flow_id, profile_id, before)`;
  const [going, dropped] = [stays.filter(({ goesOn }) => goesOn), stays.filter(({ goesOn }) => !goesOn)];
  await dropRuns(tx, sectionId, sql`(flow_id, profile_id) in (select flow_id, profile_id from ${given(dropped)})`);
  const counted = sql`profile_id = ${into}, entry = line.entry + stay.before from ${given(stays)}`;
  const theirs = sql`
    line.section_id = ${sectionId} and line.profile_id = stay.profile_id and line.flow_id = stay.flow_id`;
  await execute(tx, sql`update flow_visit line set ${counted} where ${theirs}`);
  await execute(tx, sql`update flow_moved line set ${counted} where ${theirs}`);
  await execute(
    tx,
    sql`
      update flow_run run set profile_id = ${into}, entry = run.entry + stay.before
      from ${given(going)}
      where run.section_id = ${sectionId} and run.flow_id = stay.flow_id and run.profile_id = stay.profile_id`,
  );
}

/** In the order in which they are counted: the one that goes on is the last. */
function numbered(all: readonly Stay[], into: ProfileId): Numbered[] {
  const inOrder = [...all].sort((left, right) => {
    if (left.isInside !== right.isInside) return left.isInside ? 1 : -1;
    if (left.isInside && (left.profileId === into || right.profileId === into)) return left.profileId === into ? 1 : -1;
    return left.enteredAt.getTime() - right.enteredAt.getTime() || right.profileId - left.profileId;
  });
  let before = 0;
  return inOrder.map((stay, index) => {
    const one = { ...stay, before, goesOn: index === inOrder.length - 1 };
    before += stay.entry;
    return one;
  });
}

/** Takes people out of their flows without a trace. Whoever was inside has left, for the numbers. */
export async function dropRuns(tx: Tx, sectionId: SectionId, which: Sql): Promise<void> {
  const dropped = await rows<{ flowId: FlowId; version: number; step: string; number: number }>(
    tx,
    sql`
      with dropped as (
        delete from flow_run where section_id = ${sectionId} and ${which}
        returning flow_id, version, step, due_at
      )
      select flow_id as "flowId", version, step, count(*) as number from dropped
      where due_at is not null
      group by flow_id, version, step
      order by flow_id, version, step`,
  );
  const now = await databaseTime(tx);
  const byFlow = new Map<FlowId, Counting>();
  for (const { flowId, version, step, number } of dropped) {
    const counting = byFlow.get(flowId) ?? new Counting();
    byFlow.set(flowId, counting);
    counting.through(version, step, 'left', number);
    counting.left(version, 'gone', number);
  }
  for (const [flowId, counting] of byFlow) await counting.write({ tx, sectionId, flowId }, now);
}
