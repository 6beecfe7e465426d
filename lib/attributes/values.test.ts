import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDate } from './dates';
import { readNumber } from './numbers';
import type { AttributeType } from './schema';
import { NO_COLUMN, formatAttributeValue, parseAttributeValue, parseDate, parseJsonValue, parseNumber } from './values';

const attribute = (type: AttributeType, choices: string[] = []) => ({ type, choices, name: 'Field' });
const birthdate = { ...attribute('date'), code: 'birthdate', system: true };
const POINT = { ...NO_COLUMN, decimal: '.' as const };
const COMMA = { ...NO_COLUMN, decimal: ',' as const };

describe('a number without a column', () => {
  it.each([
    ['1234.5', 1234.5],
    ['1,234.5', 1234.5],
    ['1.234,5', 1234.5],
    ['1 234,5', 1234.5],
    ['1\u202f234,5', 1234.5],
    ['1\u00a0234\u00a0567', 1_234_567],
    ['1,5', 1.5],
    ['0,123', 0.123],
    ['0.250', 0.25],
    ['-0,007', -0.007],
    ['1.234.567', 1_234_567],
    ['1,234,567', 1_234_567],
    ['12,34,567.89', 1_234_567.89],
    ['1,00,000', 100_000],
    ["1'234.50", 1234.5],
    ['1’234’567', 1_234_567],
    ['-7', -7],
    ['−7', -7],
    ['－７', -7],
    ['7-', -7],
    ['(1,234.50)', -1234.5],
    ['0042', 42],
    ['1e3', 1000],
    ['1.5E+18', 1.5e18],
    ['.5', 0.5],
    [',5', 0.5],
    ['$1,234.50', 1234.5],
    ['-$5', -5],
    ['($5)', -5],
    ['1 234,50 kr', 1234.5],
    ['SEK 12', 12],
    ['R$ 5,50', 5.5],
    ['kr 1 234,-', 1234],
    ['CHF 1’000.–', 1000],
    ['5 zł', 5],
    ['１２３', 123],
    ['0.30000000000000004', 0.1 + 0.2],
    ['9007199254740992', 2 ** 53],
  ])('%j is %d', (text, number) => expect(parseNumber(text)).toBe(number));

  it.each(
    [
      '',
      'twelve',
      '1,2,3.4.5',
      '--1',
      '12abc',
      'Infinity',
      'NaN5',
      '1 2',
      '070 123 45 67',
      '1,00,00',
      '01,234.5',
    ].concat([
      '5²',
      '½',
      '1€50',
      '5kr50',
      'e5',
      '.',
      '5-5',
      '(-5)',
      '1 234 56',
      '1.2e3e4',
      '10:30',
      '1_000',
      `1${'0'.repeat(70)}`,
    ]),
  )('%j is no number', (text) => expect(parseNumber(text)).toHaveProperty('why'));

  it.each(['1,234', '1.234', '-12,345', '123.456', '$1,000'])('%j is ambiguous, so it is refused', (text) =>
    expect(parseNumber(text)).toMatchObject({ why: expect.stringMatching(/could be \S+ or \S+/) as string }),
  );

  it.each([
    '1234567890123456789',
    '9007199254740993',
    '3.14159265358979323846',
    '0,12345678901234567891',
    '1e400',
    '1e-400',
  ])('%j has more digits than are kept', (text) =>
    expect(parseNumber(text)).toMatchObject({ why: expect.stringContaining('more digits') as string }),
  );

  it('has one currency in a column: amounts in another currency are refused', () => {
    const kronor = { ...POINT, currency: 'SEK' };
    expect(['100 SEK', '100 kr', '100'].map((text) => parseNumber(text, kronor))).toEqual([100, 100, 100]);
    for (const text of ['100 EUR', '€100', '100 NOK']) {
      expect(parseNumber(text, kronor)).toMatchObject({
        why: expect.stringContaining('not in the same currency as SEK') as string,
      });
    }
    expect(parseNumber('100 SEK', { ...POINT, currency: null })).toMatchObject({
      why: expect.stringContaining('not in the same currency as other cells') as string,
    });
    expect(parseNumber('100 SEK', POINT)).toBe(100);
  });

  it('has the currency of its sign, whatever letters come before it', () => {
    expect(['US$5', 'R$5', 'ab$5', 'ac$5', 'x€5', 'kr 5', '5 zł'].map((text) => readNumber(text)?.currency)).toEqual([
      'USD',
      'BRL',
      '$',
      '$',
      'EUR',
      'KR',
      'PLN',
    ]);
  });

  it('has no percent sign: 12 % could be 0.12', () => {
    expect(parseNumber('12 %')).toHaveProperty('why');
    expect(parseNumber('12 %', { ...NO_COLUMN, percent: true })).toBe(12);
  });
});

