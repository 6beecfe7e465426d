import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameKey, nearTags, TagNameSchema } from './names';

const message = (name: string) => TagNameSchema.safeParse(name).error?.issues[0]?.message;
const near = (name: string, ...others: string[]) =>
  nearTags(
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
    ['VIP\u200B', /invisible or control/],
  ])('refuses %j', (name, expected) => {
    expect(message(name)).toMatch(expected);
  });

  it.each([
    ['  Trade   Show\tLead ', 'Trade Show Lead'],
    ['x'.repeat(100), 'x'.repeat(100)],
    ['😀'.repeat(100), '😀'.repeat(100)],
    ['لا تتصل', 'لا تتصل'],
    ['A\u030Asa', 'Åsa'],
  ])('takes %j', (name, expected) => {
    expect(TagNameSchema.parse(name)).toBe(expected);
  });

  it('compares whatever the case, spacing and Unicode form', () => {
    expect(nameKey('ＶＩＰ')).toBe(nameKey('vip'));
    expect(nameKey('Trade  Show')).toBe(nameKey('trade show'));
    expect(nameKey('A\u030Asa')).toBe(nameKey('åsa'));
  });

  it('finds near names', () => {
    expect(near('vip', 'VIP', 'Partner')).toEqual(['VIP']);
    expect(near('Trade-Show Leads', 'Trade Show Lead')).toEqual(['Trade Show Lead']);
    expect(near('Newsleter', 'Newsletter')).toEqual(['Newsletter']);
    expect(near('Webinar', 'Webinars 2025', 'Black Friday')).toEqual([]);
    expect(near('Black Friday', 'Black Friday 25')).toEqual(['Black Friday 25']);
    expect(near('A', 'B')).toEqual([]);
  });

  it('always finds a name that differs by case or punctuation only', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{2,20}( [a-z]{2,10})?$/), (name) => {
        expect(near(`${name.toUpperCase()}!`, 'something else entirely', name)).toContain(name);
      }),
    );
  });
});
