// Flows that start when somebody comes into a segment, or leaves it, look for that now and then. What changes many people at once says for whom that
// starts something: those whom the change itself brings in enter with its operation, so that an undo knows them, or not at all.
import type { FlowId, OperationId, ProfileId, SectionId } from '@/lib/db/ids';
import { databaseTime } from '@/lib/db/clock';
import { one, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { isMember } from '@/lib/segments/compile';
import { openSegment } from '@/lib/segments/definitions';
import { lostInFlows } from './attention';
import { openFlow, planOf, type OpenFlow } from './open';
import type { Trigger } from './schema';
import { sendTo } from './who';

/** People whose membership is looked up at once. */
const AT_ONCE = 20_000;

type Looking = { flow: OpenFlow; trigger: Extract<Trigger, { kind: 'segment' }> };

/**
 * Makes a change of many people. `people` selects the `profile_id` of those whom it may change, and is read before it and after it, as it may make some.
 * People who had come into a segment before, without having been looked at, enter as always.
 */
export async function changingPeople<Result>(
  tx: Tx,
  cause: { sectionId: SectionId; operationId: OperationId | null; startsFlows: boolean },
  people: Sql,
  change: () => Promise<Result>,
): Promise<Result> {
  const looking = await flowsThatLook(tx, cause.sectionId);
  if (looking.length === 0) return change();
  await lookAt(tx, looking, people, { operationId: null, startsFlows: true });
  const result = await change();
  await lookAt(tx, looking, people, cause);
  return result;
}

/** Those that have looked once already. One that needs attention keeps its place: what comes meanwhile is found once it is fixed. */
async function flowsThatLook(tx: Tx, sectionId: SectionId): Promise<Looking[]> {
  const ids = await rows<{ id: FlowId }>(
    tx,
    sql`
      select id from flow
      where section_id = ${sectionId} and state in ('live', 'paused') and look_at is not null and looked_at is not null
      order by id`,
  );
  const found: (Looking & { document: Parameters<typeof lostInFlows>[2][number]['document'] })[] = [];
  for (const { id } of ids) {
    const flow = await openFlow(tx, sectionId, id);
    if (!flow || flow.version === null) continue;
    const { document } = await planOf(tx, sectionId, id, flow.version);
    const { trigger } = document;
    if (trigger?.kind === 'segment' && trigger.segmentId !== null) found.push({ flow, trigger, document });
  }
  const lost = await lostInFlows(
    tx,
    sectionId,
    found.map(({ document, flow }) => ({ document, settings: flow.settings })),
  );
  return found.filter((_, index) => lost[index]!.length === 0);
}

async function lookAt(
  tx: Tx,
  looking: readonly Looking[],
  people: Sql,
  { operationId, startsFlows }: { operationId: OperationId | null; startsFlows: boolean },
): Promise<void> {
  const now = await databaseTime(tx);
  const all = await rows<{ id: ProfileId }>(
    tx,
    sql`select distinct profile_id as id from (${people}) person where profile_id is not null order by id`,
  );
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const ids = all.slice(from, from + AT_ONCE).map(({ id }) => id);
    for (const { flow, trigger } of looking) {
      const { come, gone } = await noteMembers(tx, flow, trigger, ids, now);
      const entering = trigger.becomes === 'in' ? come : gone;
      if (!startsFlows || entering.length === 0) continue;
      await sendTo(tx, flow, sql`select unnest(${entering}::bigint[]) as profile_id`, now, { operationId });
    }
  }
}

/** Notes who of some people is in the segment now. */
async function noteMembers(
  tx: Tx,
  { sectionId, flowId }: OpenFlow,
  { segmentId }: Looking['trigger'],
  ids: readonly ProfileId[],
  now: Date,
): Promise<{ come: ProfileId[]; gone: ProfileId[] }> {
  const { rules, definitions } = await openSegment(tx, sectionId, segmentId!);
  return one(
    tx,
    sql`
      with judged as materialized (
        select person.id, ${isMember({ sectionId, definitions, now }, rules, sql`person.id`)} as inside
        from unnest(${ids}::bigint[]) person (id)
      ),
      gone as (
        delete from flow_member member using judged
        where member.section_id = ${sectionId} and member.flow_id = ${flowId} and member.profile_id = judged.id
          and not judged.inside
        returning member.profile_id
      ),
      come as (
        insert into flow_member (section_id, flow_id, profile_id)
        select ${sectionId}::int, ${flowId}::int, id from judged where inside order by id
        on conflict (section_id, flow_id, profile_id) do nothing
        returning profile_id
      )
      select array(select profile_id from come) as come, array(select profile_id from gone) as gone`,
  );
}
