// A flow needs attention if it refers to something that is hidden or gone. Derived from the current data on every look, so that it is never out of date.
// Until somebody has fixed it, it lets nobody in, and those in it stay where they are.
import type { FlowId, FormId, MessageId, SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { openSegments } from '@/lib/segments/definitions';
import type { Definitions } from '@/lib/segments/evaluation';
import { hiddenInWords, lookUp, problemOf, type References as Known } from '@/lib/segments/lookup';
import { conditionsOf, type Condition, type Group, type Rules } from '@/lib/segments/schema';
import { goalRules, referencesOf, referencesOfStep, rulesIn, rulesOfStep, type References } from './references';
import { allSteps, type Awaited, type FlowDocument, type FlowSettings, type Step, type Trigger } from './schema';

/** Why something that a flow refers to cannot be used. `stepId`: where; null: the trigger, the filter or the settings. */
export type LostPart = { stepId: string | null; reason: string };

type Asked = { document: FlowDocument; settings: FlowSettings | null };
type Thing = { kind: 'form' | 'message' | 'flow'; id: number; name: string; deleted: boolean };

/** What is lost in each of the flows, in words; an empty list if nothing is. In a few queries for all. */
export async function lostInFlows(db: Db, sectionId: SectionId, flows: readonly Asked[]): Promise<LostPart[][]> {
  if (flows.length === 0) return [];
  const all = flows.map(({ document, settings }) => referencesOf(document, settings));
  const rules = flows.flatMap(({ document, settings }) => [...rulesIn(document), ...rulesOfGoal(settings)]);
  const outside: Group = { kind: 'group', match: 'all', items: flows.flatMap(outsideOfRules) };
  const known = await lookUp(db, sectionId, [...rules, { root: outside }]);
  const segments = await openSegments(db, sectionId, [...new Set(all.flatMap(({ segmentIds }) => segmentIds))]);
  const things = await findThings(db, sectionId, all);
  const look = new Look(known, segments, things);
  return flows.map(({ document, settings }) => [
    ...look.reasons(referencesOf({ ...document, steps: [] }, settings), [
      ...(document.filter ? conditionsOf(document.filter.root) : []),
      ...rulesOfGoal(settings).flatMap(({ root }) => conditionsOf(root)),
      ...eventConditions(document.trigger),
    ]),
    ...allSteps(document.steps).flatMap((step) =>
      look
        .reasons(referencesOfStep(step), [
          ...rulesOfStep(step).flatMap(({ root }) => conditionsOf(root)),
          ...awaitedIn(step).flatMap(eventConditions),
        ])
        .map((part) => ({ ...part, stepId: step.id })),
    ),
  ]);
}

function rulesOfGoal(settings: FlowSettings | null): Rules[] {
  const rules = settings && goalRules(settings);
  return rules ? [rules] : [];
}

const awaitedIn = (step: Step): Awaited[] => (step.kind === 'wait_for' ? step.ways.map(({ what }) => what) : []);

/** An event with its fields, as a condition that says what is wrong with it. */
function eventConditions(what: Trigger | Awaited | null): Condition[] {
  if (what?.kind !== 'event' || what.eventTypeId === null) return [];
  const { eventTypeId, fields } = what;
  const times = { is: 'at_least' as const, count: 1 };
  return [{ kind: 'event', eventTypeId, test: 'did', times, when: { kind: 'ever' }, fields }];
}

/** Tags, attributes and events outside of rules, as conditions that are only looked up. */
export function outsideOfRules({ document, settings }: Asked): Condition[] {
  const { tagIds, attributeIds, eventTypeIds } = referencesOf(document, settings);
  return [
    ...tagIds.map(asTagCondition),
    ...attributeIds.map((attributeId): Condition => ({
      kind: 'attribute',
      attributeId,
      compare: { test: 'is', text: '-' },
    })),
    ...eventTypeIds.flatMap((eventTypeId) => eventConditions({ kind: 'event', eventTypeId, fields: [] })),
  ];
}

const asTagCondition = (tagId: TagId): Condition => ({
  kind: 'tag',
  tagId,
  test: 'has',
  source: null,
  when: { kind: 'ever' },
  holderId: null,
});

function findThings(db: Db, sectionId: SectionId, all: readonly References[]): Promise<Thing[]> {
  const ids = <Id>(pick: (references: References) => readonly Id[]) => [...new Set(all.flatMap(pick))];
  const messages: MessageId[] = ids(({ messageIds }) => messageIds);
  const forms: FormId[] = ids(({ formIds }) => formIds);
  const flows: FlowId[] = ids(({ flowIds }) => flowIds);
  if (messages.length + forms.length + flows.length === 0) return Promise.resolve([]);
  return rows<Thing>(
    db,
    sql`
      select 'message' as kind, id, name, deleted_at is not null as deleted from message
      where section_id = ${sectionId} and id = any(${messages}::int[])
      union all
      select 'form', id, name, deleted_at is not null from form
      where section_id = ${sectionId} and id = any(${forms}::int[])
      union all
      select 'flow', id, name, deleted_at is not null from flow
      where section_id = ${sectionId} and id = any(${flows}::int[])`,
  );
}

const NONE: Definitions['segments'] = new Map();

/** What was looked up for all flows, and what it says about parts of them. */
class Look {
  private readonly segmentIds: Set<SegmentId>;
  private readonly things: Map<string, Thing>;

  constructor(
    private readonly known: Known,
    private readonly segments: Resolved<ReturnType<typeof openSegments>>,
    things: readonly Thing[],
  ) {
    this.segmentIds = new Set([...segments.opened.map(({ id }) => id), ...segments.reasons.keys()]);
    this.things = new Map(things.map((thing) => [`${thing.kind}:${thing.id}`, thing]));
  }

  /** Why the references, and the conditions in them, cannot be used. */
  reasons(references: References, conditions: readonly Condition[]): LostPart[] {
    const reasons = [
      ...references.tagIds.flatMap((id) => this.hidden('tag', this.known.tags.get(id))),
      ...references.attributeIds.flatMap((id) => this.hidden('attribute', this.known.attributes.get(id))),
      ...references.eventTypeIds.flatMap((id) => this.hidden('event', this.known.events.get(id))),
      ...references.segmentIds.flatMap((id) => this.segment(id)),
      ...references.messageIds.flatMap((id) => this.deleted('message', id)),
      ...references.formIds.flatMap((id) => this.deleted('form', id)),
      ...references.flowIds.flatMap((id) => this.deleted('flow', id)),
      ...conditions.flatMap((condition) => {
        // Segments are looked at below.
        const problem =
          condition.kind === 'segment' ? undefined : problemOf(condition, { ...this.known, segments: NONE });
        return problem ? [problem.reason] : [];
      }),
    ];
    return [...new Set(reasons)].map((reason) => ({ stepId: null, reason }));
  }

  private hidden(kind: 'tag' | 'attribute' | 'event', thing: Parameters<typeof hiddenInWords>[1] | undefined) {
    if (!thing) return [`This ${kind} does not exist in this section.`];
    const reason = hiddenInWords(kind, thing);
    return reason === undefined ? [] : [reason];
  }

  private segment(id: SegmentId): string[] {
    if (!this.segmentIds.has(id)) return ['This segment does not exist in this section.'];
    return this.segments.reasons.get(id) ?? [];
  }

  private deleted(kind: Thing['kind'], id: number): string[] {
    const thing = this.things.get(`${kind}:${id}`);
    if (!thing) return [`This ${kind} does not exist in this section.`];
    return thing.deleted ? [`The ${kind} “${thing.name}” was deleted.`] : [];
  }
}

type Resolved<Type> = Type extends Promise<infer Value> ? Value : Type;
