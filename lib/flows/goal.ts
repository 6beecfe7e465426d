// The goal of a flow: who reaches it leaves, and is counted for the ways that they took.
import type { Test } from '@/lib/attributes/comparison';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { isMember } from '@/lib/segments/compile';
import { openRules } from '@/lib/segments/definitions';
import { conditionsOf, referencesOf, type Condition, type Rules } from '@/lib/segments/schema';
import type { Subscription } from '@/lib/signals/schema';
import { lostInFlows } from './attention';
import { planOf, type OpenFlow } from './open';
import { firstFitting } from './people';
import { goalRules } from './references';
import type { FlowPlace } from './run';
import { FlowDocumentSchema, FlowSettingsSchema, type FlowSettings } from './schema';
import { writeLeft, type Counting, type Leaving } from './write';

/** How many leave by a look at once. */
const AT_ONCE = 10_000;

/** Which of some people have reached it. Nobody, if there is none. */
export async function whoReached(
  db: Db,
  { sectionId, settings }: { sectionId: SectionId; settings: FlowSettings },
  ids: readonly ProfileId[],
  now: Date,
): Promise<ReadonlySet<ProfileId>> {
  const rules = goalRules(settings);
  if (!rules) return new Set();
  return new Set((await firstFitting(db, sectionId, [rules], ids, now)).keys());
}

/** What may let somebody reach it, as far as it is signalled. */
export function goalTopics(settings: FlowSettings): Pick<Subscription, 'topic' | 'subjectId'>[] {
  const rules = goalRules(settings);
  if (!rules) return [];
  const { tags, attributes, eventTypes } = referencesOf(rules);
  return [
    ...tags.flatMap((subjectId) => [
      { topic: 'tag_applied' as const, subjectId },
      { topic: 'tag_removed' as const, subjectId },
    ]),
    ...attributes.map((subjectId) => ({ topic: 'attribute_changed' as const, subjectId })),
    ...eventTypes.map((subjectId) => ({ topic: 'event_happened' as const, subjectId })),
  ];
}

/** Whether it can be reached without a signal: by the clock, by a segment, by an event of Tagwell’s own. */
export function isGoalLookedFor(settings: FlowSettings): boolean {
  const rules = goalRules(settings);
  return rules !== null && !conditionsOf(rules.root).every(isSignalled);
}

function isSignalled(condition: Condition): boolean {
  switch (condition.kind) {
    case 'tag':
      return (condition.test === 'has' || condition.test === 'has_not') && condition.when.kind === 'ever';
    case 'attribute':
      return !BY_THE_CLOCK.has(condition.compare.test);
    default:
      return false;
  }
}

const BY_THE_CLOCK: ReadonlySet<Test> = new Set(['in_last', 'in_next', 'longer_ago', 'further_ahead', 'anniversary']);

/** Those of some people who have reached it leave, wherever they are; null: of all. Returns whether there may be more. */
export async function leaveByGoal(
  tx: Tx,
  flow: OpenFlow,
  ids: readonly ProfileId[] | null,
  now: Date,
  counting: Counting,
): Promise<boolean> {
  const { sectionId, flowId, settings } = flow;
  const rules = goalRules(settings);
  if (!rules || (ids !== null && ids.length === 0) || !(await isUsable(tx, sectionId, settings))) return false;
  const reached = await insideWho(tx, flow, rules, ids, now);
  const place = { tx, sectionId, flowId };
  await writeLeft(place, reached, 'goal', now, counting);
  await countWays(place, reached, counting);
  return ids === null && reached.length === AT_ONCE;
}

/** Whether nothing is lost that the goal refers to. */
async function isUsable(db: Db, sectionId: SectionId, { goal }: FlowSettings): Promise<boolean> {
  const [lost = []] = await lostInFlows(db, sectionId, [
    { document: FlowDocumentSchema.parse({}), settings: FlowSettingsSchema.parse({ goal }) },
  ]);
  return lost.length === 0;
}

/** Of a look at all, those who are moved at this moment are passed over: they are looked at before their next step. */
async function insideWho(
  tx: Tx,
  { sectionId, flowId }: OpenFlow,
  rules: Rules,
  ids: readonly ProfileId[] | null,
  now: Date,
): Promise<Leaving[]> {
  const definitions = await openRules(tx, sectionId, rules);
  const fits = isMember({ sectionId, definitions, now }, rules, sql`run.profile_id`);
  const which: Sql = ids === null ? sql`true` : sql`run.profile_id = any(${ids}::bigint[])`;
  return rows(
    tx,
    sql`
      select run.profile_id as "profileId", run.entry, run.version, run.step, run.arrived_at as "arrivedAt"
      from flow_run run
      where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.due_at is not null and ${which} and ${fits}
      order by run.profile_id
      limit ${AT_ONCE}
      for update ${ids === null ? sql`skip locked` : sql``}`,
  );
}

/** Counts people who have reached it at each way that they took in this stay. Their history is written. */
export async function countWays(
  { tx, sectionId, flowId }: { tx: Tx } & FlowPlace,
  people: readonly Pick<Leaving, 'profileId' | 'entry'>[],
  counting: Counting,
): Promise<void> {
  if (people.length === 0) return;
  const taken = await rows<{ version: number; step: string; way: string; number: number }>(
    tx,
    sql`
      select visit.version, visit.step, visit.note as way, count(*)::int as number
      from unnest(
        ${people.map(({ profileId }) => profileId)}::bigint[], ${people.map(({ entry }) => entry)}::int[]
      ) person (profile_id, entry)
      join flow_visit visit on visit.section_id = ${sectionId} and visit.profile_id = person.profile_id
        and visit.flow_id = ${flowId} and visit.entry = person.entry
      where visit.step is not null and visit.note is not null and visit.what in ('passed', 'timed_out')
      group by visit.version, visit.step, visit.note`,
  );
  for (const { version, step, way, number } of taken) {
    const block = (await planOf(tx, sectionId, flowId, version)).at(step)?.step;
    if (!block || !('ways' in block)) continue;
    if (way === 'otherwise') counting.reachedBy(version, step, null, number);
    else if (block.ways.some(({ id }) => id === way)) counting.reachedBy(version, step, way, number);
  }
}
