// What a merge of tags does to flows: what named the old tag names the new one from then on, in the draft, the settings and every version, so everybody
// inside goes on. Conditions on how a tag was applied keep the old one, as in segments, and the flow needs attention.
import type { FlowId, SectionId, TagId } from '@/lib/db/ids';
import { execute, rows, sql, type Tx } from '@/lib/db/sql';
import { resumeSendsOf } from '@/lib/messages/for-flows';
import { replaceTag } from '@/lib/segments/tag-merge';
import type { Rules } from '@/lib/segments/schema';
import { hear } from './hear';
import {
  FlowDocumentSchema,
  FlowSettingsSchema,
  type Awaited,
  type FlowDocument,
  type FlowSettings,
  type Step,
  type Trigger,
} from './schema';

type Merge = { from: TagId; into: TagId };

/** The caller hides the old tag. */
export async function moveTagInFlows(tx: Tx, sectionId: SectionId, merge: Merge): Promise<void> {
  const using = await rows<{ id: FlowId; state: string; document: unknown; settings: unknown }>(
    tx,
    sql`
      select id, state, document, settings from flow
      where section_id = ${sectionId} and id in (
        select user_id from use
        where section_id = ${sectionId} and user_kind = 'flow' and used_kind = 'tag' and used_id = ${merge.from}
      )
      order by id
      for update`,
  );
  for (const { id, state, document: stored, settings: storedSettings } of using) {
    const document = moved(FlowDocumentSchema.parse(stored), merge);
    const before = FlowSettingsSchema.parse(storedSettings);
    const settings = { ...before, exitTagId: swapped(before.exitTagId, merge), goal: inGoal(before.goal, merge) };
    await execute(
      tx,
      sql`
        update flow set document = ${JSON.stringify(document)}::jsonb, settings = ${JSON.stringify(settings)}::jsonb
        where section_id = ${sectionId} and id = ${id}`,
    );
    await moveInVersions(tx, sectionId, id, merge);
    const flow = { sectionId, flowId: id };
    await hear(tx, flow, { document, settings, isOn: state === 'live' || state === 'paused' });
    if (state === 'live') await resumeSendsOf(tx, sectionId, id, settings.exitTagId);
  }
}

/** Each process reads a version again that was written again. */
async function moveInVersions(tx: Tx, sectionId: SectionId, flowId: FlowId, merge: Merge): Promise<void> {
  const versions = await rows<{ version: number; document: unknown }>(
    tx,
    sql`select version, document from flow_version where section_id = ${sectionId} and flow_id = ${flowId}`,
  );
  await execute(
    tx,
    sql`
      update flow_version stored set document = given.document, moved = stored.moved + 1
      from unnest(
        ${versions.map(({ version }) => version)}::int[],
        ${versions.map(({ document }) => JSON.stringify(moved(FlowDocumentSchema.parse(document), merge)))}::jsonb[]
      ) given (version, document)
      where stored.section_id = ${sectionId} and stored.flow_id = ${flowId} and stored.version = given.version`,
  );
}

const swapped = (id: TagId | null, { from, into }: Merge): TagId | null => (id === from ? into : id);

const moved = (document: FlowDocument, merge: Merge): FlowDocument => ({
  trigger: document.trigger && inHappening(document.trigger, merge),
  filter: document.filter && inRules(document.filter, merge),
  steps: document.steps.map((step) => inStep(step, merge)),
});

const inHappening = <What extends Trigger | Awaited>(what: What, merge: Merge): What =>
  what.kind === 'tag_applied' || what.kind === 'tag_removed' ? { ...what, tagId: swapped(what.tagId, merge) } : what;

const inRules = (rules: Rules, { from, into }: Merge): Rules =>
  ({ ...rules, root: replaceTag(rules.root, from, into) }) as Rules;

function inGoal(goal: FlowSettings['goal'], merge: Merge): FlowSettings['goal'] {
  if (goal?.kind === 'rules') return { ...goal, rules: inRules(goal.rules, merge) };
  return goal && { ...goal, tagId: swapped(goal.tagId, merge)! };
}

function inStep(step: Step, merge: Merge): Step {
  const inSteps = (steps: readonly Step[]) => steps.map((each) => inStep(each, merge));
  switch (step.kind) {
    case 'tags': {
      const inTags = (ids: readonly TagId[]) => [...new Set(ids.map((id) => swapped(id, merge)!))];
      return { ...step, apply: inTags(step.apply), remove: inTags(step.remove) };
    }
    case 'branch': {
      const ways = step.ways.map((way) => ({
        ...way,
        rules: way.rules && inRules(way.rules, merge),
        steps: inSteps(way.steps),
      }));
      return { ...step, ways, otherwise: inSteps(step.otherwise) };
    }
    case 'split':
      return {
        ...step,
        ways: step.ways.map((way) => ({ ...way, tagId: swapped(way.tagId, merge), steps: inSteps(way.steps) })),
      };
    case 'wait_for': {
      const ways = step.ways.map((way) => ({
        ...way,
        what: inHappening(way.what, merge),
        steps: inSteps(way.steps),
      }));
      return { ...step, ways, otherwise: inSteps(step.otherwise) };
    }
    default:
      return step;
  }
}