describe('a number in a column', () => {
  it('is read with the decimal sign of the column, or not at all', () => {
    expect(parseNumber('1,234', POINT)).toBe(1234);
    expect(parseNumber('1,234', COMMA)).toBe(1.234);
    expect(parseNumber('1.234', POINT)).toBe(1.234);
    expect(parseNumber('1.234', COMMA)).toBe(1234);
    expect(parseNumber('13.75', COMMA)).toMatchObject({ why: 'is not a number with a decimal comma' });
    expect(parseNumber('13,75', POINT)).toHaveProperty('why');
    expect(parseNumber('1,234', { ...POINT, decimalSure: false })).toHaveProperty('why');
  });

  const groups = fc.constantFrom('', ' ', '\u00a0', '\u202f', "'", '’', ',', '.');
  const decoration = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => `$${text}`,
    (text) => `${text} kr`,
    (text) => `  ${text} `,
    (text) => text.replace(/^-/, '−'),
    (text) => text.replace(/^-(.*)$/, '($1)'),
    (text) => text.replace(/^-(.*)$/, '$1-'),
  );

  it('is the number that was written, in any notation, and never another one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -99_999_999, max: 99_999_999 }),
        fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 5 }),
        groups,
        fc.constantFrom('.' as const, ',' as const),
        decoration,
        (whole, decimals, group, sign, decorated) => {
          fc.pre(group !== sign);
          const grouped = String(Math.abs(whole)).replace(/\B(?=(\d{3})+$)/g, group);
          const text = decorated(`${whole < 0 ? '-' : ''}${grouped}${decimals && sign}${decimals}`);
          const meant = Number(`${whole}${decimals && '.'}${decimals}`) + 0;
          expect(parseNumber(text, sign === '.' ? POINT : COMMA)).toBe(meant);
          for (const notation of [NO_COLUMN, sign === '.' ? COMMA : POINT]) {
            const other = parseNumber(text, notation);
            // Without its column, or in one with another notation, only unambiguous text may be read.
            if (typeof other === 'number' && notation === NO_COLUMN) expect(other).toBe(meant);
          }
        },
      ),
    );
  });

  it('is displayed so that it can be read again, to the last digit', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(parseNumber(formatAttributeValue(number), POINT)).toBe(number + 0);
      }),
    );
  });

  it('is read in linear time', () => {
    for (const text of ['1'.repeat(100_000), '1,'.repeat(50_000), "1'".repeat(50_000), `${' '.repeat(100_000)}x`]) {
      expect(readNumber(text)).toBeUndefined();
      expect(readDate(text, { today: '2026-01-01', past: false, shortYears: 'future' })).toBeUndefined();
    }
    const spend = { name: 'Spend', type: 'number' as const, choices: [] };
    expect(parseJsonValue(spend, `1.${'0'.repeat(150_000)}1`)).toMatchObject({ ok: false });
  });
});

