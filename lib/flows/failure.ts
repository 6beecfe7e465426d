// A step that fails for somebody: tried again with growing pauses, and at last marked as failed for them alone, to be tried again by hand.
import type { ProfileId } from '@/lib/db/ids';
import { databaseTime } from '@/lib/db/clock';
import { transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { shortened } from '@/lib/text/shortened';
import type { FlowPlace } from './run';
import { Counting, writeVisits, type Leaving } from './write';

/** Minutes until each further attempt. */
const MINUTES = [1, 5];

/** Of people at the same time, who failed in the same way. */
export async function noteFailures(
  { sectionId, flowId }: FlowPlace,
  profileIds: readonly ProfileId[],
  error: unknown,
  given: Date | undefined,
): Promise<void> {
  const text = shortened(error instanceof Error ? error.message : String(error), 500);
  await transaction(async (tx) => {
    const now = given ?? (await databaseTime(tx));
    const runs = await rows<Omit<Leaving, 'step'> & { step: string; attempts: number }>(
      tx,
      sql`
        select profile_id as "profileId", entry, version, step, arrived_at as "arrivedAt", attempts from flow_run
        where section_id = ${sectionId} and flow_id = ${flowId} and profile_id = any(${profileIds}::bigint[])
          and due_at <= ${now}
        order by profile_id
        for update`,
    );
    const again = runs.map(({ attempts }) => {
      const wait = MINUTES[attempts];
      return wait === undefined ? null : new Date(now.getTime() + wait * 60_000);
    });
    await execute(
      tx,
      sql`
        update flow_run run
        set attempts = run.attempts + 1, error = ${text}, due_at = failed.due_at,
          outcome = case when failed.due_at is null then 'failed' end,
          left_at = case when failed.due_at is null then ${now}::timestamptz end
        from unnest(
          ${runs.map(({ profileId }) => profileId)}::bigint[], ${again}::timestamptz[]
        ) failed (profile_id, due_at)
        where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.profile_id = failed.profile_id`,
    );
    const ended = runs.filter((_, index) => again[index] === null);
    const counting = new Counting();
    for (const { version, step } of ended) {
      counting.through(version, step, 'failed');
      counting.left(version, 'failed');
    }
    const place = { tx, sectionId, flowId };
    await counting.write(place, now);
    await writeVisits(
      place,
      ended.map((run) => ({ ...run, what: 'failed', note: text })),
      now,
    );
  });
}
