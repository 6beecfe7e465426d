// Comparisons with a value: their shape, validation messages, and which of them each type has.
import { z } from 'zod';
import { canonicalText, COMPOSED_MAX } from '@/lib/text/canonical';
import { isStorable } from '@/lib/text/storable';
import { readNumber } from './numbers';
import type { AttributeType } from './schema';
import { parseDate } from './values';

export const CountSchema = z
  .int({ error: 'Enter a whole number.' })
  .min(1, 'Enter 1 or more.')
  .max(10_000, 'Enter a smaller number.');
export const DaySchema = z
  .string({ error: 'Choose a date.' })
  .refine((date) => /^\d{4}-\d{2}-\d{2}$/.test(date) && parseDate(date) === date, {
    error: ({ input }) => (input === '' ? 'Choose a date.' : `There is no date “${String(input).slice(0, 40)}”.`),
  });
const TEXT_TOO_LONG = 'Use at most 500 characters.';
const TextSchema = z
  .string({ error: 'Enter some text.' })
  .max(COMPOSED_MAX, { error: TEXT_TOO_LONG, abort: true })
  .overwrite(canonicalText)
  .min(1, 'Enter some text.')
  .max(500, TEXT_TOO_LONG)
  .refine(isStorable, 'The text contains a character that cannot be stored. Type it again.');
const WITHIN = 'Enter a whole number of days, from 0 to 365.';
const NumberSchema = z.number({
  error: ({ input }) => {
    const { point, comma } = (typeof input === 'string' ? readNumber(input) : undefined) ?? {};
    const twoWays = point !== undefined && comma !== undefined && point !== comma;
    return twoWays ? `Enter ${point} or ${comma}: “${String(input).trim()}” can be both.` : 'Enter a number.';
  },
});
export const ordered = <Value>(from: Value, to: Value) => from <= to;

const one = <Test extends string>(...tests: [Test, ...Test[]]) => z.enum(tests);

/** Comparisons by type, for a profile's attribute or a field of an event. */
export const ComparisonSchema = z.discriminatedUnion('test', [
  z.object({ test: one('is', 'is_not', 'contains', 'not_contains', 'starts'), text: TextSchema }),
  z.object({
    test: one('one_of', 'none_of'),
    texts: z.array(TextSchema, 'Enter at least one.').min(1, 'Enter at least one.').max(500, 'Use at most 500.'),
  }),
  z.object({ test: one('equals', 'above', 'at_least', 'below', 'at_most'), number: NumberSchema }),
  z
    .object({ test: z.literal('between'), from: NumberSchema, to: NumberSchema })
    .refine(({ from, to }) => ordered(from, to), {
      error: 'The second number is smaller than the first.',
      path: ['to'],
    }),
  z.object({ test: one('on', 'before', 'after'), date: DaySchema }),
  z
    .object({ test: z.literal('dates_between'), fromDate: DaySchema, toDate: DaySchema })
    .refine(({ fromDate, toDate }) => ordered(fromDate, toDate), {
      error: 'The second date is before the first.',
      path: ['toDate'],
    }),
  z.object({ test: one('in_last', 'in_next', 'longer_ago', 'further_ahead'), days: CountSchema }),
  z.object({ test: z.literal('anniversary'), within: z.int(WITHIN).min(0, WITHIN).max(365, WITHIN) }),
  z.object({ test: one('yes', 'no') }),
  z.object({ test: one('empty', 'not_empty') }),
]);
export type Comparison = z.output<typeof ComparisonSchema>;
export type Test = Comparison['test'];

const TEXT_TESTS = ['is', 'is_not', 'contains', 'not_contains', 'starts', 'one_of', 'none_of'] as const;
const PRESENCE = ['not_empty', 'empty'] as const;

/** The tests for each type, the most frequent one first. */
export const TESTS: Record<AttributeType, readonly Test[]> = {
  text: [...TEXT_TESTS, ...PRESENCE],
  choice: [...TEXT_TESTS, ...PRESENCE],
  number: ['at_least', 'at_most', 'between', 'equals', 'above', 'below', ...PRESENCE],
  date: [
    ...(['before', 'after', 'on', 'dates_between', 'in_last', 'longer_ago', 'in_next', 'further_ahead'] as const),
    ...(['anniversary', ...PRESENCE] as const),
  ],
  boolean: ['yes', 'no', ...PRESENCE],
};
