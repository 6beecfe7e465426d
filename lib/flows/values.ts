// Whether the steps that set a value can set it, by the attribute's type.
import { listAttributes } from '@/lib/attributes/queries';
import { parseJsonValue } from '@/lib/attributes/values';
import type { SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { followsKey } from '@/lib/profiles/keys';
import type { FlowProblem } from './problems';
import { allSteps, type FlowDocument } from './schema';

/** What is wrong with values. Nothing, if no step sets any. */
export async function valueProblems(db: Db, sectionId: SectionId, { steps }: FlowDocument): Promise<FlowProblem[]> {
  const setting = allSteps(steps).flatMap((step) => (step.kind === 'attribute' ? [step] : []));
  if (setting.length === 0) return [];
  const attributes = new Map((await listAttributes(db, sectionId)).map((attribute) => [attribute.id, attribute]));
  return setting.flatMap(({ id, attributeId, value }) => {
    const attribute = attributeId === null ? undefined : attributes.get(attributeId);
    if (!attribute || value === null || value === '') return [];
    const problem = (words: string): FlowProblem => ({ stepId: id, place: 'steps', words, must: true });
    if (attribute.system && followsKey(attribute.code)) {
      return [problem(`${attribute.name} follows a key of the profile, so a flow cannot set it.`)];
    }
    const parsed = parseJsonValue(attribute, value);
    return parsed.ok ? [] : [problem(parsed.reason)];
  });
}
