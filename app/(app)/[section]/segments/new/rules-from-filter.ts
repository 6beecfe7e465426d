// Converts a filter of the profiles page to rules of a segment.
import type { Attribute } from '@/lib/attributes/schema';
import type { AttributeFilter, ProfileFilter } from '@/lib/profiles/schema';
import { RulesSchema, type Rules } from '@/lib/segments/schema';
import { fittedTo } from '../../profiles/condition-param';
import { conditionInWords } from '../../profiles/condition-words';

/** `leftOut`: in words, what rules cannot express: a search, a part of a date. `rules`: null if nothing remains. */
export function rulesFromFilter(
  { search, has, hasAny, hasNot, untagged, conditions }: ProfileFilter,
  attributes: readonly Attribute[],
): { rules: Pick<Rules, 'root'> | null; leftOut: string[] } {
  const converted = conditions.map((condition) => ({ condition, rule: attributeRule(condition, attributes) }));
  const tag = (tagId: number, test = 'has') => ({ kind: 'tag', tagId, test });
  const items = [
    ...has.map((tagId) => tag(tagId)),
    ...(hasAny.length > 0 ? [{ kind: 'group', match: 'any', items: hasAny.map((tagId) => tag(tagId)) }] : []),
    ...hasNot.map((tagId) => tag(tagId, 'has_not')),
    ...(untagged ? [{ kind: 'profile', test: 'has_no_tag' }] : []),
    ...converted.flatMap(({ rule }) => rule ?? []),
  ];
  const rules = RulesSchema.safeParse({ root: { kind: 'group', match: 'all', items } });
  return {
    rules: rules.success ? { root: rules.data.root } : null,
    leftOut: [
      ...(search === '' ? [] : [`the search for “${search}”`]),
      ...converted.flatMap(({ condition, rule }) => (rule ? [] : [conditionInWords(condition, attributes)])),
    ],
  };
}

function attributeRule(condition: AttributeFilter, attributes: readonly Attribute[]) {
  const attribute = attributes.find(({ code }) => code === condition.code);
  const compare = attribute && fittedTo(attribute, condition)?.compare;
  return compare && { kind: 'attribute', attributeId: attribute.id, compare };
}
