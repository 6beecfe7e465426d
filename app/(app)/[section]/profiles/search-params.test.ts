// The filter in the URL, whatever somebody has typed into it.
import { describe, expect, it } from 'vitest';
import { cursorOf, filterOf } from './search-params';

describe('the start of a page', () => {
  it('is the id of a profile', () => {
    expect(cursorOf({ before: 7, after: null })).toEqual({ before: 7 });
    expect(cursorOf({ before: null, after: 9_007_199_254_740_991 })).toEqual({ after: 9_007_199_254_740_991 });
  });

  it.each([1e20, -1, 0, 1.5, NaN])('is the beginning for %j', (id) => {
    expect(cursorOf({ before: id, after: id })).toEqual({});
  });
});

describe('a filter', () => {
  const condition = { code: 'city', operator: 'is' as const, value: 'Stockholm' };

  it('drops text that the database cannot store, and keeps the rest', () => {
    const wrong = [
      { ...condition, value: 'a\0b' },
      { ...condition, code: 'ci\0ty' },
    ];
    const asked = { q: '\0', has: [3], not: [], where: [condition, ...wrong], by: null, did: null };
    expect(filterOf(asked)).toEqual({
      search: '',
      has: [3],
      hasNot: [],
      conditions: [condition],
      changedBy: null,
    });
  });

  it('filters by an operation and its effect if both are given', () => {
    const none = { q: '', has: [], not: [], where: [] };
    expect(filterOf({ ...none, by: 7, did: 'created' }).changedBy).toEqual({ operationId: 7, effect: 'created' });
    expect(filterOf({ ...none, by: -7, did: 'created' }).changedBy).toBeNull();
    expect(filterOf({ ...none, by: 7, did: null }).changedBy).toBeNull();
  });
});
