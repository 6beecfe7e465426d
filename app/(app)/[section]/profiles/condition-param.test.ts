// Conditions in an address: what was chosen comes back, and whatever somebody types into it does no harm.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ComparisonSchema, TESTS, type Comparison, type Test } from '@/lib/attributes/comparison';
import type { Attribute, AttributeType } from '@/lib/attributes/schema';
import { fittedTo, parseCondition, serializeCondition, widened } from './condition-param';

const text = fc.oneof(
  fc.constantFrom('Lund', 'a|b', 'back\\slash', '\\|', 'a~b', 'a.b', 'å ö', '  x'),
  fc.string({ minLength: 1, maxLength: 8 }),
);
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const day = fc.constantFrom('1980-02-29', '2026-11-26', '2027-01-01');
const OPERANDS: Partial<Record<Test, fc.Arbitrary<object>>> = {
  one_of: fc.record({ texts: fc.array(text, { minLength: 1, maxLength: 4 }) }),
  none_of: fc.record({ texts: fc.array(text, { minLength: 1, maxLength: 4 }) }),
  between: fc.record({ from: number, to: number }),
  dates_between: fc.record({ fromDate: day, toDate: day }),
  anniversary: fc.record({ within: fc.nat(365) }),
};
const ALL = [...new Set(Object.values(TESTS).flat())];
const compares: fc.Arbitrary<Comparison> = fc
  .constantFrom(...ALL)
  .chain((test) =>
    (OPERANDS[test] ?? fc.record({ text, number, date: day, days: fc.integer({ min: 1, max: 900 }) })).map(
      (operands) => ComparisonSchema.safeParse({ test, ...operands }).data,
    ),
  )
  .filter((compare) => compare !== undefined);

describe('a condition in an address', () => {
  it('comes back as it was chosen', () => {
    fc.assert(
      fc.property(compares, (compare) => {
        const condition = { code: 'city', compare };
        expect(parseCondition(serializeCondition(condition))).toEqual(condition);
      }),
    );
  });

  it.each([
    '',
    '.',
    'city',
    'city.is',
    'city.between.1',
    'city.between.2~1',
    'city.on.2026-02-30',
    'city.above.x',
    'c.is.a\0',
  ])('is dropped if it is none: %j', (given) => {
    expect(parseCondition(given)).toBeNull();
  });
});

describe('a condition of an attribute', () => {
  const attribute = (type: AttributeType) => ({ code: 'a', type, choices: ['Gold'] }) as Attribute;
  const is = (value: string) => ({ code: 'a', compare: { test: 'is' as const, text: value } });

  it.each<[AttributeType, string, Comparison]>([
    ['number', '12,5', { test: 'equals', number: 12.5 }],
    ['date', '30.11.2025', { test: 'on', date: '2025-11-30' }],
    ['boolean', 'true', { test: 'yes' }],
    ['text', 'Lund', { test: 'is', text: 'Lund' }],
  ])('becomes one of its type, where a link is from before conditions had types: %s', (type, value, compare) => {
    expect(fittedTo(attribute(type), is(value))).toEqual({ code: 'a', compare });
  });

  it('is refused if its type cannot be compared so', () => {
    expect(fittedTo(attribute('number'), is('many'))).toBeUndefined();
    expect(fittedTo(attribute('date'), { code: 'a', compare: { test: 'contains', text: '1980' } })).toBeUndefined();
  });

  it('that is a whole text can be widened to a part of it', () => {
    const to = { code: 'a', compare: { test: 'contains', text: 'Lund' } };
    expect(widened(is('Lund'), [attribute('text')])).toEqual({ from: is('Lund'), to });
    expect(widened(is('Gold'), [attribute('choice')])).toBeUndefined();
    expect(widened({ code: 'a', compare: { test: 'starts', text: 'Lu' } }, [attribute('text')])).toBeUndefined();
  });
});