describe('a date without a column', () => {
  it.each([
    ['2025-11-30', '2025-11-30'],
    ['2025-1-3', '2025-01-03'],
    ['2025-11-30 14:05:00', '2025-11-30'],
    ['2025-11-30T23:30:00.000Z', '2025-11-30'],
    ['2025-11-30T23:30:00-05:00', '2025-11-30'],
    ['2025-11-30T10:15:00+01:00[Europe/Stockholm]', '2025-11-30'],
    ['2025/11/30', '2025-11-30'],
    ['2025. 11. 30.', '2025-11-30'],
    ['30.11.2025', '2025-11-30'],
    ['30. 11. 2025', '2025-11-30'],
    ['03.04.2025', '2025-04-03'],
    ['30/11/2025', '2025-11-30'],
    ['11/30/2025', '2025-11-30'],
    ['05/05/2025', '2025-05-05'],
    ['30/11 2025', '2025-11-30'],
    ['20251130', '2025-11-30'],
    ['20251130T101500Z', '2025-11-30'],
    ['12 Mar 2024', '2024-03-12'],
    ['Mar 12, 2024', '2024-03-12'],
    ['March 12, 2024 10:15 AM', '2024-03-12'],
    ['September 12th, 2008', '2008-09-12'],
    ['12-Sep-08', '2008-09-12'],
    ['01-Sep-08', '2008-09-01'],
    ['12MAR2024', '2024-03-12'],
    ["12 Mar '24", '2024-03-12'],
    ['2024-Mar-12', '2024-03-12'],
    ['Sat, 12 Mar 2024', '2024-03-12'],
    ['Tue, 12 Mar 2024 10:15:00 +0100', '2024-03-12'],
    ['Tue Mar 12 2024 10:15:00 GMT+0100 (Central European Standard Time)', '2024-03-12'],
    ['den 12 mars 2024', '2024-03-12'],
    ['tisdag 12 mars 2024', '2024-03-12'],
    ['12. mai 2024', '2024-05-12'],
    ['12. marts 2024', '2024-03-12'],
    ['12. maaliskuuta 2024', '2024-03-12'],
    ['12. März 2024', '2024-03-12'],
    ['12 marca 2024', '2024-03-12'],
    ['12 paź 2024', '2024-10-12'],
    ['1er août 2024', '2024-08-01'],
    ['12 de marzo de 2024', '2024-03-12'],
    ['3º de março de 2024', '2024-03-03'],
    ['2024年3月12日', '2024-03-12'],
    ['2024年3月12日(火)', '2024-03-12'],
    ['２０２４年３月１２日', '2024-03-12'],
    ['9/30/85', '1985-09-30'],
    ['85-12-31', '1985-12-31'],
  ])('%j is %s', (text, date) => expect(parseDate(text)).toBe(date));

  it.each(
    [
      '2025-02-30',
      '29.02.2023',
      '31.04.2025',
      '13/13/2025',
      '2024-31-12',
      'yesterday',
      '25',
      '45363',
      '12032024',
    ].concat([
      '12 Mar 2024 and later',
      '12/03/2024 - 13/03/2024',
      'kl 12',
      'Room 12',
      '12 hours',
      '45/99',
      '12 Foo 2024',
      '1 May 2 June',
    ]),
  )('%j is no date', (text) => {
    expect(parseDate(text)).toHaveProperty('why');
    expect(parseDate(text)).not.toHaveProperty('empty');
  });

  it.each(['03/04/2025', '3-4-2025', '3/4/25, 10:15', 'Sat 03/04/2025'])('%j is ambiguous, so it is refused', (text) =>
    expect(parseDate(text)).toMatchObject({ why: expect.stringMatching(/could be \S+ or \S+/) as string }),
  );

  it.each(
    [
      '0/0/00',
      '00.00.0000',
      '0000-00-00',
      '1/0/1900',
      '00/00/1985',
      '0001-01-01',
      '1604-02-28',
      '0000-00-00 00:00:00',
    ].concat(
      [
        '--02-28',
        '--0228',
        '02/28',
        '28.2.',
        '12-Mar',
        'March 2024',
        '12 March',
        '1985',
        '1985-02',
        '02/1985',
        '3月12日',
      ],
      ['N/A', '-', 'NULL', '#N/A', 'n/a', '?'],
    ),
  )('%j says that there is none, or only a part of one', (text) =>
    expect(parseDate(text)).toMatchObject({ empty: true }),
  );
});

