// The filter in the URL, whatever somebody has typed into it.
import { describe, expect, it } from 'vitest';
import type { TagId } from '@/lib/db/ids';
import { filterOf, withReplaced } from './search-params';

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

  it('uses what merged tags have become, each once', () => {
    const became = (id: number, into: { id: number; name: string } | null) =>
      ({ kind: 'tag', id: id as TagId, reason: '', replacedBy: into as { id: TagId; name: string } | null }) as const;
    const lost = [became(1, { id: 9, name: 'VIP' }), became(2, { id: 9, name: 'VIP' }), became(3, null)];
    const tags = { has: [1, 2, 4], any: [9, 1], not: [3, 2] };
    expect(withReplaced(tags, lost)).toEqual({ has: [9, 4], any: [9], not: [3, 9] });
  });
});
