// Takes people out of a flow: those who are in it, and those who are about to enter.
import { databaseTime } from '@/lib/db/clock';
import type { ProfileId } from '@/lib/db/ids';
import { execute, rows, sql, type Tx } from '@/lib/db/sql';
import { forgetSignals } from '@/lib/signals/inbox';
import { CONSUMER } from './listening';
import type { FlowPlace } from './run';
import { Counting, writeLeft, type Leaving } from './write';

/** Returns how many were in it. People who were sent to it, or kept while it was paused, do not enter later. */
export async function takeOut(
  tx: Tx,
  { sectionId, flowId }: FlowPlace,
  profileIds: readonly ProfileId[],
): Promise<number> {
  // First: people who are being let in at this moment are in it when this is done.
  await forgetSignals(tx, { sectionId, consumer: CONSUMER, consumerId: flowId, purpose: 'enrol' }, profileIds);
  await execute(
    tx,
    sql`
      delete from flow_kept
      where section_id = ${sectionId} and flow_id = ${flowId} and profile_id = any(${profileIds}::bigint[])`,
  );
  const now = await databaseTime(tx);
  const inside = await rows<Leaving>(
    tx,
    sql`
      select profile_id as "profileId", entry, version, step, arrived_at as "arrivedAt" from flow_run
      where section_id = ${sectionId} and flow_id = ${flowId} and due_at is not null
        and profile_id = any(${profileIds}::bigint[])
      order by profile_id
      for update`,
  );
  const counting = new Counting();
  const place = { tx, sectionId, flowId };
  await writeLeft(place, inside, 'taken_out', now, counting);
  await counting.write(place, now);
  return inside.length;
}
