import { expect, it } from 'vitest';
import type { TimelineItem } from '@/lib/followers/timeline';
import { alike } from './alike';

const at = new Date('2026-11-26T10:00:00Z');
const item = (about: string, more: Partial<TimelineItem> = {}): TimelineItem => ({
  id: 1,
  cursor: about,
  at,
  icon: 'tag',
  about,
  what: 'applied',
  details: [],
  from: 'Import by Mia · leads.csv',
  undone: null,
  ...more,
});

it('tags of one change are one line', () => {
  expect(alike([item('A'), item('B'), item('C')]).map(({ abouts }) => abouts)).toEqual([['A', 'B', 'C']]);
});

it.each<[string, Partial<TimelineItem>]>([
  ['at another time', { at: new Date(at.getTime() + 1) }],
  ['from elsewhere', { from: 'By hand by Mia' }],
  ['in another way', { icon: 'tag-off', what: 'removed' }],
  ['and undone since', { undone: { at, by: 'Mia' } }],
  ['of something else', { icon: 'changed', what: 'Profile changed' }],
])('a change %s is a line of its own', (_what, more) => {
  expect(alike([item('A'), item('B', more)])).toHaveLength(2);
});

it('changes of a profile are never put together', () => {
  const changed = { icon: 'changed' as const, about: null, what: 'Profile changed' };
  expect(alike([item('A', changed), item('B', changed)])).toHaveLength(2);
});
