import { describe, expect, it } from 'vitest';
import type { TagId } from '@/lib/db/ids';
import { figureOf, liftOf, pairInWords, percent, stepsOf, type Measure } from './overlap-measures';

const overlap = {
  everyone: 2_000,
  tags: [
    { id: 1 as TagId, name: 'VIP', profiles: 400 },
    { id: 2 as TagId, name: 'Partner', profiles: 1_000 },
    { id: 3 as TagId, name: 'Nobody yet', profiles: 0 },
  ],
  pairs: [
    [400, 360, 0],
    [360, 1_000, 0],
    [0, 0, 0],
  ],
};

const text = (measure: Measure, row: number, column: number) =>
  figureOf(measure, overlap, stepsOf(measure, overlap), row, column).text;

describe('a cell', () => {
  it('is the lift, the share of its row, or the count', () => {
    expect(text('lift', 0, 1)).toBe('1.8×');
    expect(text('share', 0, 1)).toBe('90%');
    expect(text('share', 1, 0)).toBe('36%');
    expect(text('profiles', 0, 1)).toBe('360');
  });

  it('is empty if nobody has a tag', () => {
    expect(liftOf(overlap, 0, 2)).toBeNull();
    expect(text('lift', 0, 2)).toBe('–');
    expect(text('share', 2, 0)).toBe('–');
    expect(text('share', 0, 2)).toBe('0%');
  });

  it('is shaded by its lift, unless too few profiles have the tags', () => {
    const shadeOf = (vip: number, partner: number, both: number) => {
      const tags = [
        { ...overlap.tags[0]!, profiles: vip },
        { ...overlap.tags[1]!, profiles: partner },
      ];
      const few = {
        everyone: 1_000,
        tags,
        pairs: [
          [vip, both],
          [both, partner],
        ],
      };
      return figureOf('lift', few, stepsOf('lift', few), 0, 1).shade.background;
    };
    const [plain, none, many] = [shadeOf(100, 100, 10), shadeOf(100, 100, 0), shadeOf(100, 100, 60)];
    expect(new Set([plain, none, many]).size).toBe(3);
    expect(shadeOf(60, 70, 0)).toBe(plain);
    expect(shadeOf(20, 20, 4)).toBe(plain);
    expect(shadeOf(20, 20, 5)).toBe(many);
  });

  it('is put into words', () => {
    expect(pairInWords('lift', overlap, 0, 1)).toBe(
      '360 profiles have VIP and Partner, 1.8 times as many as by chance',
    );
    expect(pairInWords('share', overlap, 1, 0)).toBe('360 profiles have Partner and VIP, 36% of those with Partner');
    expect(pairInWords('profiles', overlap, 1, 1)).toBe('1,000 profiles have Partner');
    expect(pairInWords('lift', overlap, 0, 2)).toBe('No profile has VIP and Nobody yet');
    const apart = {
      ...overlap,
      pairs: [
        [400, 0, 0],
        [0, 1_000, 0],
        [0, 0, 0],
      ],
    };
    expect(pairInWords('lift', apart, 0, 1)).toBe('No profile has VIP and Partner, about 200 would by chance');
  });
});

describe('the steps of counts', () => {
  const labels = (largest: number) =>
    stepsOf('profiles', {
      ...overlap,
      pairs: [
        [9_999, largest],
        [largest, 9_999],
      ],
    }).map(({ label }) => label);

  it('depend on the largest pair and ignore the diagonal', () => {
    expect(labels(740)).toEqual(['under 50', '50 to 99', '100 to 199', '200 to 499', '500 or more']);
    expect(labels(3)).toEqual(['none', '1', '2 or more']);
    expect(labels(0)).toEqual(['none']);
  });
});

it('never rounds a few to nobody, or nearly all to everyone', () => {
  expect([0, 0.001, 0.5, 0.9999, 1].map(percent)).toEqual(['0%', 'under 1%', '50%', 'over 99%', '100%']);
});
