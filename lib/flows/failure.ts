// A step that fails for somebody: tried again with growing pauses, and at last marked as failed for them alone, to be tried again by hand.
import type { ProfileId } from '@/lib/db/ids';
import { databaseTime } from '@/lib/db/clock';
import { transaction } from '@/lib/db/pool';
import { execute, maybeOne, sql } from '@/lib/db/sql';
import { shortened } from '@/lib/text/shortened';
import type { FlowPlace } from './run';
import { Counting, writeVisits, type Leaving } from './write';

/** Minutes until each further attempt. */
const MINUTES = [1, 5];

export async function noteFailure(
  { sectionId, flowId }: FlowPlace,
  profileId: ProfileId,
  error: unknown,
  given: Date | undefined,
): Promise<void> {
  const text = shortened(error instanceof Error ? error.message : String(error), 500);
  await transaction(async (tx) => {
    const now = given ?? (await databaseTime(tx));
    const run = await maybeOne<Omit<Leaving, 'step'> & { step: string; attempts: number }>(
      tx,
      sql`
        select profile_id as "profileId", entry, version, step, arrived_at as "arrivedAt", attempts from flow_run
        where section_id = ${sectionId} and flow_id = ${flowId} and profile_id = ${profileId} and due_at <= ${now}
        for update`,
    );
    if (!run) return;
    const wait = MINUTES[run.attempts];
    const dueAt = wait === undefined ? null : new Date(now.getTime() + wait * 60_000);
    await execute(
      tx,
      sql`
        update flow_run
        set attempts = attempts + 1, error = ${text}, due_at = ${dueAt}::timestamptz,
          outcome = ${dueAt === null ? 'failed' : null}, left_at = ${dueAt === null ? now : null}::timestamptz
        where section_id = ${sectionId} and flow_id = ${flowId} and profile_id = ${profileId}`,
    );
    if (dueAt !== null) return;
    const counting = new Counting();
    counting.through(run.version, run.step, 'failed');
    counting.left(run.version, 'failed');
    const place = { tx, sectionId, flowId };
    await counting.write(place, now);
    await writeVisits(place, [{ ...run, what: 'failed', note: text }], now);
  });
}
