import { describe, expect, it } from 'vitest';
import { toneOf } from './words';

describe('the colour of an operation', () => {
  it.each([
    [{ created: 5 }, 'success'],
    [{ created: 3, rejected: 2 }, 'warning'],
    [{ undone: 3, kept: 1 }, 'warning'],
    [{ rejected: 0 }, 'success'],
  ])('that ended with %j is %s', (counts, tone) => {
    expect(toneOf({ status: 'done', counts })).toBe(tone);
  });

  it('that failed stays red', () => {
    expect(toneOf({ status: 'failed', counts: { rejected: 1 } })).toBe('danger');
  });
});
