import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeType } from './schema';
import { formatAttributeValue, parseAttributeValue, parseDate, parseNumber } from './values';

const attribute = (type: AttributeType, choices: string[] = []) => ({ type, choices, name: 'Field' });

describe('values of attributes', () => {
  it.each([
    ['1234.5', 1234.5],
    ['1,234.5', 1234.5],
    ['1.234,5', 1234.5],
    ['1 234,5', 1234.5],
    ['1,5', 1.5],
    ['1,234', 1234],
    ['-7', -7],
    ['0042', 42],
    ['1e3', 1000],
  ])('number %j is %d', (text, number) => expect(parseNumber(text)).toBe(number));

  it.each(['', 'twelve', '1,2,3.4.5', '--1', '12abc', 'Infinity'])('%j is no number', (text) =>
    expect(parseNumber(text)).toBeUndefined(),
  );

  it.each([
    ['2025-11-30', '2025-11-30'],
    ['2025-1-3', '2025-01-03'],
    ['2025-11-30 14:05:00', '2025-11-30'],
    ['30.11.2025', '2025-11-30'],
    ['30/11/2025', '2025-11-30'],
    ['11/30/2025', '2025-11-30'],
    ['20251130', '2025-11-30'],
  ])('date %j is %s', (text, date) => expect(parseDate(text)).toBe(date));

  it.each(['2025-02-30', '31.04.2025', '13/13/2025', 'yesterday', '25'])('%j is no date', (text) =>
    expect(parseDate(text)).toBeUndefined(),
  );

  it('reads yes and no in the languages of the north', () => {
    for (const yes of ['yes', 'JA', 'x', '1', 'kyllä'])
      expect(parseAttributeValue(attribute('boolean'), yes)).toEqual({ ok: true, value: true });
    for (const no of ['no', 'nej', 'Nei', '0', 'ei'])
      expect(parseAttributeValue(attribute('boolean'), no)).toEqual({ ok: true, value: false });
    expect(parseAttributeValue(attribute('boolean'), 'perhaps')).toMatchObject({ ok: false });
  });

  it('takes a choice whatever its case, and only one of the choices', () => {
    expect(parseAttributeValue(attribute('choice', ['Gold', 'Silver']), 'gold')).toEqual({ ok: true, value: 'Gold' });
    expect(parseAttributeValue(attribute('choice', ['Gold']), 'Bronze')).toEqual({
      ok: false,
      reason: 'Field: “Bronze” is not one of Gold',
    });
  });

  it('shows what it can read again', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (number) => {
        expect(parseNumber(formatAttributeValue(number))).toBe(number === 0 ? 0 : number);
      }),
    );
  });
});
