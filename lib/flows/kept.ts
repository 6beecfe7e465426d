// Those who came while a flow was paused or needed attention: sent into it once it goes, or forgotten.
import type { FlowId, SectionId } from '@/lib/db/ids';
import { execute, one, sql, type Tx } from '@/lib/db/sql';
import { appendSignals } from '@/lib/signals/append';
import { TOPICS } from '@/lib/signals/schema';

type Place = { sectionId: SectionId; flowId: FlowId };

const of = ({ sectionId, flowId }: Place) => sql`section_id = ${sectionId} and flow_id = ${flowId}`;

/**
 * Sends them to the flow, with what brought them there: an undo of it ends their entry too. Returns how many. In one statement, so that somebody who is kept
 * at this moment is kept still.
 */
export async function sendKept(tx: Tx, place: Place, now: Date): Promise<number> {
  const { sectionId, flowId } = place;
  const happened = sql`
    select ${TOPICS.sent_to_flow}::smallint as topic, ${flowId}::int as subject_id, profile_id, given, hops, operation_id
    from kept`;
  const each = {
    given: sql`happened.given`,
    hops: sql`happened.hops`,
    operationId: sql`happened.operation_id`,
  };
  const { people } = await one<{ people: number }>(
    tx,
    sql`
      with kept as (
        delete from flow_kept where ${of(place)}
        returning profile_id, given, hops, operation_id
      ), sent as (${appendSignals({ sectionId }, happened, sql`${now}::timestamptz`, each)})
      select count(*)::int as people from kept`,
  );
  return people;
}

/** Returns how many. */
export const forgetKept = (tx: Tx, place: Place): Promise<number> =>
  execute(tx, sql`delete from flow_kept where ${of(place)}`);
