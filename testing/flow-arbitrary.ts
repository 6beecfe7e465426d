// Random flows for property tests: as the model has them, and as they are written.
import fc from 'fast-check';
import type { TagId } from '@/lib/db/ids';
import type { ModelStep, ModelTag } from './flow-model';
import type { FlowDraft } from './flows';
import { allOf, hasTag, rulesOf } from './segments';

export const TAGS = ['trigger', 'exit', 'one', 'other'] as const;
const tag = fc.constantFrom<ModelTag>(...TAGS);
const hours = fc.constantFrom(0, 1, 5, 30);

/** The id is given to each when the flow is whole. */
const leaf: fc.Arbitrary<ModelStep> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ id: fc.constant(''), kind: fc.constant('wait' as const), hours }) },
  {
    weight: 4,
    arbitrary: fc
      .record({ of: fc.uniqueArray(tag, { minLength: 1, maxLength: 3 }), from: fc.nat(3) })
      .map(({ of, from }) => ({
        ...{ id: '', kind: 'tags' as const },
        ...{ apply: of.slice(Math.min(from, of.length - 1)), remove: of.slice(0, Math.min(from, of.length - 1)) },
      })),
  },
  { weight: 1, arbitrary: fc.constant({ id: '', kind: 'leave' as const }) },
);

const stepsOf = (depth: number): fc.Arbitrary<ModelStep[]> =>
  fc.array(depth === 0 ? leaf : fc.oneof({ weight: 3, arbitrary: leaf }, block(depth)), { maxLength: 3 });

function block(depth: number): fc.Arbitrary<ModelStep> {
  const lists = { inside: stepsOf(depth - 1), otherwise: stepsOf(depth - 1) };
  return fc.oneof(
    fc.record({ id: fc.constant(''), kind: fc.constant('branch' as const), has: tag, ...lists }),
    fc.record({
      ...{ id: fc.constant(''), kind: fc.constant('wait_for' as const), tag, applied: fc.boolean(), hours },
      ...lists,
    }),
  );
}

/** The steps of a flow, at least one, each with an id of its own. */
export const flowSteps: fc.Arbitrary<ModelStep[]> = stepsOf(2)
  .map((steps): ModelStep[] => (steps.length > 0 ? steps : [{ id: '', kind: 'wait', hours: 1 }]))
  .map((steps) => {
    let count = 0;
    const numbered = (list: readonly ModelStep[]): ModelStep[] =>
      list.map((step) => {
        const id = `step${count++}`;
        if (step.kind !== 'branch' && step.kind !== 'wait_for') return { ...step, id };
        return { ...step, id, inside: numbered(step.inside), otherwise: numbered(step.otherwise) };
      });
    return numbered(steps);
  });

/** As it is written. */
export const written = (steps: readonly ModelStep[], ids: Record<ModelTag, TagId>): NonNullable<FlowDraft['steps']> =>
  steps.map((step) => {
    const { id, kind } = step;
    switch (kind) {
      case 'wait':
        return { id, kind, time: { count: step.hours, unit: 'hours' } };
      case 'tags':
        return { id, kind, apply: step.apply.map((each) => ids[each]), remove: step.remove.map((each) => ids[each]) };
      case 'leave':
        return { id, kind };
      case 'branch': {
        const rules = rulesOf(allOf(hasTag(ids[step.has])));
        return {
          ...{ id, kind, name: '', otherwise: written(step.otherwise, ids) as never },
          ways: [{ id: `${id}w`, name: '', rules, steps: written(step.inside, ids) as never }],
        };
      }
      case 'wait_for': {
        const what = step.applied
          ? { kind: 'tag_applied' as const, tagId: ids[step.tag], sources: [] }
          : { kind: 'tag_removed' as const, tagId: ids[step.tag] };
        return {
          ...{ id, kind, name: '', since: 'step' as const, timeout: { count: step.hours, unit: 'hours' as const } },
          otherwise: written(step.otherwise, ids) as never,
          ways: [{ id: `${id}w`, name: '', what, steps: written(step.inside, ids) as never }],
        };
      }
    }
  });
