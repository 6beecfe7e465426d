// A saved view in an address: the link shares all of it.
import { createLoader, parseAsInteger } from 'nuqs/server';
import { describe, expect, it } from 'vitest';
import type { OperationId, TagId } from '@/lib/db/ids';
import { ADDRESS_MAX, addressLength, ViewStateSchema, type ViewState } from '@/lib/profiles/saved-view';
import { viewParsers } from './list-params';
import { filterOf } from './search-params';
import { addressOf, isSameView } from './view-params';

const load = createLoader({ ...viewParsers, view: parseAsInteger });
const state = (given: object = {}): ViewState => ViewStateSchema.parse({ filter: {}, ...given });

describe('the address of a saved view', () => {
  it.each<[string, ViewState]>([
    ['the list as it is at first', state()],
    [
      'everything',
      state({
        filter: {
          search: 'anna & co',
          has: [1 as TagId, 2 as TagId],
          hasAny: [3 as TagId],
          hasNot: [4 as TagId],
          untagged: true,
          conditions: [
            { code: 'city', compare: { test: 'is', text: 'a;b,c=d' } },
            { code: 'tier', compare: { test: 'one_of', texts: ['Gold', 'a|b'] } },
            { code: 'spend', compare: { test: 'between', from: -1.5, to: 20 } },
          ],
          changedBy: { operationId: 7 as OperationId, effect: 'created' },
        },
        sort: { by: 'attribute:city', descending: true },
        columns: ['tags', 'attribute:city', 'key:3'],
        compact: true,
      }),
    ],
    ['no columns at all', state({ columns: [] })],
  ])('leads back to it: %s', (_name, view) => {
    const params = load(`http://localhost${addressOf('/x/profiles', { id: 12, state: view })}`);
    expect(params.view).toBe(12);
    const back = { filter: filterOf(params), sort: params.sort, columns: params.cols, compact: params.compact };
    expect(isSameView(back, view)).toBe(true);
    expect(back.filter).toEqual(view.filter);
    expect(back.sort).toEqual(view.sort);
    expect(back.columns ?? []).toEqual(view.columns ?? []);
  });

  it('is about as long as its state says', () => {
    const text = 'Malmö, “Möllan” 50%';
    const conditions = Array.from({ length: 10 }, () => ({ code: 'city', compare: { test: 'is', text } }));
    const columns = Array.from({ length: 50 }, (_, nth) => `attribute:${'c'.repeat(30)}${nth}`);
    const view = state({ filter: { search: text, conditions }, columns });
    const { length } = addressOf('/x/profiles', { id: 12, state: view });
    expect(length).toBeGreaterThan(addressLength(view) * 0.7);
    expect(length).toBeLessThan(Math.min(addressLength(view) * 1.2, ADDRESS_MAX));
  });

  it('differs once anything does', () => {
    expect(isSameView(state(), state({ compact: true }))).toBe(false);
    expect(isSameView(state(), state({ filter: { untagged: true } }))).toBe(false);
  });
});
