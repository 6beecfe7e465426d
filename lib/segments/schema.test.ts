// Valid rules, and the messages for invalid ones, at their fields.
import { describe, expect, it } from 'vitest';
import type { AttributeId, EventTypeId, KeyspaceId, SegmentId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { allOf, did, hasKey, inSegment, onAttribute, onTag } from '@/testing/segments';
import { TESTS, type Comparison } from '@/lib/attributes/comparison';
import { TimeZoneSchema } from '@/lib/text/time-zone';
import { RulesSchema, type Period, type RuleNode } from './schema';

/** The first problem with its field; undefined if there is none. */
function problemOf(rules: unknown): { field: string; message: string } | undefined {
  const issue = RulesSchema.safeParse(rules).error?.issues[0];
  return issue && { field: issue.path.join('.'), message: issue.message };
}
const problemIn = (node: unknown) => problemOf({ root: allOf(node as RuleNode) });
const comparing = (compare: unknown) => problemIn(onAttribute(1 as AttributeId, compare as Comparison));
const during = (when: unknown) => problemIn(onTag(1 as TagId, { test: 'got', when: when as Period }));

describe('a date', () => {
  it.each(['2026-02-29', '2026-02-30', '2026-04-31', '2026-13-01', '2026-00-10', '1900-02-29', '0999-12-31'])(
    'that does not exist is refused, and named: %s',
    (date) => {
      const problem = { message: `There is no date “${date}”.` };
      expect(comparing({ test: 'on', date })).toEqual({ ...problem, field: 'root.items.0.compare.date' });
      expect(during({ kind: 'between', from: date, to: null })).toEqual({
        ...problem,
        field: 'root.items.0.when.from',
      });
      expect(during({ kind: 'between', from: null, to: date })).toEqual({ ...problem, field: 'root.items.0.when.to' });
      expect(comparing({ test: 'dates_between', fromDate: '2026-01-01', toDate: date })).toMatchObject(problem);
    },
  );

  it.each(['30.11.2026', '2026-1-1', '20261130', '2026-11-30T10:00:00Z', ' 2026-11-30', '2026-11-30\n', 'soon'])(
    'that is written otherwise is refused: %j',
    (date) => {
      expect(comparing({ test: 'after', date })?.message).toBe(`There is no date “${date}”.`);
    },
  );

  it.each([2_026, null, undefined, {}, true])('that is not text is reported as missing: %j', (date) => {
    expect(comparing({ test: 'before', date })).toEqual({
      field: 'root.items.0.compare.date',
      message: 'Choose a date.',
    });
  });

  it('that is empty is reported as missing, and a very long one is shortened in the message', () => {
    expect(comparing({ test: 'on', date: '' })?.message).toBe('Choose a date.');
    expect(comparing({ test: 'on', date: 'x'.repeat(100_000) })!.message.length).toBeLessThan(100);
  });

  it('may be a leap day, and the first and last day of the range', () => {
    for (const date of ['2028-02-29', '2000-02-29', '1000-01-01', '9999-12-31']) {
      expect(comparing({ test: 'on', date })).toBeUndefined();
    }
  });
});

describe('a period', () => {
  it('ends on the day on which it starts, or later', () => {
    expect(during({ kind: 'between', from: '2026-05-02', to: '2026-05-01' })).toEqual({
      field: 'root.items.0.when.to',
      message: 'The second date is before the first.',
    });
    expect(comparing({ test: 'dates_between', fromDate: '2026-05-02', toDate: '2026-05-01' })).toEqual({
      field: 'root.items.0.compare.toDate',
      message: 'The second date is before the first.',
    });
    expect(during({ kind: 'between', from: '2026-05-01', to: '2026-05-01' })).toBeUndefined();
  });

  it('has at least one end', () => {
    expect(during({ kind: 'between', from: null, to: null })).toEqual({
      field: 'root.items.0.when.from',
      message: 'Choose at least one date.',
    });
  });

  it.each([
    ['7', 'Enter a whole number.'],
    [1.5, 'Enter a whole number.'],
    [Number.NaN, 'Enter a whole number.'],
    [null, 'Enter a whole number.'],
    [0, 'Enter 1 or more.'],
    [-3, 'Enter 1 or more.'],
    [10_001, 'Enter a smaller number.'],
    [1e300, 'Enter'],
  ])('lasts a whole number of units, not %j', (count, message) => {
    const problem = during({ kind: 'last', count, unit: 'days' });
    expect(problem).toMatchObject({ field: 'root.items.0.when.count' });
    expect(problem!.message).toContain(message);
    expect(comparing({ test: 'in_last', days: count })?.message).toContain(message);
  });
});

describe('a number', () => {
  it.each(['18', '', ' 18 ', null, true, Number.NaN, Number.POSITIVE_INFINITY, [18]])(
    'that is written as something else is refused: %j',
    (number) => {
      const message = 'Enter a number.';
      expect(comparing({ test: 'above', number })).toEqual({ field: 'root.items.0.compare.number', message });
      expect(comparing({ test: 'between', from: 1, to: number })).toMatchObject({ message });
      expect(
        problemIn(
          did(1 as EventTypeId, { fields: [{ code: 'price', compare: { test: 'equals', number } as Comparison }] }),
        ),
      ).toEqual({ field: 'root.items.0.fields.0.compare.number', message });
    },
  );

  it('is not smaller than the start of its range', () => {
    expect(comparing({ test: 'between', from: 2, to: 1 })).toEqual({
      field: 'root.items.0.compare.to',
      message: 'The second number is smaller than the first.',
    });
    expect(comparing({ test: 'between', from: -0.5, to: -0.5 })).toBeUndefined();
  });

  it.each([-1, 1.5, '3', null, Number.NaN, 366])(
    'of days for an anniversary is asked for in words, not %j',
    (within) => {
      const problem = comparing({ test: 'anniversary', within });
      expect(problem?.field).toBe('root.items.0.compare.within');
      expect(problem?.message).toMatch(/^(Enter|Choose|Use) .*\.$/);
    },
  );
});

describe('a text', () => {
  it.each([
    ['', 'Enter some text.'],
    [7, 'Enter some text.'],
    [null, 'Enter some text.'],
    ['x'.repeat(501), 'Use at most 500 characters.'],
    ['a\0b', 'The text contains a character that cannot be stored. Type it again.'],
  ])('is refused where it is %j', (text, message) => {
    expect(comparing({ test: 'is', text })).toEqual({ field: 'root.items.0.compare.text', message });
    expect(comparing({ test: 'one_of', texts: ['fine', text] })).toEqual({
      field: 'root.items.0.compare.texts.1',
      message,
    });
  });

  it('is one of at least one and at most 500', () => {
    const texts = (count: number) => Array.from({ length: count }, (_, nth) => `text ${nth}`);
    expect(comparing({ test: 'one_of', texts: texts(500) })).toBeUndefined();
    expect(comparing({ test: 'none_of', texts: texts(501) })?.message).toBe('Use at most 500.');
    expect(comparing({ test: 'one_of', texts: [] })?.message).toBe('Enter at least one.');
  });

  it('is taken literally, with its spaces and symbols', () => {
    const text = "  %_\\ ' ; -- .* $1 \u{1F600} ";
    const parsed = RulesSchema.parse({ root: allOf(onAttribute(1 as AttributeId, { test: 'is', text })) });
    expect(parsed.root.items[0]).toMatchObject({ compare: { text } });
  });

  it.each(['\uD800', 'cut \uD83D', '\uDE00 end'])('with half a character is refused: %j', (text) => {
    expect(comparing({ test: 'is', text })?.message).toMatch(/character/);
  });
});

describe('a time zone', () => {
  it.each(['UTC', 'Europe/Stockholm', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata'])('is accepted: %s', (zone) => {
    expect(TimeZoneSchema.safeParse(zone).success).toBe(true);
  });

  // All that Node 20 accepts beyond Intl.supportedValuesOf was compared with PostgreSQL 18: the last six are what
  // remains.
  it.each([
    ...['+02:00', '-05:00', '', 'Mars/Olympus', 'UTC+2', 'Europe/Stockholm; drop table profile', 'x'.repeat(61)],
    ...['US/Pacific-New', 'us/pacific-new', 'SystemV/AST4', 'systemv/pst8pdt'],
    ...['Canada/East-Saskatchewan', 'canada/east-saskatchewan'],
  ])('that is none is refused in words: %j', (zone) => {
    expect(problemOf({ timeZone: zone, root: allOf(onTag(1 as TagId)) })).toEqual({
      field: 'timeZone',
      message: 'This time zone does not exist. Use one such as Europe/Stockholm.',
    });
  });

  // Names with different meanings in browsers and the database, or unknown to the database.
  it.each(['BST', 'IST', 'ACT', 'SST', 'PLT', 'AET', 'CET', 'PST', 'US/Pacific-New'])(
    'means to the database what it means to the browser, or is refused: %s',
    async (zone) => {
      if (!TimeZoneSchema.safeParse(zone).success) return;
      const moment = '2026-07-15T12:00:00Z';
      const [found] = await rows<{ there: string }>(
        pool(),
        sql`select to_char(${moment}::timestamptz at time zone ${zone}::text, 'YYYY-MM-DD HH24:MI:SS') as there`,
      );
      expect(found!.there).toBe(new Date(moment).toLocaleString('sv-SE', { timeZone: zone }));
    },
  );

  it('of every browser means the same to the database', async () => {
    const moments = ['2026-01-15T12:00:00Z', '2026-07-15T12:00:00Z'];
    const zones = Intl.supportedValuesOf('timeZone');
    const found = await rows<{ zone: string; there: string[] }>(
      pool(),
      sql`
        select zone, array(
          select to_char(moment at time zone zone, 'YYYY-MM-DD HH24:MI:SS')
          from unnest(${moments}::timestamptz[]) with ordinality given (moment, nth)
          order by nth
        ) as there
        from unnest(${zones}::text[]) zone`,
    );
    const expected = zones.map((zone) => ({
      zone,
      there: moments.map((moment) => new Date(moment).toLocaleString('sv-SE', { timeZone: zone })),
    }));
    expect(found).toEqual(expected);
  });
});

describe('messages for bad input', () => {
  const words = /^[A-Z“].*[.!]$/;
  const technical = /expected|received|invalid (input|option|discriminator)|too (small|big)|undefined|NaN/i;

  it.each<[string, unknown]>([
    ['a date that is missing', onAttribute(1 as AttributeId, { test: 'on' } as Comparison)],
    ['a number that is missing', onAttribute(1 as AttributeId, { test: 'above' } as Comparison)],
    ['a text that is missing', onAttribute(1 as AttributeId, { test: 'is' } as Comparison)],
    ['texts that are missing', onAttribute(1 as AttributeId, { test: 'one_of' } as Comparison)],
    ['how many days, missing', onAttribute(1 as AttributeId, { test: 'in_next' } as Comparison)],
    ['an anniversary without days', onAttribute(1 as AttributeId, { test: 'anniversary' } as Comparison)],
    ['no tag chosen', onTag(null as unknown as TagId)],
    ['no attribute chosen', onAttribute(undefined as unknown as AttributeId, { test: 'empty' })],
    ['no event chosen', did('' as unknown as EventTypeId)],
    ['no segment chosen', inSegment(null as unknown as SegmentId)],
    ['no keyspace chosen', hasKey(null as unknown as KeyspaceId)],
    [
      'too many fields',
      did(1 as EventTypeId, {
        fields: Array.from({ length: 21 }, () => ({ code: 'a', compare: { test: 'empty' } as const })),
      }),
    ],
    ['an empty group', allOf()],
  ])('is for a person: %s', (_name, node) => {
    const problem = problemIn(node);
    expect(problem?.message).toMatch(words);
    expect(problem?.message).not.toMatch(technical);
  });
});

describe('rules', () => {
  it('are read back as written, without anything else', () => {
    const rules = RulesSchema.parse({
      timeZone: 'UTC',
      extra: 1,
      root: { kind: 'group', match: 'any', sql: 'drop', items: [{ kind: 'tag', tagId: 1, test: 'has', also: [1] }] },
    });
    expect(rules).toEqual({ timeZone: 'UTC', root: { kind: 'group', match: 'any', items: [onTag(1 as TagId)] } });
    expect(RulesSchema.parse(JSON.parse(JSON.stringify(rules)))).toEqual(rules);
  });

  it('offer for each type only valid tests', () => {
    const inputs = { text: 'a', texts: ['a'], number: 1, from: 1, to: 2, date: '2026-01-01' };
    const more = { fromDate: '2026-01-01', toDate: '2026-01-02', days: 1, within: 1 };
    for (const test of Object.values(TESTS).flat()) {
      expect({ test, problem: comparing({ test, ...inputs, ...more }) }).toEqual({ test, problem: undefined });
    }
  });
});