describe('a date in a column', () => {
  it('is read in the order of the column, or not at all', () => {
    const order = (dates: 'dmy' | 'mdy' | 'ymd', datesSure = true) => ({ ...NO_COLUMN, dates, datesSure });
    expect(parseDate('03/04/2025', order('dmy'))).toBe('2025-04-03');
    expect(parseDate('03/04/2025', order('mdy'))).toBe('2025-03-04');
    expect(parseDate('03/04/2025', order('mdy', false))).toHaveProperty('why');
    expect(parseDate('31/12/2025', order('mdy'))).toMatchObject({ why: 'is not a date with the month first' });
    expect(parseDate('24-03-12', order('ymd'))).toBe('2024-03-12');
    expect(parseDate('00-12-31', order('ymd'))).toBe('2000-12-31');
    expect(parseDate('00-12-31', order('dmy'))).toMatchObject({ empty: true });
  });

  it('is the day that was written, in every order and with every separator', () => {
    const day = fc.date({ min: new Date('1950-01-01'), max: new Date('2030-12-31'), noInvalidDate: true });
    const two = (part: number) => String(part).padStart(2, '0');
    fc.assert(
      fc.property(
        day,
        fc.constantFrom('dmy' as const, 'mdy' as const, 'ymd' as const),
        fc.constantFrom('/', '-', '.', ' '),
        fc.boolean(),
        fc.constantFrom('', ' 10:15', ', 10:15:59 PM', ' 00:00:00 +0200'),
        (date, dates, sign, short, time) => {
          const [year, month, number] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
          const parts = { y: short ? two(year % 100) : String(year), m: two(month), d: two(number) };
          const text = [...dates].map((part) => parts[part as 'y' | 'm' | 'd']).join(sign) + time;
          expect(parseDate(text, { ...NO_COLUMN, dates })).toBe(date.toISOString().slice(0, 10));
          const alone = parseDate(text);
          if (typeof alone === 'string' && sign !== '.' && !(short && dates === 'ymd'))
            expect(alone).toBe(date.toISOString().slice(0, 10));
        },
      ),
    );
  });

  it('is never in the future if it is a birthday', () => {
    const soon = String((new Date().getUTCFullYear() + 5) % 100).padStart(2, '0');
    expect(parseAttributeValue(attribute('date'), `31/12/${soon}`)).toMatchObject({
      value: expect.stringMatching(/^20/) as string,
    });
    expect(parseAttributeValue(birthdate, `31/12/${soon}`)).toMatchObject({
      value: expect.stringMatching(/^19/) as string,
    });
    expect(parseAttributeValue(birthdate, '9/30/85')).toEqual({ ok: true, value: '1985-09-30' });
    expect(parseAttributeValue(birthdate, '2999-01-01')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('in the future') as string,
    });
  });
});

describe('other values', () => {
  it('are yes and no in many languages', () => {
    for (const yes of ['yes', 'JA', 'x', '1', 'kyllä', 'WAHR', 'sand', 'Tak', 'vrai'])
      expect(parseAttributeValue(attribute('boolean'), yes)).toEqual({ ok: true, value: true });
    for (const no of ['no', 'nej', 'Nei', '0', 'ei', 'FALSCH', 'nie', 'faux'])
      expect(parseAttributeValue(attribute('boolean'), no)).toEqual({ ok: true, value: false });
    expect(parseAttributeValue(attribute('boolean'), 'perhaps')).toMatchObject({ ok: false });
    expect(parseAttributeValue(attribute('boolean'), 'N/A')).toMatchObject({ ok: false, empty: true });
  });

  it('are choices in any case, and nothing but the choices', () => {
    expect(parseAttributeValue(attribute('choice', ['Gold', 'Silver']), 'gold')).toEqual({ ok: true, value: 'Gold' });
    expect(parseAttributeValue(attribute('choice', ['Gold']), 'Bronze')).toEqual({
      ok: false,
      reason: 'Field: “Bronze” is not one of Gold',
    });
  });
});

describe('a value from JSON', () => {
  const number = attribute('number');
  it.each<[string | number, number]>([
    [12.5, 12.5],
    ['12.5', 12.5],
    ['1.234', 1.234],
    ['-1e3', -1000],
    [2 ** 53 - 1, 2 ** 53 - 1],
  ])('%j is %d', (value, read) => expect(parseJsonValue(number, value)).toEqual({ ok: true, value: read }));

  it.each<string | number>(['1,5', '1,234', '1 234', '$5', 1.2345678901234568e18, '1234567890123456789'])(
    '%j is refused: it could be another number',
    (value) => expect(parseJsonValue(number, value)).toMatchObject({ ok: false }),
  );

  it('reads unambiguous dates', () => {
    expect(parseJsonValue(attribute('date'), '2025-04-03')).toEqual({ ok: true, value: '2025-04-03' });
    expect(parseJsonValue(attribute('date'), '03/04/2025')).toMatchObject({ ok: false });
  });
});

describe('a year of another calendar', () => {
  it.each(['25/03/2567', '1370/12/15', '15 March 1445'])('is refused: %s', (raw) => {
    expect(parseAttributeValue(attribute('date'), raw)).toMatchObject({
      ok: false,
      empty: true,
      reason: expect.stringContaining('has a year from another calendar') as string,
    });
  });

  it('is accepted in Tagwell’s own notation, but never for a birthday', () => {
    expect(parseAttributeValue(attribute('date'), '1397-06-17')).toEqual({ ok: true, value: '1397-06-17' });
    expect(parseAttributeValue(birthdate, '1397-06-17')).toMatchObject({ ok: false, empty: true });
    expect(parseAttributeValue(attribute('date'), '31/12/9999')).toEqual({ ok: true, value: '9999-12-31' });
  });
});
