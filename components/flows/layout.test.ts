import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StepsSchema, type Step } from '@/lib/flows/schema';
import { flowTrees } from '@/testing/flow-trees';
import { layoutOf, MEASURES, pathOf, type Layout } from './layout';
import { outlineOf } from './outline';
import { insertBehind, START } from './tree';

const waits = (...ids: string[]) => ids.map((id) => ({ id, kind: 'wait' }));
const { card, headHeight, gap, fork, between } = MEASURES;
const added = StepsSchema.parse(waits('added'))[0]!;
const branch = (yes: object[], no: object[]) => ({
  ...{ id: 'bbbb', kind: 'branch', ways: [{ id: 'yyyy', steps: yes }], otherwise: no },
});
const no = 'bbbb:otherwise';
const boxes = (steps: readonly Step[], layout: Layout) =>
  outlineOf(steps).map((node) => {
    const spot = layout.at.get(node.id)!;
    return { id: node.id, ...spot, width: card.width, height: node.kind === 'way' ? headHeight : card.height };
  });

describe('the layout', () => {
  it('goes straight down', () => {
    const { at, end, width } = layoutOf(StepsSchema.parse(waits('aaaa', 'bbbb')));
    expect(at.get(START)).toEqual({ x: 0, y: 0 });
    expect(at.get('aaaa')).toEqual({ x: 0, y: card.height + gap });
    expect(at.get('bbbb')).toEqual({ x: 0, y: 2 * (card.height + gap) });
    expect(end).toEqual({ x: card.width / 2, y: 3 * (card.height + gap) });
    expect(width).toBe(card.width);
  });

  it('puts ways side by side, and goes on below the longest', () => {
    const steps = StepsSchema.parse([branch(waits('cccc'), waits('dddd', 'eeee')), ...waits('ffff')]);
    const { at, width } = layoutOf(steps);
    const top = 2 * card.height + gap + 2 * fork;
    expect(at.get('yyyy')).toEqual({ x: 0, y: top });
    expect(at.get(no)).toEqual({ x: card.width + between, y: top });
    expect(at.get('cccc')!.x).toBe(0);
    expect(at.get('dddd')!.x).toBe(card.width + between);
    const longest = at.get('eeee')!.y + card.height;
    expect(at.get('ffff')).toEqual({ x: 0, y: longest + 2 * gap });
    expect(width).toBe(2 * card.width + between);
  });

  it('is as wide as its ways together', () => {
    const inner = {
      id: 'inner',
      kind: 'split',
      ways: ['way1', 'way2', 'way3'].map((id) => ({ id, percent: 0, steps: [] })),
    };
    const { at, width } = layoutOf(StepsSchema.parse([branch([inner], [])]));
    expect(at.get(no)!.x).toBe(3 * card.width + 3 * between);
    expect(width).toBe(4 * card.width + 3 * between);
  });

  it('ends where everybody has left, and marks what nobody reaches', () => {
    const leave = { id: 'leave', kind: 'leave' };
    const all = layoutOf(StepsSchema.parse([leave, ...waits('aaaa')]));
    expect(all.end).toBeNull();
    expect([...all.plus.keys()]).toEqual([START]);
    expect(all.lines.find(({ key }) => key === 'to aaaa')?.isDead).toBe(true);
    const some = layoutOf(StepsSchema.parse([branch([leave], [])]));
    expect(some.end).not.toBeNull();
    expect([...some.plus.keys()]).toEqual([START, 'yyyy', no, 'bbbb']);
  });

  it('places everything, and nothing on top of another thing', () => {
    fc.assert(
      fc.property(flowTrees, (tree) => {
        const layout = layoutOf(tree);
        const all = boxes(tree, layout);
        for (const [index, one] of all.entries()) {
          expect(one.x).toBeGreaterThanOrEqual(0);
          expect(one.x + one.width).toBeLessThanOrEqual(layout.width);
          expect(one.y + one.height).toBeLessThanOrEqual(layout.height);
          for (const other of all.slice(index + 1)) {
            const apart =
              one.x + one.width <= other.x ||
              other.x + other.width <= one.x ||
              one.y + one.height <= other.y ||
              other.y + other.height <= one.y;
            expect(apart).toBe(true);
          }
        }
      }),
    );
  });

  it('moves only what comes after a step that is added', () => {
    fc.assert(
      fc.property(flowTrees, fc.nat(), (tree, pick) => {
        const nodes = outlineOf(tree);
        const at = pick % nodes.length;
        const before = layoutOf(tree);
        const longer = insertBehind(tree, nodes[at]!.id, [added]);
        const after = layoutOf(longer);
        const until = outlineOf(longer).findIndex(({ id }) => id === added.id);
        for (const { id } of outlineOf(longer).slice(0, until)) expect(after.at.get(id)).toEqual(before.at.get(id));
      }),
    );
  });
});

describe('a line', () => {
  it('is straight, or has round corners', () => {
    expect(
      pathOf([
        { x: 1, y: 2 },
        { x: 1, y: 8 },
      ]),
    ).toBe('M1 2L1 8');
    expect(
      pathOf([
        { x: 0, y: 0 },
        { x: 0, y: 20 },
        { x: 30, y: 20 },
      ]),
    ).toBe('M0 0L0 10Q0 20 10 20L30 20');
    expect(
      pathOf([
        { x: 0, y: 0 },
        { x: 0, y: 20 },
        { x: 0, y: 20 },
        { x: 0, y: 30 },
      ]),
    ).not.toContain('NaN');
  });
});
