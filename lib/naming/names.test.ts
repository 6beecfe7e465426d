import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameKey, nearNames, NameSchema } from './names';

const message = (name: string) => NameSchema.safeParse(name).error?.issues[0]?.message;
const near = (name: string, ...others: string[]) =>
  nearNames(
    name,
    others.map((other) => ({ name: other })),
  ).map((tag) => tag.name);

describe('names of tags', () => {
  it.each([
    ['', 'Enter a name.'],
    ['   \t ', 'Enter a name.'],
    ['x'.repeat(101), 'Use at most 100 characters.'],
    ['a\u0007b', /invisible or control/],
    ['a\u202Eb', /invisible or control/],
    ['VIP\u202E', /invisible or control/],
    ['\u200B\uFE0F', 'Enter a name.'],
  ])('refuses %j', (name, expected) => {
    expect(message(name)).toMatch(expected);
  });

  it.each([
    ['  Trade   Show\tLead ', 'Trade Show Lead'],
    ['x'.repeat(100), 'x'.repeat(100)],
    ['😀'.repeat(100), '😀'.repeat(100)],
    ['لا تتصل', 'لا تتصل'],
    ['A\u030Asa', 'Åsa'],
    ['VIP\u200B', 'VIP'],
    ['Part\u00ADner', 'Partner'],
    ['Gold\uFE0F', 'Gold'],
    ['👩‍💻 Developers', '👩‍💻 Developers'],
    ['👨‍👩‍👧 Family', '👨‍👩‍👧 Family'],
    ['می‌خواهم', 'می‌خواهم'],
  ])('takes %j', (name, expected) => {
    expect(NameSchema.parse(name)).toBe(expected);
  });

  it('compares names regardless of case, spacing and Unicode form', () => {
    expect(nameKey('ＶＩＰ')).toBe(nameKey('vip'));
    expect(nameKey('Trade  Show')).toBe(nameKey('trade show'));
    expect(nameKey('A\u030Asa')).toBe(nameKey('åsa'));
  });

  it.each([
    ['Part\u00ADner', 'Partner'],
    ['Gold\uFE0F', 'Gold'],
    ['❤\uFE0F Fans', '❤ Fans'],
    ['می‌خواهم', 'میخواهم'],
    ['V\u200BIP', 'vip'],
    ['ﬁrst', 'first'],
  ])('compares %j and %j as the same, because they look the same', (left, right) => {
    expect(nameKey(left)).toBe(nameKey(right));
  });

  it('tells emoji and flags apart', () => {
    const names = ['👩‍💻', '👨‍💻', '👩', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '👨‍👩‍👧', '👨‍👩‍👦'];
    expect(new Set(names.map(nameKey)).size).toBe(names.length);
  });

  it('makes the key of any text in linear time', () => {
    // A search in the list of tags passes text that no schema has validated.
    for (const part of ['\u0301', '\u200D', '\u0301\u200D', '\uFE0F']) nameKey(`a${part.repeat(60_000)}`);
  });

  it('has the same key for a name as stored and as typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (typed) => {
        const parsed = NameSchema.safeParse(typed);
        if (!parsed.success) return;
        expect(NameSchema.parse(parsed.data)).toBe(parsed.data);
        expect(nameKey(parsed.data)).toBe(nameKey(typed));
        expect(nameKey(nameKey(typed))).toBe(nameKey(typed));
      }),
      { numRuns: 1_000 },
    );
  });

  it('finds a name written in letters of another alphabet', () => {
    expect(near('Раrtner', 'Partner')).toEqual(['Partner']);
  });

  it('finds near names', () => {
    expect(near('vip', 'VIP', 'Partner')).toEqual(['VIP']);
    expect(near('Trade-Show Leads', 'Trade Show Lead')).toEqual(['Trade Show Lead']);
    expect(near('Newsleter', 'Newsletter')).toEqual(['Newsletter']);
    expect(near('Webinar', 'Webinars 2025', 'Black Friday')).toEqual([]);
    expect(near('Black Friday', 'Black Friday 25')).toEqual(['Black Friday 25']);
    expect(near('A', 'B')).toEqual([]);
  });

  it('always finds a name that differs only by case or punctuation', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{2,20}( [a-z]{2,10})?$/), (name) => {
        expect(near(`${name.toUpperCase()}!`, 'something else entirely', name)).toContain(name);
      }),
    );
  });
});
