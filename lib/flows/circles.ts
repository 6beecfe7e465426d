// Flows that start each other in a circle, or themselves: found before one is published, and named.
import type { FlowId, SectionId, SegmentId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { openSegments, usedIn } from '@/lib/segments/definitions';
import { referencesOf as referencesOfRules, type Rules } from '@/lib/segments/schema';
import type { FlowProblem } from './problems';
import {
  FlowDocumentSchema,
  FlowSettingsSchema,
  listsIn,
  type FlowDocument,
  type FlowSettings,
  type Step,
} from './schema';

type Drawn = { id: FlowId; name: string; document: FlowDocument; settings: FlowSettings };

/** What a flow does, by which another one may start: 'apply 7'. `stepId`: where; `waits`: after a wait, whichever way one takes. */
type Doing = { what: string; stepId: string; waits: boolean };
type Edge = Doing & { from: Drawn; to: Drawn };

/** Why the draft of a flow starts itself, together with those that are live; empty if it does not. */
export async function circleProblems(db: Db, sectionId: SectionId, draft: Drawn): Promise<FlowProblem[]> {
  const others = await liveFlows(db, sectionId, draft.id);
  const all = [draft, ...others];
  const rules = await segmentRules(db, sectionId, all);
  const starting = startedFlows(all, rules);
  const edgesOf = (from: Drawn): Edge[] =>
    doingsOf(from.document.steps, false).doings.flatMap((doing) =>
      (starting.get(doing.what) ?? []).map((to) => ({ ...doing, from, to })),
    );
  const fast = circleFrom(draft, (from) => edgesOf(from).filter(({ waits }) => !waits));
  const circle = fast ?? circleFrom(draft, edgesOf);
  if (!circle) return [];
  const names = await namesOf(db, sectionId, circle);
  const turns = circle.every(({ from }) => from.settings.again.kind === 'each_time');
  return [
    {
      ...{ stepId: circle[0]!.stepId, place: 'steps', must: turns && fast !== undefined },
      words: `${inWords(circle, names)} ${consequence(turns, fast !== undefined)}`,
    },
  ];
}

function consequence(turns: boolean, isFast: boolean): string {
  if (!turns) return 'People go round as often as the flows let them enter again.';
  return isFast
    ? 'That is a circle without an end. Take one of these steps out, put a wait before it, or let people enter only once.'
    : 'So people go round for ever, each time after the wait.';
}

/** '“A” applies the tag “VIP”, which starts “B”, which applies the tag “News”, which starts “A”.' */
const inWords = (circle: readonly Edge[], names: ReadonlyMap<string, string>): string => {
  const [first] = circle;
  const parts = circle.map(({ what, to }) => `${names.get(what) ?? 'does something'}, which starts “${to.name}”`);
  return `“${first!.from.name}” ${parts.join(', which ')}.`;
};

/** Which flows start by what steps do, by its words: those of thousands of flows are looked up, not compared. */
function startedFlows(all: readonly Drawn[], rules: ReadonlyMap<SegmentId, Rules[]>): Map<string, Drawn[]> {
  const starting = new Map<string, Drawn[]>();
  for (const flow of all) {
    for (const what of startedBy(flow, rules)) {
      const known = starting.get(what);
      if (known) known.push(flow);
      else starting.set(what, [flow]);
    }
  }
  return starting;
}

/** The shortest way from a flow back to itself. Asks for what starts from each flow once. */
function circleFrom(start: Drawn, edgesOf: (from: Drawn) => readonly Edge[]): Edge[] | undefined {
  let paths = edgesOf(start).map((edge) => [edge]);
  const seen = new Set<Drawn>();
  while (paths.length > 0) {
    const closed = paths.find((path) => path.at(-1)!.to === start);
    if (closed) return closed;
    const further: Edge[][] = [];
    for (const path of paths) {
      const { to } = path.at(-1)!;
      if (seen.has(to)) continue;
      seen.add(to);
      further.push(...edgesOf(to).map((edge) => [...path, edge]));
    }
    paths = further;
  }
  return undefined;
}

/** What steps do. `waits`: whoever comes to the end of them has waited, whichever way they took. */
function doingsOf(steps: readonly Step[], before: boolean): { doings: Doing[]; waits: boolean } {
  let waits = before;
  const doings: Doing[] = [];
  for (const step of steps) {
    // Whoever opens a message takes their time.
    doings.push(
      ...doingsOfStep(step).map((what) => ({ what, stepId: step.id, waits: waits || what.startsWith('send ') })),
    );
    if (step.kind === 'wait') waits ||= step.time.count > 0;
    const inside = listsIn(step).map((list) => doingsOf(list, waits));
    doings.push(...inside.flatMap((each) => each.doings));
    if (inside.length > 0) waits ||= inside.every((each) => each.waits);
  }
  return { doings, waits };
}

function doingsOfStep(step: Step): string[] {
  switch (step.kind) {
    case 'tags':
      return [...step.apply.map((id) => `apply ${id}`), ...step.remove.map((id) => `remove ${id}`)];
    case 'split':
      return step.ways.flatMap(({ tagId }) => (tagId === null ? [] : [`apply ${tagId}`]));
    case 'attribute':
      return step.attributeId === null ? [] : [`set ${step.attributeId}`];
    case 'enter':
      return step.flowId === null ? [] : [`enter ${step.flowId}`];
    case 'email':
    case 'sms':
      return step.messageId === null ? [] : [`send ${step.messageId}`];
    default:
      return [];
  }
}

/** What starts a flow, in the words of `Doing`. A segment may be come into by anything that its rules ask for. */
function startedBy({ id, document: { trigger } }: Drawn, rules: ReadonlyMap<SegmentId, Rules[]>): Set<string> {
  const started = new Set([`enter ${id}`]);
  if (trigger?.kind === 'tag_applied') started.add(`apply ${trigger.tagId}`);
  if (trigger?.kind === 'tag_removed') started.add(`remove ${trigger.tagId}`);
  if (trigger?.kind === 'message') started.add(`send ${trigger.messageId}`);
  if (trigger?.kind === 'date') started.add(`set ${trigger.attributeId}`);
  if (trigger?.kind === 'segment' && trigger.segmentId !== null) {
    for (const { tags, attributes } of (rules.get(trigger.segmentId) ?? []).map(referencesOfRules)) {
      for (const tag of tags) started.add(`apply ${tag}`).add(`remove ${tag}`);
      for (const attribute of attributes) started.add(`set ${attribute}`);
    }
  }
  return started;
}

async function liveFlows(db: Db, sectionId: SectionId, except: FlowId): Promise<Drawn[]> {
  const found = await rows<{ id: FlowId; name: string; document: unknown; settings: unknown }>(
    db,
    sql`
      select flow.id, flow.name, version.document, flow.settings
      from flow
      join flow_version version
        on version.section_id = ${sectionId} and version.flow_id = flow.id and version.version = flow.version
      where flow.section_id = ${sectionId} and flow.id <> ${except} and flow.state in ('live', 'paused')
      order by flow.id`,
  );
  return found.map(({ document, settings, ...flow }) => ({
    ...flow,
    document: FlowDocumentSchema.parse(document),
    settings: FlowSettingsSchema.parse(settings),
  }));
}

/** The rules of the segments that start flows, with those of the segments in them. */
async function segmentRules(db: Db, sectionId: SectionId, flows: readonly Drawn[]): Promise<Map<SegmentId, Rules[]>> {
  const ids = flows.flatMap(({ document: { trigger } }) =>
    trigger?.kind === 'segment' && trigger.segmentId !== null ? [trigger.segmentId] : [],
  );
  const { opened } = await openSegments(db, sectionId, ids);
  return new Map(
    opened.map(({ id, rules, definitions }) => [
      id,
      [rules, ...usedIn(rules, definitions.segments).map((used) => used.rules)],
    ]),
  );
}

/** What each flow of a circle does, with names. */
async function namesOf(db: Db, sectionId: SectionId, circle: readonly Edge[]): Promise<Map<string, string>> {
  const ids = (verb: string) =>
    circle.flatMap(({ what }) => (what.startsWith(`${verb} `) ? [Number(what.slice(verb.length + 1))] : []));
  const found = await rows<{ kind: string; id: number; name: string }>(
    db,
    sql`
      select 'tag' as kind, id, name from tag
      where section_id = ${sectionId} and id = any(${[...ids('apply'), ...ids('remove')]}::int[])
      union all
      select 'attribute', id, name from attribute where section_id = ${sectionId} and id = any(${ids('set')}::int[])
      union all
      select 'message', id, name from message where section_id = ${sectionId} and id = any(${ids('send')}::int[])`,
  );
  const name = (kind: string, id: number) => found.find((each) => each.kind === kind && each.id === id)?.name ?? '';
  return new Map(
    circle.map(({ what, to }) => {
      const [verb, id] = what.split(' ') as [string, string];
      if (verb === 'enter') return [what, `sends people to “${to.name}”`];
      if (verb === 'send') return [what, `sends “${name('message', Number(id))}”, which people open or click in`];
      if (verb === 'set') return [what, `sets “${name('attribute', Number(id))}”`];
      return [what, `${verb === 'apply' ? 'applies' : 'removes'} the tag “${name('tag', Number(id))}”`];
    }),
  );
}
