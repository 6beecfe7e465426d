// Whether the steps that set a value can set it, and what goes by a date has one, by the type of the attribute.
import { listAttributes } from '@/lib/attributes/queries';
import { TYPE_NAMES } from '@/lib/attributes/schema';
import { parseJsonValue } from '@/lib/attributes/values';
import type { SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { followsKey } from '@/lib/profiles/keys';
import type { FlowProblem } from './problems';
import { allSteps, type FlowDocument } from './schema';

/** What is wrong with values and dates. Nothing, if the flow has none. */
export async function valueProblems(
  db: Db,
  sectionId: SectionId,
  { trigger, steps }: FlowDocument,
): Promise<FlowProblem[]> {
  const setting = allSteps(steps).flatMap((step) => (step.kind === 'attribute' ? [step] : []));
  const waiting = allSteps(steps).flatMap((step) => (step.kind === 'wait_date' ? [step] : []));
  const dated = [
    ...(trigger?.kind === 'date' ? [{ stepId: null, attributeId: trigger.attributeId }] : []),
    ...waiting.map(({ id, attributeId }) => ({ stepId: id, attributeId })),
  ];
  if (setting.length + dated.length === 0) return [];
  const attributes = new Map((await listAttributes(db, sectionId)).map((attribute) => [attribute.id, attribute]));
  const undated = dated.flatMap(({ stepId, attributeId }): FlowProblem[] => {
    const attribute = attributeId === null ? undefined : attributes.get(attributeId);
    if (!attribute || attribute.type === 'date') return [];
    const words = `${attribute.name} is no date. Choose an attribute of the type ${TYPE_NAMES.date}.`;
    return [{ stepId, place: stepId === null ? 'trigger' : 'steps', words, must: true }];
  });
  const unfit = setting.flatMap(({ id, attributeId, value }) => {
    const attribute = attributeId === null ? undefined : attributes.get(attributeId);
    if (!attribute || value === null || value === '') return [];
    const problem = (words: string): FlowProblem => ({ stepId: id, place: 'steps', words, must: true });
    if (attribute.system && followsKey(attribute.code)) {
      return [problem(`${attribute.name} follows a key of the profile, so a flow cannot set it.`)];
    }
    const parsed = parseJsonValue(attribute, value);
    return parsed.ok ? [] : [problem(parsed.reason)];
  });
  return [...undated, ...unfit];
}
