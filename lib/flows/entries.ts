// How many entries a change of many people would start, in which flows: said before it is made.
import type { AttributeId, FlowId, OperationId, SectionId, SegmentId } from '@/lib/db/ids';
import { join, one, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { comparison } from '@/lib/attributes/comparison-sql';
import { dayIn } from '@/lib/attributes/days';
import type { AttributeValue } from '@/lib/attributes/schema';
import { assume, decideNew, decideTags, type Decide, type TagChange } from '@/lib/segments/assume';
import { memberIds } from '@/lib/segments/compile';
import { openRules, openSegment } from '@/lib/segments/definitions';
import type { Definitions } from '@/lib/segments/evaluation';
import { conditionsOf, type Condition, type Rules } from '@/lib/segments/schema';
import type { Source } from '@/lib/tags/source';
import { lostInFlows } from './attention';
import { CONSUMER } from './listening';
import { goalRules } from './references';
import {
  FlowDocumentSchema,
  FlowSettingsSchema,
  type FlowDocument,
  type FlowSettings,
  type FlowState,
  type Trigger,
} from './schema';
import { notInside } from './who';
import { daysAfter, whyClosed, yearlyAfter } from './zones';

/**
 * A flow, and how many would enter it. `state`: people who come to a flow that is paused, or needs attention, are kept and offered later. `unsure`: how many
 * more may, who are made by the change, so that nobody knows yet whether they fit. `on`: they enter on that day, as their date comes then.
 */
export type FlowEntries = {
  flowId: FlowId;
  name: string;
  state: EntriesState;
  enters: number;
  unsure?: number;
  on?: string;
};
export type EntriesState = 'live' | 'paused' | 'attention';

/** What many people get and lose at once, and by which way. `value`: of an attribute; null in it: none any more. */
export type ManyChange = TagChange & {
  source: Source;
  value: { attributeId: AttributeId; value: AttributeValue | null } | null;
};

type Started = {
  id: FlowId;
  name: string;
  state: EntriesState;
  document: FlowDocument;
  settings: FlowSettings;
  timeZone: string;
};

/** The same of people who are made by the change: how many would enter each, or might. */
export async function countFresh(
  db: Db,
  sectionId: SectionId,
  people: number,
  change: Pick<ManyChange, 'apply' | 'source'>,
  now: Date,
): Promise<FlowEntries[]> {
  if (people === 0) return [];
  const flows = await flowsStartedBy(db, sectionId, { ...change, remove: [], value: null });
  const found: FlowEntries[] = [];
  for (const flow of flows) {
    const enters = await wouldFreshEnter(db, sectionId, flow, change, now);
    const { id: flowId, name, state } = flow;
    if (enters === false) continue;
    found.push({ flowId, name, state, enters: enters ? people : 0, ...(enters === undefined && { unsure: people }) });
  }
  return found;
}

/** Undefined: nobody knows. */
async function wouldFreshEnter(
  db: Db,
  sectionId: SectionId,
  { state, settings, timeZone, document: { trigger, filter } }: Started,
  { apply }: Pick<ManyChange, 'apply'>,
  now: Date,
): Promise<boolean | undefined> {
  if (state === 'attention' || whyClosed(settings, timeZone, now) !== null) return false;
  if (settings.exitTagId !== null && apply.includes(settings.exitTagId)) return false;
  const holds = async (opened: Opened | null): Promise<boolean | undefined> => {
    if (opened === null) return true;
    const { rules } = assume(opened.rules, opened.definitions.segments, decideNew({ apply }));
    return typeof rules === 'boolean' ? rules : undefined;
  };
  const goal = goalRules(settings);
  const reached = goal === null ? false : await holds(await openedFilter(db, sectionId, goal));
  const asked = [
    trigger?.kind === 'tag_applied' || (trigger?.kind === 'segment' && trigger.becomes === 'in'),
    trigger?.kind !== 'segment' || (await holds(await openSegment(db, sectionId, trigger.segmentId as SegmentId))),
    filter === null || (await holds(await openedFilter(db, sectionId, filter))),
    reached === undefined ? undefined : !reached,
  ];
  if (asked.includes(false)) return false;
  return asked.includes(undefined) ? undefined : true;
}

/**
 * The flows that would start, in the order of their names, with how many of the people would enter each: by its trigger, filter, exit tag and re-entry
 * rule, as all will be once the tags have changed. One statement for all flows. `people` selects `profile_id`, each once; it is not looked at if no
 * flow can start.
 */
export async function countEntries(
  db: Db,
  sectionId: SectionId,
  people: Sql,
  change: ManyChange,
  now: Date,
): Promise<FlowEntries[]> {
  const flows = await flowsStartedBy(db, sectionId, change);
  const found = await counted(db, flows, sql`with chosen as materialized (${people})`, async (flow) => {
    const happens = await happensBy(db, { sectionId, flowId: flow.id }, flow.document.trigger!, change, now);
    const comes = comesOn(flow, change, now);
    const may = await mayEnter(db, sectionId, flow, change, comes ?? now);
    const isDue = comes === undefined ? sql`true` : comes > now ? await hasOther(db, sectionId, change) : sql`false`;
    return sql`
      select ${flow.id}::int as "flowId", count(*) as enters from chosen person
      where ${happens} and ${isDue} and ${may}`;
  });
  const days = new Map(flows.map((flow) => [flow.id, dayOfEntry(flow, change, now)]));
  return found.map((each) => ({ ...each, ...(days.get(each.flowId) && { on: days.get(each.flowId)! }) }));
}

/** Of a flow that waits for a date: when the one that people get comes, by the clock of the flow. */
function comesOn(
  { document: { trigger }, timeZone }: Started,
  { value }: Pick<ManyChange, 'value'>,
  now: Date,
): Date | undefined {
  if (trigger?.kind !== 'date' || typeof value?.value !== 'string') return undefined;
  const date = value.value.slice(0, 10);
  return trigger.yearly
    ? yearlyAfter(date, trigger.days, trigger.at, timeZone, now)
    : daysAfter(date, trigger.days, trigger.at, timeZone);
}

function dayOfEntry(flow: Started, change: Pick<ManyChange, 'value'>, now: Date): string | undefined {
  const comes = comesOn(flow, change, now);
  return comes && dayIn(flow.timeZone, comes);
}

/** A condition about `person`: their value is another one. Those who have it already enter by it anyway. */
async function hasOther(db: Db, sectionId: SectionId, { value }: Pick<ManyChange, 'value'>): Promise<Sql> {
  const { code } = await one<{ code: string }>(
    db,
    sql`select code from attribute where section_id = ${sectionId} and id = ${value!.attributeId}`,
  );
  return sql`exists (
    select from profile
    where profile.section_id = ${sectionId} and profile.id = person.profile_id
      and profile.attributes ->> ${code}::text is distinct from ${String(value!.value)}::text
  )`;
}

/** The flows that tags, got or lost by some way, may start: all that wait for a tag if it is not known which, and those that wait for a segment. */
export async function flowsFor(
  db: Db,
  sectionId: SectionId,
  { source, ...tags }: Pick<ManyChange, 'source'> & (TagChange | { any: true }),
): Promise<Omit<FlowEntries, 'enters'>[]> {
  const flows =
    'any' in tags
      ? await openFlows(db, sectionId, sql`${KIND} in ('tag_applied', 'tag_removed', 'segment')`, source)
      : await flowsStartedBy(db, sectionId, { ...tags, source, value: null });
  return flows.map(({ id, name, state }) => ({ flowId: id, name, state }));
}

const KIND = sql`version.document -> 'trigger' ->> 'kind'`;

/** Where the inbox of flows ends now: what a change adds to it comes after. */
export async function endOfInbox(tx: Tx, sectionId: SectionId): Promise<number> {
  const { last } = await one<{ last: number }>(
    tx,
    sql`
      select coalesce(max(id), 0)::bigint as last from signal
      where section_id = ${sectionId} and consumer = ${CONSUMER}`,
  );
  return last;
}

/**
 * The same of a change that was made in this transaction, to be rolled back: exact, as it is counted what the engine would let in. `after`: where the
 * inbox ended before.
 */
export async function countStarted(
  tx: Tx,
  sectionId: SectionId,
  { operationId, source, after, now }: { operationId: OperationId; source: Source; after: number; now: Date },
): Promise<FlowEntries[]> {
  const signals = sql`
    section_id = ${sectionId} and consumer = ${CONSUMER} and id > ${after} and operation_id = ${operationId}
    and purpose = 'enrol'`;
  const called = await rows<{ id: FlowId }>(tx, sql`select distinct consumer_id as id from signal where ${signals}`);
  if (called.length === 0) return [];
  const flows = await openFlows(tx, sectionId, sql`flow.id = any(${called.map(({ id }) => id)}::int[])`, source);
  return counted(tx, flows, sql``, async (flow) => {
    const may = await mayEnter(tx, sectionId, flow, NO_CHANGE, now);
    return sql`
      select ${flow.id}::int as "flowId", count(*) as enters
      from (select distinct profile_id from signal where ${signals} and consumer_id = ${flow.id}) person
      where ${may}`;
  });
}

const NO_CHANGE: Happening = { apply: [], remove: [], value: null };

/** Adds the entries of two parts of a change, flow by flow. */
export function addEntries(left: readonly FlowEntries[], right: readonly FlowEntries[]): FlowEntries[] {
  const sum = new Map(left.map((each) => [each.flowId, each]));
  for (const each of right) {
    const known = sum.get(each.flowId);
    const unsure = (each.unsure ?? 0) + (known?.unsure ?? 0);
    sum.set(each.flowId, { ...each, enters: each.enters + (known?.enters ?? 0), ...(unsure > 0 && { unsure }) });
  }
  return [...sum.values()].sort((one, other) => one.name.localeCompare(other.name));
}

/** One statement for all of the flows. Into one that needs attention nobody comes. */
async function counted(
  db: Db,
  flows: readonly Started[],
  before: Sql,
  countOf: (flow: Started) => Promise<Sql>,
): Promise<FlowEntries[]> {
  const counts: Sql[] = [];
  for (const flow of flows) if (flow.state !== 'attention') counts.push(await countOf(flow));
  const found =
    counts.length === 0
      ? []
      : await rows<{ flowId: FlowId; enters: number }>(db, sql`${before} ${join(counts, '\nunion all\n')}`);
  const enters = new Map(found.map((each) => [each.flowId, each.enters]));
  return flows.map(({ id, name, state }) => ({ flowId: id, name, state, enters: enters.get(id) ?? 0 }));
}

/** Live and paused flows whose trigger may be one of the changes: a tag of them, a date that they get, or a segment. */
function flowsStartedBy(
  db: Db,
  sectionId: SectionId,
  { apply, remove, value, source }: ManyChange,
): Promise<Started[]> {
  const tagId = sql`(version.document -> 'trigger' ->> 'tagId')::int`;
  const dated = value === null || value.value === null ? null : value.attributeId;
  return openFlows(
    db,
    sectionId,
    sql`(
      ${KIND} = 'tag_applied' and ${tagId} = any(${apply}::int[])
      or ${KIND} = 'tag_removed' and ${tagId} = any(${remove}::int[])
      or ${KIND} = 'date' and (version.document -> 'trigger' ->> 'attributeId')::int = ${dated}
      or ${KIND} = 'segment'
    )`,
    source,
  );
}

/** Those of the live and paused flows that do not wait for another way by which a tag is applied. */
async function openFlows(db: Db, sectionId: SectionId, which: Sql, source: Source): Promise<Started[]> {
  const found = await rows<{
    id: FlowId;
    name: string;
    state: FlowState;
    document: unknown;
    settings: unknown;
    sectionZone: string;
  }>(
    db,
    sql`
      select flow.id, flow.name, flow.state, flow.settings, version.document,
        coalesce(section.time_zone, 'UTC') as "sectionZone"
      from flow
      join section on section.id = ${sectionId}
      join flow_version version
        on version.section_id = ${sectionId} and version.flow_id = flow.id and version.version = flow.version
      where flow.section_id = ${sectionId} and flow.state in ('live', 'paused') and flow.deleted_at is null and ${which}
      order by flow.name_key, flow.id`,
  );
  const flows = found.map(({ document, settings: stored, sectionZone, ...flow }) => {
    const settings = FlowSettingsSchema.parse(stored);
    const timeZone = settings.timeZone ?? sectionZone;
    return { ...flow, document: FlowDocumentSchema.parse(document), settings, timeZone };
  });
  const lost = await lostInFlows(db, sectionId, flows);
  return flows.flatMap((flow, index) => {
    const { trigger } = flow.document;
    if (trigger?.kind === 'tag_applied' && !isBy(trigger.sources, source)) return [];
    return [{ ...flow, state: lost[index]!.length > 0 ? 'attention' : (flow.state as EntriesState) }];
  });
}

const isBy = (sources: readonly Source[], source: Source): boolean => sources.length === 0 || sources.includes(source);

/** A condition about `person`: by the filter, the exit tag and the re-entry rule. */
async function mayEnter(
  db: Db,
  sectionId: SectionId,
  { id, document: { filter }, settings, timeZone }: Started,
  change: Happening,
  now: Date,
): Promise<Sql> {
  if (whyClosed(settings, timeZone, now) !== null) return sql`false`;
  const goal = goalRules(settings);
  const reached = goal && (await fits(db, sectionId, await openedFilter(db, sectionId, goal), change, now));
  const conditions = [
    ...(reached ? [sql`not ${reached}`] : []),
    filter === null ? sql`true` : await fits(db, sectionId, await openedFilter(db, sectionId, filter), change, now),
    exits(sectionId, settings, change),
    notInside({ sectionId, flowId: id }, settings, now),
  ];
  return join(conditions, ' and ');
}

type Opened = { rules: Rules; definitions: Definitions };

const openedFilter = async (db: Db, sectionId: SectionId, rules: Rules): Promise<Opened> => ({
  rules,
  definitions: await openRules(db, sectionId, rules),
});

const isIn = (sectionId: SectionId, tagId: number | null): Sql => sql`exists (
  select from profile_tag held
  where held.section_id = ${sectionId} and held.tag_id = ${tagId} and held.profile_id = person.profile_id
)`;

/** A condition about `person`: the trigger happens to them by the change. */
async function happensBy(
  db: Db,
  { sectionId, flowId }: { sectionId: SectionId; flowId: FlowId },
  trigger: Trigger,
  change: ManyChange,
  now: Date,
): Promise<Sql> {
  if (trigger.kind === 'tag_applied') {
    return change.remove.includes(trigger.tagId!) ? sql`false` : sql`not ${isIn(sectionId, trigger.tagId)}`;
  }
  if (trigger.kind === 'tag_removed') return isIn(sectionId, trigger.tagId);
  if (trigger.kind === 'date') return sql`true`;
  if (trigger.kind !== 'segment') return sql`false`;
  const opened = await openSegment(db, sectionId, trigger.segmentId as SegmentId);
  const inside = await fits(db, sectionId, opened, change, now);
  const before = sql`exists (
    select from flow_member member
    where member.section_id = ${sectionId} and member.flow_id = ${flowId} and member.profile_id = person.profile_id
  )`;
  return trigger.becomes === 'in' ? sql`${inside} and not ${before}` : sql`not ${inside} and ${before}`;
}

type Happening = Pick<ManyChange, 'apply' | 'remove' | 'value'>;

/** A condition about `person`: they fit the rules once it has happened. */
async function fits(db: Db, sectionId: SectionId, opened: Opened, change: Happening, now: Date): Promise<Sql> {
  const decide = await deciding(db, sectionId, opened, change, now);
  const { rules, segments } = assume(opened.rules, opened.definitions.segments, decide);
  if (typeof rules === 'boolean') return rules ? sql`true` : sql`false`;
  const members = memberIds({ sectionId, definitions: { ...opened.definitions, segments }, now }, rules);
  // Not `in`: the opposite of it would be looked up in a list, person by person, once the list is larger than the memory for it.
  return sql`exists (select from (${members}) fitting where fitting.profile_id = person.profile_id)`;
}

/** What the database says about the new value stands for all who get it. */
async function deciding(
  db: Db,
  sectionId: SectionId,
  { rules, definitions }: Opened,
  { value: given, ...tags }: Happening,
  now: Date,
): Promise<Decide> {
  const decide = decideTags(tags);
  if (given === null) return decide;
  const known = new Map<Condition, boolean>();
  for (const { root, timeZone } of [rules, ...[...definitions.segments.values()].map((segment) => segment.rules)]) {
    for (const condition of conditionsOf(root)) {
      if (condition.kind !== 'attribute' || condition.attributeId !== given.attributeId) continue;
      const { code } = definitions.attributes.get(given.attributeId)!;
      const attributes = sql`${JSON.stringify(given.value === null ? {} : { [code]: given.value })}::jsonb`;
      const holds = comparison({ now, timeZone }, attributes, code, condition.compare);
      known.set(condition, (await one<{ holds: boolean }>(db, sql`select coalesce(${holds}, false) as holds`)).holds);
    }
  }
  return (condition) => known.get(condition) ?? decide(condition);
}

function exits(sectionId: SectionId, { exitTagId }: FlowSettings, { apply, remove }: TagChange): Sql {
  if (exitTagId === null || remove.includes(exitTagId)) return sql`true`;
  return apply.includes(exitTagId) ? sql`false` : sql`not ${isIn(sectionId, exitTagId)}`;
}
