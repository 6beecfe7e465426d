// Waits that something may end: what somebody does, and a date of theirs that may change. Whoever comes here is parked, and looked at in a later
// transaction: what was committed before that is seen then, and what is committed after has a signal, as the flow listens whether somebody waits or not.
import type { ProfileId } from '@/lib/db/ids';
import { join, rows, sql, type Sql } from '@/lib/db/sql';
import { happenedAt } from '../happenings';
import { zonesOf } from '../people';
import { idsOf, PASSED, STAGE, type Doing, type Moved, type Run, type Scene } from '../run';
import type { Awaited, Leaf, WaitFor } from '../schema';
import { daysAfter, timeAfter } from '../zones';

const MINUTE_MS = 60_000;
const LONGEST_MS = 30 * MINUTE_MS;

/** The first of the ways that happens, or the time-out. */
export const waitFor: Doing<WaitFor> = async (scene, step, runs) => {
  const { now } = scene;
  const zones = await zonesOf(scene, runs);
  const timeouts = new Map(
    runs.map((run) => [run.profileId, timeAfter(run.arrivedAt, step.timeout, null, zones.get(run.profileId)!)]),
  );
  const looking = runs.filter(({ stage }) => stage !== STAGE.arrived);
  const first = looking.length === 0 ? new Map<ProfileId, First>() : await firstOf(scene, step, looking);
  const isSignalled = step.ways.every(({ what }) => hasSignals(what));
  return runs.map((run): Moved => {
    if (run.stage === STAGE.arrived) return { go: 'stay', stage: STAGE.listening, dueAt: now };
    const timeout = timeouts.get(run.profileId)!;
    const found = first.get(run.profileId);
    if (found && found.at <= timeout)
      return { go: 'on', what: 'passed', way: step.ways[found.way]!.id, heardAt: found.at };
    if (timeout <= now) return { go: 'on', what: 'timed_out', way: null };
    const next = isSignalled ? timeout : new Date(Math.min(timeout.getTime(), lookAgain(run, now).getTime()));
    return { go: 'stay', stage: STAGE.listening, dueAt: next };
  });
};

/** What has no signals is looked for: often at first, when most of it happens, and less often later. */
function lookAgain({ arrivedAt }: Run, now: Date): Date {
  const pause = Math.min(LONGEST_MS, Math.max(MINUTE_MS, (now.getTime() - arrivedAt.getTime()) / 20));
  return new Date(now.getTime() + pause);
}

/** Events may be Tagwell’s own, which nobody signals. */
const hasSignals = ({ kind }: Awaited): boolean => kind !== 'event' && kind !== 'segment';

type First = { way: number; at: Date };

/** Which way happened first to each of those who wait, and when. Of two at the same moment, the first of the step. */
async function firstOf(scene: Scene, step: WaitFor, runs: readonly Run[]): Promise<Map<ProfileId, First>> {
  const { tx, sectionId, now, timeZone } = scene;
  const ways: Sql[] = [];
  for (const [way, { what }] of step.ways.entries()) {
    const of = {
      id: sql`waiting.id`,
      since: sql`waiting.since`,
      after: sql`waiting.after`,
      entered: sql`waiting.entered`,
    };
    const at = await happenedAt({ db: tx, sectionId, now, timeZone }, what, of);
    ways.push(sql`(${way}::int, ${at})`);
  }
  const found = await rows<First & { profileId: ProfileId }>(
    tx,
    sql`
      select waiting.id as "profileId", happened.way, happened.at
      from unnest(
        ${idsOf(runs)}::bigint[],
        ${runs.map(({ arrivedAt, enteredAt }) => (step.since === 'entry' ? enteredAt : arrivedAt))}::timestamptz[],
        ${runs.map((run) => (step.since === 'entry' ? run.causedAt : (run.heardAt ?? run.causedAt)))}::timestamptz[],
        ${runs.map(({ enteredAt }) => enteredAt)}::timestamptz[]
      ) waiting (id, since, after, entered)
      cross join lateral (
        select way, at from (values ${join(ways, ', ')}) of_way (way, at)
        where at is not null
        order by at, way
        limit 1
      ) happened`,
  );
  return new Map(found.map(({ profileId, ...first }) => [profileId, first]));
}

/** Until a date of each person, by the clock of their zone. Looked at again when the date changes. */
export const waitDate: Doing<Extract<Leaf, { kind: 'wait_date' }>> = async (scene, step, runs) => {
  const { tx, sectionId, now } = scene;
  const zones = await zonesOf(scene, runs);
  const found = await rows<{ profileId: ProfileId; date: string | null }>(
    tx,
    sql`
      select profile.id as "profileId", profile.attributes ->> attribute.code as date
      from profile
      join attribute on attribute.section_id = ${sectionId} and attribute.id = ${step.attributeId}
      where profile.section_id = ${sectionId} and profile.id = any(${idsOf(runs)}::bigint[])`,
  );
  const dates = new Map(found.map(({ profileId, date }) => [profileId, date]));
  return runs.map((run): Moved => {
    const date = dates.get(run.profileId);
    if (!date) return byChoice(step.none, 'no date');
    const dueAt = daysAfter(date.slice(0, 10), step.days, step.at, zones.get(run.profileId)!);
    if (dueAt > now) return { go: 'stay', stage: STAGE.listening, dueAt };
    return run.stage === STAGE.arrived && dueAt < now ? byChoice(step.past, 'past') : PASSED;
  });
};

const byChoice = (choice: 'go_on' | 'leave', note: string): Moved =>
  choice === 'go_on' ? { go: 'on', what: 'passed', note } : { go: 'leave', what: 'passed', left: 'no_date', note };
