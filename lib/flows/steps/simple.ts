// Steps that stay in the database: waits for a time, branches, splits, tags, and leaving.
import { createHash } from 'node:crypto';
import type { FlowId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { join, rows, sql, type Db } from '@/lib/db/sql';
import type { SignalCause } from '@/lib/signals/schema';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { givenFits } from '../given';
import { answeredAt } from '../happenings';
import { firstFitting, zonesOf } from '../people';
import { idsOf, PASSED, STAGE, type Doing, type Moved, type Run, type Scene } from '../run';
import type { Branch, Leaf, Split } from '../schema';
import { openFrom, timeAfter } from '../zones';

type LeafOf<Kind extends Leaf['kind']> = Extract<Leaf, { kind: Kind }>;

/** Until the time is over by the clock of each person’s zone, which may have changed while they waited. */
export const wait: Doing<LeafOf<'wait'>> = async (scene, step, runs) => {
  const zones = await zonesOf(scene, runs);
  const ends = new Map<string, Date>();
  return runs.map(({ profileId, arrivedAt }) => {
    const zone = zones.get(profileId)!;
    const key = `${zone} ${arrivedAt.getTime()}`;
    const dueAt = ends.get(key) ?? timeAfter(arrivedAt, step.time, step.at, zone);
    ends.set(key, dueAt);
    return dueAt <= scene.now ? PASSED : { go: 'stay', stage: STAGE.waiting, dueAt };
  });
};

/** Until the clock of each person’s zone shows one of the hours, on one of the days. */
export const waitHours: Doing<LeafOf<'wait_hours'>> = async (scene, step, runs) => {
  const zones = await zonesOf(scene, runs);
  const opens = new Map<string, Date>();
  return runs.map(({ profileId }) => {
    const zone = zones.get(profileId)!;
    const dueAt = opens.get(zone) ?? openFrom(scene.now, step, zone);
    opens.set(zone, dueAt);
    return dueAt <= scene.now ? PASSED : { go: 'stay', stage: STAGE.waiting, dueAt };
  });
};

/** The first way whose rules fit, on which they have answered the message, or that fits what was given along; `otherwise` for those who fit none. */
export const branch: Doing<Branch> = async (scene, step, runs) => {
  const { tx, sectionId, now } = scene;
  const rules = step.ways.map((way) => (way.answer || way.given ? null : way.rules));
  const fitting = await firstFitting(tx, sectionId, rules, idsOf(runs), now);
  const answered = await answeredFirst({ db: tx, sectionId, now }, step, runs);
  const given = await givenFirst(scene, step, runs);
  return runs.map(({ profileId }): Moved => {
    const index = Math.min(...[fitting, answered, given].map((places) => places.get(profileId) ?? Infinity));
    return { go: 'on', what: 'passed', way: index === Infinity ? null : step.ways[index]!.id };
  });
};

/** The first of the ways about a message that somebody has answered since they entered, by its place. Those who have answered none are absent. */
async function answeredFirst(
  about: { db: Db; sectionId: SectionId; now: Date },
  { ways }: Branch,
  runs: readonly Run[],
): Promise<Map<ProfileId, number>> {
  const cases = ways.flatMap(({ answer }, place) =>
    answer
      ? [sql`when ${answeredAt(about, answer, sql`person.id`, sql`person.entered`)} is not null then ${place}::int`]
      : [],
  );
  if (cases.length === 0) return new Map();
  const found = await rows<{ id: ProfileId; place: number }>(
    about.db,
    sql`
      select * from (
        select person.id, case ${join(cases, ' ')} end as place
        from unnest(
          ${idsOf(runs)}::bigint[], ${runs.map(({ enteredAt }) => enteredAt)}::timestamptz[]
        ) person (id, entered)
      ) answered
      where place is not null`,
  );
  return new Map(found.map(({ id, place }) => [id, place]));
}

/** The first of the ways about what was given along that fits, by its place. */
async function givenFirst(
  { tx, sectionId, flowId, timeZone, now }: Scene,
  { ways }: Branch,
  runs: readonly Run[],
): Promise<Map<ProfileId, number>> {
  const cases = ways.flatMap(({ answer, given }, place) =>
    given && !answer ? [sql`when ${givenFits({ timeZone, now }, given, sql`run.given`)} then ${place}::int`] : [],
  );
  if (cases.length === 0) return new Map();
  const found = await rows<{ id: ProfileId; place: number }>(
    tx,
    sql`
      select * from (
        select run.profile_id as id, case ${join(cases, ' ')} end as place from flow_run run
        where run.section_id = ${sectionId} and run.flow_id = ${flowId}
          and run.profile_id = any(${idsOf(runs)}::bigint[])
      ) fitting
      where place is not null`,
  );
  return new Map(found.map(({ id, place }) => [id, place]));
}

/**
 * By the person and the step, not by chance: the same way each time, whatever version, and independent of other splits. A way may have a tag, which they get
 * as by a step.
 */
export const split: Doing<Split> = async (scene, step, runs) => {
  const { flowId } = scene;
  const drawn = runs.map((run) => ({ run, way: wayOf(flowId, step, run.profileId) }));
  for (const { id, tagId } of step.ways) {
    const taking = drawn.filter(({ way }) => way === id).map(({ run }) => run);
    if (tagId !== null && taking.length > 0) await changeTagsOf(scene, taking, { apply: [tagId], remove: [] });
  }
  return drawn.map(({ way }) => ({ go: 'on', what: 'passed', way }));
};

const RANGE = 2 ** 32;

/** The way of a split that somebody takes. A changed share moves as few people as possible. */
export function wayOf(flowId: FlowId, { id, ways }: Split, profileId: ProfileId): string {
  const drawn = createHash('sha256').update(`${flowId}:${id}:${profileId}`).digest().readUInt32BE() / RANGE;
  let sum = 0;
  for (const { id: way, percent } of ways) {
    sum += percent;
    if (drawn * 100 < sum) return way;
  }
  return ways.findLast(({ percent }) => percent > 0)!.id;
}

export const tags: Doing<LeafOf<'tags'>> = async (scene, step, runs) => {
  await changeTagsOf(scene, runs, step);
  return runs.map(() => PASSED);
};

/** Applies and removes tags through the tag door. What listens for them hears what led to it. */
async function changeTagsOf(
  { tx, sectionId, flowId, now }: Scene,
  runs: readonly Run[],
  wanted: { apply: readonly TagId[]; remove: readonly TagId[] },
): Promise<void> {
  for (const { group, ...led } of byCause(runs)) {
    const people = sql`select unnest(${idsOf(group)}::bigint[]) as profile_id`;
    await changeTags(
      tx,
      { sectionId, source: 'flow', userId: null, originId: flowId, ...led, at: now },
      wantedFor(people, wanted),
    );
  }
}

/** People by what led them here, as the signals of what a step does with them say it: a step longer, and begun by the same operation. */
export function byCause(
  runs: readonly Run[],
): (Required<Pick<SignalCause, 'hops' | 'begunBy'>> & { group: readonly Run[] })[] {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const key = `${run.hops} ${run.operationId}`;
    const known = groups.get(key);
    if (known) known.push(run);
    else groups.set(key, [run]);
  }
  return [...groups.values()].map((group) => ({
    hops: group[0]!.hops + 1,
    begunBy: group[0]!.operationId,
    group,
  }));
}

export const leave: Doing<LeafOf<'leave'>> = (_scene, _step, runs) =>
  Promise.resolve(runs.map(() => ({ go: 'leave', what: 'passed', left: 'leave' })));
