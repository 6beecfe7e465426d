import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StepsSchema, type Block, type Split } from '@/lib/flows/schema';
import { addWay, canAddWay, canRemoveWay, changeWay, evenShares, moveWay, removeWay } from './ways';

const blockOf = (step: object) => StepsSchema.parse([{ id: 'block', otherwise: [], ...step }])[0] as Block;
const split = blockOf({
  kind: 'split',
  ways: [
    { id: 'way1', percent: 60, steps: [] },
    { id: 'way2', percent: 40, steps: [] },
  ],
}) as Split;
const branch = blockOf({ kind: 'branch', ways: [{ id: 'way1', steps: [] }] });
const sum = ({ ways }: Split) => Math.round(ways.reduce((total, { percent }) => total + percent, 0) * 100) / 100;
const ids = ({ ways }: Block) => ways.map(({ id }) => id);

describe('ways', () => {
  it('are added, moved and removed, as long as there are enough and not too many', () => {
    const two = addWay(branch, 'way2');
    expect(ids(two)).toEqual(['way1', 'way2']);
    expect(ids(moveWay(two, 'way2', -1))).toEqual(['way2', 'way1']);
    expect(moveWay(two, 'way2', 1)).toBe(two);
    expect(ids(removeWay(two, 'way1'))).toEqual(['way2']);
    expect(removeWay(branch, 'way1')).toBe(branch);
    expect(canRemoveWay(split)).toBe(false);
    const ten = Array.from({ length: 9 }).reduce<Block>((now, _, at) => addWay(now, `more${at}`), branch);
    expect(canAddWay(ten)).toBe(false);
  });

  it('are changed one by one', () => {
    expect(changeWay(split, 'way2', { name: 'B' }).ways.map(({ name }) => name)).toEqual(['', 'B']);
  });
});

describe('shares', () => {
  it('stay a hundred when ways come and go', () => {
    const three = addWay(split, 'way3') as Split;
    expect(three.ways.map(({ percent }) => percent)).toEqual([60, 40, 0]);
    const left = removeWay(three, 'way1') as Split;
    expect(left.ways.map(({ percent }) => percent)).toEqual([100, 0]);
  });

  it('are the same for each', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10 }), (count) => {
        const ways = Array.from({ length: count }, (_, at) => ({
          id: `way${at}`,
          name: '',
          percent: 0,
          tagId: null,
          steps: [],
        }));
        const even = evenShares({ ...split, ways });
        expect(sum(even)).toBe(100);
        expect(Math.max(...even.ways.map(({ percent }) => percent)) - even.ways.at(-1)!.percent).toBeLessThan(0.011);
      }),
    );
  });
});
