// Columns of the list: shown, hidden and moved.
import { describe, expect, it } from 'vitest';
import { chosenColumns, type Column } from './columns';
import { droppedAt, moved, offered, toggled } from './column-order';

const ALL = ['keys', 'city', 'spend', 'tags', 'added'];

describe('columns of the list', () => {
  it('are offered in their order, with the hidden ones after them', () => {
    expect(offered(ALL, ['tags', 'keys'])).toEqual(['tags', 'keys', 'city', 'spend', 'added']);
  });

  it('that are turned on come last', () => {
    expect(toggled(['tags', 'keys'], 'city', true)).toEqual(['tags', 'keys', 'city']);
    expect(toggled(['tags', 'keys'], 'tags', false)).toEqual(['keys']);
  });

  it('move by one place and stay at the ends', () => {
    expect(moved(['tags', 'keys', 'city'], 'city', -1)).toEqual(['tags', 'city', 'keys']);
    expect(moved(['tags', 'keys', 'city'], 'tags', 1)).toEqual(['keys', 'tags', 'city']);
    expect(moved(['tags', 'keys', 'city'], 'tags', -1)).toEqual(['tags', 'keys', 'city']);
    expect(moved(['tags', 'keys', 'city'], 'city', 1)).toEqual(['tags', 'keys', 'city']);
  });

  it.each([
    ['up', ['tags', 'keys', 'city'], 'city', { target: 'tags', position: 'before' }, ['city', 'tags', 'keys']],
    ['down', ['tags', 'keys', 'city'], 'tags', { target: 'city', position: 'after' }, ['keys', 'city', 'tags']],
    ['on itself', ['tags', 'keys'], 'tags', { target: 'tags', position: 'after' }, ['tags', 'keys']],
    [
      'from the hidden ones to the shown',
      ['tags', 'keys'],
      'spend',
      { target: 'keys', position: 'before' },
      ['tags', 'spend', 'keys'],
    ],
    [
      'from the hidden ones to behind the shown',
      ['tags'],
      'spend',
      { target: 'tags', position: 'after' },
      ['tags', 'spend'],
    ],
    ['among the hidden ones', ['tags'], 'spend', { target: 'added', position: 'after' }, ['tags']],
    [
      'from the shown to the hidden ones',
      ['tags', 'keys'],
      'tags',
      { target: 'added', position: 'before' },
      ['keys', 'tags'],
    ],
  ] as const)('are dropped %s', (_where, shown, id, drop, after) => {
    expect(droppedAt(ALL, shown, id, drop)).toEqual(after);
  });

  it('are shown in the order of the address, each once, without those that are gone', () => {
    const all = ALL.map((id): Column => ({ id, title: id, sort: null, cell: () => null }));
    const ids = (chosen: string[] | null) => chosenColumns(all, chosen).map(({ id }) => id);
    expect(ids(['tags', 'city', 'tags', 'gone', 'keys'])).toEqual(['tags', 'city', 'keys']);
    expect(ids(null)).toEqual(['keys', 'tags', 'added']);
    expect(ids([])).toEqual([]);
  });
});
