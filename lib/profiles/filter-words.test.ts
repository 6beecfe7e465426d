import { expect, it } from 'vitest';
import { filterInWords } from './filter-words';
import { ProfileFilterSchema } from './schema';

const names = { tag: (id: number) => `T${id}`, attribute: (code: string) => code.toUpperCase() };
const inWords = (filter: object) => filterInWords(ProfileFilterSchema.parse(filter), names);

it('says what a filter asks for', () => {
  expect(inWords({})).toBe('All profiles.');
  expect(inWords({ has: [1, 2], hasAny: [3, 4], hasNot: [5, 6] })).toBe(
    'All profiles with T1 and T2, with any of T3 or T4, without T5 or T6.',
  );
  const city = { code: 'city', compare: { test: 'is', text: 'Oslo' } };
  expect(inWords({ search: 'ann', untagged: true, conditions: [city] })).toBe(
    'All profiles found by “ann”, without any tag, whose CITY is “Oslo”.',
  );
  expect(inWords({ changedBy: { operationId: 7, effect: 'created' } })).toBe(
    'All profiles that an earlier operation created.',
  );
});
