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
  const none = { q: '', has: [], any: [], not: [], untagged: false, where: [], by: null, did: null };

  it('drops text that the database cannot store, and keeps the rest', () => {
    const condition = { code: 'city', compare: { test: 'is' as const, text: 'Stockholm' } };
    const asked = { ...none, q: '\0', has: [3], any: [4], untagged: true, where: [condition] };
    expect(filterOf(asked)).toEqual({
      search: '',
      has: [3],
      hasAny: [4],
      hasNot: [],
      untagged: true,
      conditions: [condition],
      changedBy: null,
    });
  });

  it('filters by an operation and its effect if both are given', () => {
    expect(filterOf({ ...none, by: 7, did: 'created' }).changedBy).toEqual({ operationId: 7, effect: 'created' });
    expect(filterOf({ ...none, by: -7, did: 'created' }).changedBy).toBeNull();
    expect(filterOf({ ...none, by: 7, did: null }).changedBy).toBeNull();
  });
});
