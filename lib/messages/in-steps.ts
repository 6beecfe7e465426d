// What concerns all recipients of a send that still wait: they end when it is cancelled, and those that an A/B test has held are let go. The send's state is committed
// first and counts at once; its rows follow in steps, so that half a million of them hold up nobody's results.
import type { SectionId, SendId, SenderId } from '@/lib/db/ids';
import { transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { addMailJobs, STEPS_TASK } from './queue';
import type { SendStatus } from './schema';

type Which = { sectionId: SectionId; sendId: SendId };

/** Rows of a step: a tenth of a second. */
const STEP = 5_000;

/** A place in the order of a send's rows. */
type Place = { profileId: string; occurrence: string };
const START: Place = { profileId: '0', occurrence: '-1' };

/** How many recipients have not been claimed, in these states. */
export async function countIdle(
  db: Db,
  { sectionId, sendId }: Which,
  states: readonly ('waiting' | 'held')[],
): Promise<number> {
  const { people } = await one<{ people: number }>(
    db,
    sql`
      select count(*)::int as people from recipient
      where section_id = ${sectionId} and send_id = ${sendId} and state = any(${states}::text[])`,
  );
  return people;
}

/** The first step, in the transaction that has changed the send's state. What is left has a job. */
export async function beginSteps(tx: Tx, which: Which, now: Date): Promise<void> {
  const first = await step(tx, which, START, now);
  if (first?.next) await addStepsJob(tx, which);
}

/** Adds the job that takes the steps, once. */
export async function addStepsJob(db: Db, { sectionId, sendId }: Which): Promise<void> {
  const name = `steps:${sectionId}:${sendId}`;
  await rows(
    db,
    sql`
      select graphile_worker.add_job(
        ${STEPS_TASK}, json_build_object('sectionId', ${sectionId}::int, 'sendId', ${sendId}::int),
        queue_name := ${name}, job_key := ${name}, max_attempts := 100
      )`,
  );
}

/** All steps. Safe to repeat, and to stop anywhere. `rowsOfStep`: for tests. */
export async function takeSteps(
  which: Which,
  { signal, rowsOfStep = STEP }: { signal?: AbortSignal; rowsOfStep?: number } = {},
): Promise<void> {
  let place = START;
  let changed = 0;
  while (!signal?.aborted) {
    const taken = await transaction((tx) => step(tx, which, place, new Date(), rowsOfStep));
    if (!taken) return;
    changed += taken.changed;
    if (taken.next) {
      place = taken.next;
      continue;
    }
    // A merge may have moved a row behind us.
    if (changed === 0) return;
    [place, changed] = [START, 0];
  }
  await transaction((tx) => addStepsJob(tx, which));
}

type Step = { changed: number; next: Place | null };

/** One step from a place on; undefined if the send asks for none. */
async function step(tx: Tx, which: Which, from: Place, now: Date, size = STEP): Promise<Step | undefined> {
  const { sectionId, sendId } = which;
  const send = await maybeOne<{ status: SendStatus; winner: number | null; senderId: SenderId }>(
    tx,
    sql`
      select status, winner, sender_id as "senderId" from send
      where section_id = ${sectionId} and id = ${sendId} for share`,
  );
  if (!send) return undefined;
  const isCancelled = send.status === 'cancelled';
  const isReleased = send.winner !== null && ['sending', 'paused'].includes(send.status);
  if (!isCancelled && !isReleased) return undefined;
  const behind = sql`
    section_id = ${sectionId} and send_id = ${sendId}
    and (profile_id, occurrence) > (${from.profileId}::bigint, ${from.occurrence}::bigint)`;
  const last = await maybeOne<Place>(
    tx,
    sql`
      select profile_id::text as "profileId", occurrence::text from recipient
      where ${behind} order by profile_id, occurrence offset ${size - 1} limit 1`,
  );
  const these = sql`
    ${behind}
    ${last ? sql`and (profile_id, occurrence) <= (${last.profileId}::bigint, ${last.occurrence}::bigint)` : sql``}`;
  const changed = await execute(
    tx,
    isCancelled
      ? sql`update recipient set state = 'cancelled', ended_at = ${now} where ${these} and state in ('waiting', 'held')`
      : sql`
          update recipient set state = 'waiting', variant = ${send.winner}, next_at = ${now}
          where ${these} and state = 'held'`,
  );
  if (changed > 0 && send.status === 'sending') await addMailJobs(tx, { sectionId, senderId: send.senderId });
  return { changed, next: last ?? null };
}
