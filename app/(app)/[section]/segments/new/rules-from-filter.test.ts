// A filter of the profiles page becomes equivalent rules, and what cannot be converted is named.
import { describe, expect, it } from 'vitest';
import type { Attribute, AttributeType } from '@/lib/attributes/schema';
import type { AttributeId, TagId } from '@/lib/db/ids';
import { ProfileFilterSchema, type ProfileFilter } from '@/lib/profiles/schema';
import { rulesFromFilter } from './rules-from-filter';

const attribute = (id: number, code: string, type: AttributeType, choices: string[] = []) =>
  ({ id: id as AttributeId, code, name: code.toUpperCase(), type, choices }) as Attribute;
const attributes = [attribute(1, 'city', 'text'), attribute(2, 'visits', 'number'), attribute(3, 'born', 'date')];
const filter = (more: Partial<ProfileFilter>): ProfileFilter => ({ ...ProfileFilterSchema.parse({}), ...more });

describe('A filter as rules', () => {
  it('includes tags: all, any and none of them, and no tag at all', () => {
    const [A, B, C, D] = [7, 8, 9, 10] as TagId[];
    const { rules } = rulesFromFilter(
      filter({ has: [A!], hasAny: [B!, C!], hasNot: [D!], untagged: true }),
      attributes,
    );
    expect(rules?.root).toMatchObject({
      match: 'all',
      items: [
        { kind: 'tag', tagId: A, test: 'has' },
        {
          kind: 'group',
          match: 'any',
          items: [
            { kind: 'tag', tagId: B, test: 'has' },
            { kind: 'tag', tagId: C, test: 'has' },
          ],
        },
        { kind: 'tag', tagId: D, test: 'has_not' },
        { kind: 'profile', test: 'has_no_tag' },
      ],
    });
  });

  it('compares values in the same way', () => {
    const compare = { test: 'between' as const, from: 1, to: 2 };
    const { rules, leftOut } = rulesFromFilter(filter({ conditions: [{ code: 'visits', compare }] }), attributes);
    expect(rules?.root.items).toEqual([{ kind: 'attribute', attributeId: 2, compare }]);
    expect(leftOut).toEqual([]);
  });

  it('names what rules cannot express, and converts the rest', () => {
    const is = (code: string, text: string) => ({ code, compare: { test: 'is' as const, text } });
    const conditions = [
      is('city', 'Lund'),
      { code: 'born', compare: { test: 'contains' as const, text: '1980' } },
      is('visits', 'many'),
      is('gone', 'x'),
    ];
    const { rules, leftOut } = rulesFromFilter(filter({ conditions }), attributes);
    expect(rules?.root.items).toMatchObject([{ compare: { test: 'is', text: 'Lund' } }]);
    expect(leftOut).toEqual(['BORN contains “1980”', 'VISITS is “many”', 'gone is “x”']);
    expect(rulesFromFilter(filter({ search: 'anna' }), attributes)).toEqual({
      rules: null,
      leftOut: ['the search for “anna”'],
    });
  });
});
