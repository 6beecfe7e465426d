// Trees of steps for property tests: sound by the schema, with blocks in blocks, and ids of their own.
import fc from 'fast-check';
import { StepsSchema, type Step } from '@/lib/flows/schema';

type Shape = { kind: string; ways: Shape[][]; otherwise: Shape[] };

const LEAVES = ['wait', 'wait_date', 'tags', 'attribute', 'email', 'sms', 'notify', 'webhook', 'enter', 'leave'];

const { list } = fc.letrec<{ list: Shape[]; step: Shape; leaf: Shape; block: Shape }>((tie) => ({
  list: fc.array(tie('step'), { maxLength: 4, depthIdentifier: 'flow' }),
  step: fc.oneof({ maxDepth: 3, depthIdentifier: 'flow' }, tie('leaf'), tie('block')),
  leaf: fc.constantFrom(...LEAVES).map((kind) => ({ kind, ways: [], otherwise: [] })),
  block: fc.record({
    kind: fc.constantFrom('branch', 'split', 'wait_for'),
    ways: fc.array(tie('list'), { minLength: 2, maxLength: 3 }),
    otherwise: tie('list'),
  }),
}));

/** Numbers the ids from 1 on, so that trees can be told apart by eye. */
export const flowTrees: fc.Arbitrary<Step[]> = list.map((shapes) => {
  let last = 0;
  const id = () => `s${String((last += 1)).padStart(4, '0')}`;
  const steps = (of: readonly Shape[]): object[] =>
    of.map(({ kind, ways, otherwise }) => ({
      id: id(),
      kind,
      ...(ways.length > 0 && {
        ways: ways.map((way) => ({
          ...{ id: id(), steps: steps(way), percent: 100 / ways.length },
          what: { kind: 'tag_applied' },
        })),
        otherwise: steps(otherwise),
      }),
    }));
  return StepsSchema.parse(steps(shapes));
});

/** A flow of so many steps: waits, and branches of which each has steps on both ways. */
export function longFlow(count: number): Step[] {
  const steps: object[] = [];
  for (let at = 0; at < count;) {
    if (count - at < 8) {
      steps.push({ id: `wait${at}`, kind: 'wait' });
      at += 1;
      continue;
    }
    const waits = (way: string, many: number) =>
      Array.from({ length: many }, (_, index) => ({ id: `wait${at}${way}${index}`, kind: 'wait' }));
    steps.push({
      ...{ id: `block${at}`, kind: 'branch', ways: [{ id: `yes${at}`, steps: waits('y', 3) }] },
      otherwise: waits('n', 4),
    });
    at += 8;
  }
  return StepsSchema.parse(steps);
}
