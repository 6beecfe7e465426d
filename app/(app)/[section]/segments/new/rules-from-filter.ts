// Converts a filter of the profiles page to rules of a segment.
import type { Attribute } from '@/lib/attributes/schema';
import { parseAttributeValue } from '@/lib/attributes/values';
import type { ProfileFilter } from '@/lib/profiles/schema';
import { RulesSchema, TESTS, type Comparison, type Rules } from '@/lib/segments/schema';
import { conditionInWords } from '../../profiles/condition-words';

type FilterCondition = ProfileFilter['conditions'][number];

/** `leftOut`: in words, what rules cannot express: a search, a part of a date. `rules`: null if nothing remains. */
export function rulesFromFilter(
  { search, has, hasNot, conditions }: ProfileFilter,
  attributes: readonly Attribute[],
): { rules: Pick<Rules, 'root'> | null; leftOut: string[] } {
  const asked = conditions.map((condition) => ({ condition, rule: attributeRule(condition, attributes) }));
  const items = [
    ...has.map((tagId) => ({ kind: 'tag', tagId, test: 'has' })),
    ...hasNot.map((tagId) => ({ kind: 'tag', tagId, test: 'has_not' })),
    ...asked.flatMap(({ rule }) => rule ?? []),
  ];
  const rules = RulesSchema.safeParse({ root: { kind: 'group', match: 'all', items } });
  return {
    rules: rules.success ? { root: rules.data.root } : null,
    leftOut: [
      ...(search === '' ? [] : [`the search for “${search}”`]),
      ...asked.flatMap(({ condition, rule }) => (rule ? [] : [conditionInWords(condition, attributes)])),
    ],
  };
}

function attributeRule(condition: FilterCondition, attributes: readonly Attribute[]) {
  const attribute = attributes.find(({ code }) => code === condition.code);
  const compare = attribute && comparisonOf(attribute, condition);
  return compare && TESTS[attribute.type].includes(compare.test)
    ? { kind: 'attribute', attributeId: attribute.id, compare }
    : undefined;
}

function comparisonOf(attribute: Attribute, { operator, value }: FilterCondition): Comparison | undefined {
  if (operator === 'contains') return { test: operator, text: value };
  if (operator !== 'is') return { test: operator };
  const parsed = parseAttributeValue(attribute, value);
  if (!parsed.ok) return undefined;
  switch (attribute.type) {
    case 'number':
      return { test: 'equals', number: Number(parsed.value) };
    case 'date':
      return { test: 'on', date: String(parsed.value) };
    case 'boolean':
      return { test: parsed.value ? 'yes' : 'no' };
    default:
      return { test: 'is', text: String(parsed.value) };
  }
}
