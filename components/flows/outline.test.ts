import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allSteps, StepsSchema } from '@/lib/flows/schema';
import { flowTrees } from '@/testing/flow-trees';
import { outlineOf, walk, type Arrow } from './outline';
import { START } from './tree';

const waits = (...ids: string[]) => ids.map((id) => ({ id, kind: 'wait' }));
const steps = StepsSchema.parse([
  ...waits('aaaa'),
  { id: 'bbbb', kind: 'branch', ways: [{ id: 'yyyy', steps: waits('cccc', 'dddd') }], otherwise: waits('eeee') },
  ...waits('ffff'),
]);
const no = 'bbbb:otherwise';

describe('the outline', () => {
  it('is in reading order, and says the place of each', () => {
    const nodes = outlineOf(steps);
    expect(nodes.map(({ id, level, index, count }) => `${id} ${level} ${index + 1}/${count}`)).toEqual([
      ':start 1 1/1',
      'aaaa 1 1/3',
      'bbbb 1 2/3',
      'yyyy 2 1/2',
      'cccc 3 1/2',
      'dddd 3 2/2',
      'bbbb:otherwise 2 2/2',
      'eeee 3 1/1',
      'ffff 1 3/3',
    ]);
  });

  it('has every step once', () => {
    fc.assert(
      fc.property(flowTrees, (tree) => {
        const found = outlineOf(tree).flatMap((node) => (node.kind === 'step' ? [node.id] : []));
        expect(found).toEqual(allSteps(tree).map(({ id }) => id));
      }),
    );
  });
});

describe('the arrow keys', () => {
  const nodes = outlineOf(steps);
  const path = (from: string, ...arrows: Arrow[]) => {
    let here = from;
    return arrows.map((arrow) => (here = walk(nodes, here, arrow) ?? 'nowhere'));
  };

  it('go down along the first way, and on below it', () => {
    expect(path(START, 'down', 'down', 'down', 'down', 'down', 'down', 'down')).toEqual([
      'aaaa',
      'bbbb',
      'yyyy',
      'cccc',
      'dddd',
      'ffff',
      'nowhere',
    ]);
    expect(path('eeee', 'down')).toEqual(['ffff']);
  });

  it('go up again, by the way that somebody came', () => {
    expect(path('dddd', 'up', 'up', 'up', 'up', 'up', 'up')).toEqual([
      'cccc',
      'yyyy',
      'bbbb',
      'aaaa',
      START,
      'nowhere',
    ]);
    expect(walk(nodes, 'ffff', 'up')).toBe('dddd');
    expect(walk(nodes, 'ffff', 'up', () => no)).toBe('eeee');
  });

  it('go to the way beside', () => {
    expect(path('yyyy', 'right', 'right')).toEqual([no, 'nowhere']);
    expect(path('dddd', 'right', 'left')).toEqual(['eeee', 'cccc']);
    expect(path('aaaa', 'left')).toEqual(['nowhere']);
  });

  it('reach everything from the top', () => {
    fc.assert(
      fc.property(flowTrees, (tree) => {
        const all = outlineOf(tree);
        const reached = new Set([START]);
        for (const id of reached) {
          for (const arrow of ['down', 'right'] as const) {
            const next = walk(all, id, arrow);
            if (next !== undefined) reached.add(next);
          }
        }
        expect(reached.size).toBe(all.length);
      }),
    );
  });
});
