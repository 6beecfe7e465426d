// The numbers that decide a test, against sums of exact fractions by another program.
import { describe, expect, it } from 'vitest';
import { fisher, verdictOf } from './ab-verdict';

const tally = (variant: number, sent: number, clicked: number) => ({
  variant,
  ...{ people: sent, sent, clicked, opened: clicked, left: 0 },
});

describe("Fisher's exact test", () => {
  it.each([
    // The lady tasting tea.
    [3, 4, 1, 4, 0.4857142857],
    [8, 10, 1, 6, 0.034965035],
    [10, 15, 1, 13, 0.0020849225],
    [0, 100, 0, 100, 1],
    [5, 5, 0, 5, 0.0079365079],
  ])('%i of %i against %i of %i', (hits, of, otherHits, otherOf, p) => {
    expect(fisher({ hits, of }, { hits: otherHits, of: otherOf })).toBeCloseTo(p, 8);
    expect(fisher({ hits: otherHits, of: otherOf }, { hits, of })).toBeCloseTo(p, 8);
  });

  it('holds for nobody, and for hundreds of thousands', () => {
    expect(fisher({ hits: 0, of: 0 }, { hits: 0, of: 0 })).toBe(1);
    expect(fisher({ hits: 9_000, of: 250_000 }, { hits: 9_000, of: 250_000 })).toBeCloseTo(1, 6);
    expect(fisher({ hits: 9_000, of: 250_000 }, { hits: 10_000, of: 250_000 })).toBeLessThan(1e-10);
  });
});

describe('a verdict', () => {
  it('is too close to call where chance may have made the difference', () => {
    expect(verdictOf([tally(0, 100, 10), tally(1, 100, 14)])).toMatchObject({ verdict: 'close', best: 1 });
    expect(verdictOf([tally(0, 100, 10), tally(1, 100, 30)])).toMatchObject({ verdict: 'better', best: 1 });
    expect(verdictOf([tally(0, 0, 0), tally(1, 0, 0)])).toMatchObject({ verdict: 'close', best: 0, p: 1 });
  });

  it('asks more of three variants than of two, and that the best one beats both', () => {
    expect(verdictOf([tally(0, 200, 20), tally(1, 200, 36)])).toMatchObject({ verdict: 'better', best: 1 });
    expect(verdictOf([tally(0, 200, 20), tally(1, 200, 36), tally(2, 200, 5)])).toMatchObject({ verdict: 'close' });
    expect(verdictOf([tally(0, 200, 20), tally(1, 200, 50), tally(2, 200, 5)])).toMatchObject({
      verdict: 'better',
      best: 1,
    });
  });
});
