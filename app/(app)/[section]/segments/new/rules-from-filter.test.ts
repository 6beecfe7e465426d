// A filter of the profiles page becomes equivalent rules, and what cannot be converted is named.
import { describe, expect, it } from 'vitest';
import type { Attribute, AttributeType } from '@/lib/attributes/schema';
import type { AttributeId, TagId } from '@/lib/db/ids';
import type { ProfileFilter } from '@/lib/profiles/schema';
import { rulesFromFilter } from './rules-from-filter';

const attribute = (id: number, code: string, type: AttributeType, choices: string[] = []) =>
  ({ id: id as AttributeId, code, name: code.toUpperCase(), type, choices }) as Attribute;
const attributes = [
  attribute(1, 'city', 'text'),
  attribute(2, 'visits', 'number'),
  attribute(3, 'born', 'date'),
  attribute(4, 'member', 'boolean'),
  attribute(5, 'level', 'choice', ['Gold', 'Silver']),
];

type Condition = ProfileFilter['conditions'][number];
const where = (code: string, value = '', operator: Condition['operator'] = 'is'): Condition => ({
  code,
  operator,
  value,
});
const filter = (more: Partial<ProfileFilter>): ProfileFilter => ({
  search: '',
  has: [],
  hasNot: [],
  conditions: [],
  changedBy: null,
  ...more,
});
const made = (...conditions: Condition[]) => {
  const { rules, leftOut } = rulesFromFilter(filter({ conditions }), attributes);
  return { asked: rules?.root.items.map((item) => item.kind === 'attribute' && item.compare), leftOut };
};

describe('A filter as rules', () => {
  it('includes tags, and tags that a profile must not have', () => {
    const { rules } = rulesFromFilter(filter({ has: [7 as TagId], hasNot: [8 as TagId] }), attributes);
    expect(rules?.root.items).toMatchObject([
      { kind: 'tag', tagId: 7, test: 'has' },
      { kind: 'tag', tagId: 8, test: 'has_not' },
    ]);
  });

  it.each([
    [where('city', 'Lund'), { test: 'is', text: 'Lund' }],
    [where('city', 'un', 'contains'), { test: 'contains', text: 'un' }],
    [where('city', '', 'empty'), { test: 'empty' }],
    [where('visits', '12,5'), { test: 'equals', number: 12.5 }],
    [where('born', '30.11.2025'), { test: 'on', date: '2025-11-30' }],
    [where('member', 'Yes'), { test: 'yes' }],
    [where('member', 'true'), { test: 'yes' }],
    [where('member', 'no'), { test: 'no' }],
    [where('level', 'gold'), { test: 'is', text: 'Gold' }],
  ])('compares a value of each type in the same way: %o', (condition, compare) => {
    expect(made(condition)).toEqual({ asked: [compare], leftOut: [] });
  });

  it('names what rules cannot express, and converts the rest', () => {
    const kept = where('city', 'Lund');
    const lost = [where('born', '1980', 'contains'), where('visits', 'many'), where('gone', 'x')];
    expect(made(kept, ...lost)).toEqual({
      asked: [{ test: 'is', text: 'Lund' }],
      leftOut: ['BORN contains 1980', 'VISITS is many', 'gone is x'],
    });
    expect(rulesFromFilter(filter({ search: 'anna' }), attributes)).toEqual({
      rules: null,
      leftOut: ['the search for “anna”'],
    });
  });
});
