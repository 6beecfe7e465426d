// The filter of the profiles page as the rules of a segment.
import type { ProfileFilter } from '@/lib/profiles/schema';
import { RulesSchema, TESTS, type Rules } from '@/lib/segments/schema';
import type { Vocabulary } from '@/lib/segments/vocabulary';

type FilterCondition = ProfileFilter['conditions'][number];
type Attribute = Vocabulary['attributes'][number];

/** Null where the filter asks nothing that rules can ask. A search by name or key is no rule, and is left out. */
export function rulesOfFilter({ has, hasNot, conditions }: ProfileFilter, vocabulary: Vocabulary): Rules | null {
  const items = [
    ...has.map((tagId) => ({ kind: 'tag', tagId, test: 'has' })),
    ...hasNot.map((tagId) => ({ kind: 'tag', tagId, test: 'has_not' })),
    ...conditions.flatMap((condition) => attributeRule(condition, vocabulary.attributes)),
  ];
  return RulesSchema.safeParse({ root: { kind: 'group', match: 'all', items } }).data ?? null;
}

function attributeRule({ code, operator, value }: FilterCondition, attributes: readonly Attribute[]) {
  const attribute = attributes.find((one) => one.code === code);
  if (!attribute) return [];
  const compare = comparisonOf(attribute.type, operator, value);
  return TESTS[attribute.type].some((test) => test === compare.test)
    ? [{ kind: 'attribute', attributeId: attribute.id, compare }]
    : [];
}

function comparisonOf(type: Attribute['type'], operator: FilterCondition['operator'], value: string) {
  if (operator !== 'is') return operator === 'contains' ? { test: operator, text: value } : { test: operator };
  switch (type) {
    case 'number':
      return { test: 'equals', number: Number(value) };
    case 'date':
      return { test: 'on', date: value };
    case 'boolean':
      return { test: value.toLowerCase() === 'true' ? 'yes' : 'no' };
    default:
      return { test: 'is', text: value };
  }
}
