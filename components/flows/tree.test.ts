import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reduceHistory, startHistory } from '@/components/ui/edit-history';
import { allSteps, FlowDocumentSchema, StepsSchema, type Step } from '@/lib/flows/schema';
import { flowTrees, longFlow } from '@/testing/flow-trees';
import { outlineOf } from './outline';
import {
  copyOf,
  countInside,
  countSteps,
  duplicateStep,
  findStep,
  findWay,
  insertBehind,
  moveBehind,
  nodeBefore,
  removeKeeping,
  removeStep,
  shiftStep,
  START,
  updateStep,
  whyNot,
  type Direction,
} from './tree';

const waits = (...ids: string[]) => ids.map((id) => ({ id, kind: 'wait' }));
/** a; b with a yes-way of c, d and a no-way of e; f. */
const small = StepsSchema.parse([
  ...waits('aaaa'),
  { id: 'bbbb', kind: 'branch', ways: [{ id: 'yyyy', steps: waits('cccc', 'dddd') }], otherwise: waits('eeee') },
  ...waits('ffff'),
]);
/** 'a b(c d | e) f'. */
const order = (steps: readonly Step[]): string =>
  steps
    .map((step) => {
      const name = step.id.slice(0, 1);
      if (!('ways' in step)) return name;
      const lists = [...step.ways.map((way) => way.steps), ...('otherwise' in step ? [step.otherwise] : [])];
      return `${name}(${lists.map(order).join(' | ')})`;
    })
    .join(' ');
const no = 'bbbb:otherwise';

/** Ids of new steps: never twice. */
const counting = () => {
  let last = 0;
  return () => `new${(last += 1)}x`;
};
const idsOf = (steps: readonly Step[]) => allSteps(steps).map(({ id }) => id);
const sorted = (ids: readonly string[]) => ids.toSorted();
const added = StepsSchema.parse(waits('gggg'))[0]!;

describe('adding', () => {
  it('puts steps behind what lets people in, a step, or the head of a way', () => {
    expect(order(insertBehind(small, START, [added]))).toBe('g a b(c d | e) f');
    expect(order(insertBehind(small, 'bbbb', [added]))).toBe('a b(c d | e) g f');
    expect(order(insertBehind(small, 'yyyy', [added]))).toBe('a b(g c d | e) f');
    expect(order(insertBehind(small, no, [added]))).toBe('a b(c d | g e) f');
    expect(order(insertBehind(small, 'eeee', [added]))).toBe('a b(c d | e g) f');
    expect(insertBehind(small, 'nowhere', [added])).toBe(small);
  });

  it('says when there are too many, or they are nested too deep', () => {
    expect(whyNot(longFlow(300))).toBeUndefined();
    expect(whyNot([...longFlow(300), added])).toBe('A flow has at most 300 steps.');
    const nested = Array.from({ length: 13 }).reduce<object[]>(
      (inner, _, at) => [{ id: `deep${at}`, kind: 'branch', ways: [{ id: `way${at}`, steps: inner }], otherwise: [] }],
      [],
    );
    expect(whyNot(StepsSchema.parse(nested))).toBe('Ways can be nested at most 12 deep.');
  });
});

describe('removing', () => {
  it('takes a step with all on its ways, or keeps one of them', () => {
    expect(order(removeStep(small, 'bbbb'))).toBe('a f');
    expect(order(removeStep(small, 'cccc'))).toBe('a b(d | e) f');
    expect(order(removeKeeping(small, 'bbbb', 'yyyy'))).toBe('a c d f');
    expect(order(removeKeeping(small, 'bbbb', no))).toBe('a e f');
    expect(countInside(findStep(small, 'bbbb')!)).toBe(3);
  });

  it('leaves the other branch as it is', () => {
    const branch = findWay(removeStep(small, 'eeee'), 'yyyy');
    expect(branch?.steps).toBe(findWay(small, 'yyyy')!.steps);
  });
});

describe('moving', () => {
  it('goes behind another step or onto a way, but not onto its own', () => {
    expect(order(moveBehind(small, 'aaaa', 'ffff'))).toBe('b(c d | e) f a');
    expect(order(moveBehind(small, 'ffff', 'yyyy'))).toBe('a b(f c d | e)');
    expect(order(moveBehind(small, 'cccc', START))).toBe('c a b(d | e) f');
    expect(moveBehind(small, 'bbbb', 'yyyy')).toBe(small);
    expect(moveBehind(small, 'bbbb', 'eeee')).toBe(small);
    expect(moveBehind(small, 'ffff', 'bbbb')).toBe(small);
    expect(moveBehind(small, 'aaaa', 'nowhere')).toBe(small);
  });

  it('goes past neighbours, off a way and onto one', () => {
    expect(order(shiftStep(small, 'ffff', 'up'))).toBe('a f b(c d | e)');
    expect(order(shiftStep(small, 'aaaa', 'down'))).toBe('b(c d | e) a f');
    expect(order(shiftStep(small, 'dddd', 'up'))).toBe('a b(d c | e) f');
    expect(order(shiftStep(small, 'ffff', 'in'))).toBe('a b(c d f | e)');
    expect(order(shiftStep(small, 'aaaa', 'in'))).toBe('b(a c d | e) f');
    expect(order(shiftStep(small, 'cccc', 'out'))).toBe('a b(d | e) c f');
    expect(shiftStep(small, 'aaaa', 'up')).toBe(small);
    expect(shiftStep(small, 'aaaa', 'out')).toBe(small);
    expect(shiftStep(small, 'dddd', 'down')).toBe(small);
  });
});

