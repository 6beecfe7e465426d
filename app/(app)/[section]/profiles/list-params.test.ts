// The state of the list in an address.
import { describe, expect, it } from 'vitest';
import { listParsers } from './list-params';

describe('the order in an address', () => {
  it('comes back as it was chosen', () => {
    for (const text of ['-added', 'changed', 'attribute:city', '-attribute:city']) {
      const sort = listParsers.sort.parse(text)!;
      expect(listParsers.sort.serialize(sort)).toBe(text);
      expect(sort.descending).toBe(text.startsWith('-'));
    }
    expect(listParsers.sort.parse('')).toBeNull();
  });
});

describe('the start of a page in an address', () => {
  it('is the id of a profile, and its value where the order is not by id', () => {
    const places = [
      { id: 7, value: null },
      { id: 9_007_199_254_740_991, value: '' },
      { id: 8, value: 'a~b' },
    ];
    for (const place of places) {
      expect(listParsers.before.parse(listParsers.before.serialize(place as never))).toEqual(place);
    }
  });

  it.each(['', '0', '-1', '1.5', '1e20', 'x', '~a', '7~a\0b'])('is the beginning for %j', (text) => {
    expect(listParsers.before.parse(text)).toBeNull();
  });
});
