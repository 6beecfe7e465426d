// The filter in the URL, whatever somebody has typed into it.
import { describe, expect, it } from 'vitest';
import { filterOf } from './search-params';

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
