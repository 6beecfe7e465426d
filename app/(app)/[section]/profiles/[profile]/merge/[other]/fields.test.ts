import { expect, test } from 'vitest';
import type { ProfileId } from '@/lib/db/ids';
import { distinctNames, type MergedField } from './fields';

const side = (id: number, name: string) => ({ id: id as ProfileId, name });
const key = (into: string, from: string): MergedField => ({ code: 'key:1', name: 'Email', isKey: true, into, from });

test('two profiles are called by their names if these differ', () => {
  const two = { into: side(1, 'Karin Holm'), from: side(2, 'Carin Holm') };
  expect(distinctNames(two, [key('a@example.com', 'b@example.com')])).toEqual({
    into: 'Karin Holm',
    from: 'Carin Holm',
  });
});

test('two profiles with the same name are told apart by a key, or else by their ids', () => {
  const two = { into: side(1, 'Karin Holm'), from: side(2, 'karin holm') };
  const city = { ...key('Lund', 'Malmö'), code: 'city', isKey: false };
  expect(distinctNames(two, [city, key('', 'b@example.com'), key('7', '8')])).toEqual({
    into: 'Karin Holm (7)',
    from: 'karin holm (b@example.com)',
  });
  expect(distinctNames(two, [city])).toEqual({ into: 'Karin Holm (profile 1)', from: 'karin holm (profile 2)' });
});