describe('copying', () => {
  it('gives each step and way an id of its own, also where a copy is copied again', () => {
    const newId = counting();
    const once = insertBehind(small, 'ffff', copyOf([findStep(small, 'bbbb')!], newId));
    const twice = insertBehind(once, 'ffff', copyOf([once.at(-1)!], newId));
    expect(countSteps(twice)).toBe(countSteps(small) + 8);
    expect(FlowDocumentSchema.safeParse({ steps: twice }).success).toBe(true);
  });

  it('stands behind the original', () => {
    expect(order(duplicateStep(small, 'bbbb', counting()))).toBe('a b(c d | e) n(n n | n) f');
  });
});

// ── Whatever is done ────────────────────────────────────────────────────────────────────────────────────────────────

type Change = (steps: readonly Step[], pick: number, other: number, newId: () => string) => readonly Step[];
const DIRECTIONS: readonly Direction[] = ['up', 'down', 'in', 'out'];
const nodeAt = (steps: readonly Step[], at: number) => {
  const nodes = outlineOf(steps);
  return nodes[at % nodes.length]!.id;
};
/** With the id of a step; of none if there is none. */
const stepAt = (steps: readonly Step[], at: number) => idsOf(steps)[at % Math.max(1, countSteps(steps))] ?? 'none';

const CHANGES: Record<string, Change> = {
  add: (steps, pick, _, newId) => insertBehind(steps, nodeAt(steps, pick), [{ ...added, id: newId() }]),
  remove: (steps, pick) => removeStep(steps, stepAt(steps, pick)),
  keep: (steps, pick, other) => {
    const step = findStep(steps, stepAt(steps, pick));
    return step && 'ways' in step ? removeKeeping(steps, step.id, step.ways[other % step.ways.length]!.id) : steps;
  },
  move: (steps, pick, other) => moveBehind(steps, stepAt(steps, pick), nodeAt(steps, other)),
  shift: (steps, pick, other) => shiftStep(steps, stepAt(steps, pick), DIRECTIONS[other % 4]!),
  duplicate: (steps, pick, _, newId) => duplicateStep(steps, stepAt(steps, pick), newId),
  paste: (steps, pick, other, newId) => {
    const copied = findStep(steps, stepAt(steps, pick));
    return copied ? insertBehind(steps, nodeAt(steps, other), copyOf([copied], newId)) : steps;
  },
  update: (steps, pick) => updateStep(steps, stepAt(steps, pick), (step) => ({ ...step, name: 'Mine' })),
};
const change = fc.record({ what: fc.constantFrom(...Object.keys(CHANGES)), pick: fc.nat(), other: fc.nat() });

describe('any changes, one after the other,', () => {
  it('leave a sound tree, unless it is said to have become too large', () => {
    fc.assert(
      fc.property(flowTrees, fc.array(change, { maxLength: 12 }), (tree, changes) => {
        const newId = counting();
        const after = changes.reduce<readonly Step[]>(
          (steps, { what, pick, other }) => CHANGES[what]!(steps, pick, other, newId),
          tree,
        );
        expect(FlowDocumentSchema.safeParse({ steps: after }).success).toBe(whyNot(after) === undefined);
      }),
    );
  });

  it('are undone to the same tree, and made again', () => {
    fc.assert(
      fc.property(flowTrees, fc.array(change, { maxLength: 12 }), (tree, changes) => {
        const newId = counting();
        let history = startHistory<readonly Step[]>(tree);
        for (const { what, pick, other } of changes) {
          const changed = CHANGES[what]!(history.present, pick, other, newId);
          history = reduceHistory(history, { type: 'change', change: () => changed, what: null, at: 0 });
        }
        const last = history.present;
        while (history.past.length > 0) history = reduceHistory(history, { type: 'undo' });
        expect(history.present).toBe(tree);
        while (history.future.length > 0) history = reduceHistory(history, { type: 'redo' });
        expect(history.present).toBe(last);
      }),
    );
  });

  it('that move lose no step and double none', () => {
    fc.assert(
      fc.property(flowTrees, fc.nat(), fc.nat(), (tree, pick, other) => {
        for (const by of [CHANGES.move!, CHANGES.shift!]) {
          expect(sorted(idsOf(by(tree, pick, other, counting())))).toEqual(sorted(idsOf(tree)));
        }
      }),
    );
  });

  it('put a step where it was asked for', () => {
    fc.assert(
      fc.property(flowTrees, fc.nat(), (tree, pick) => {
        const node = nodeAt(tree, pick);
        expect(nodeBefore(insertBehind(tree, node, [added]), added.id)).toBe(node);
      }),
    );
  });
});
