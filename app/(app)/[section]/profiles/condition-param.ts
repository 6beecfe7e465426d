// A condition on an attribute as it stands in an address: `city.is.Stockholm`, `spend.between.10~20`, `tier.one_of.Gold|Silver`.
import { ComparisonSchema, TESTS, type Comparison } from '@/lib/attributes/comparison';
import type { Attribute } from '@/lib/attributes/schema';
import { parseAttributeValue } from '@/lib/attributes/values';
import type { AttributeFilter } from '@/lib/profiles/schema';
import { isStorable } from '@/lib/text/storable';

/** Null if the text is no condition. */
export function parseCondition(text: string): AttributeFilter | null {
  const [code = '', test = '', ...rest] = text.split('.');
  const value = rest.join('.');
  if (!isStorable(code + value)) return null;
  const compare = ComparisonSchema.safeParse({ test, ...operands(test, value) }).data;
  return code !== '' && compare ? { code, compare } : null;
}

export function serializeCondition({ code, compare }: AttributeFilter): string {
  return `${code}.${compare.test}.${operandText(compare)}`;
}

function operands(test: string, value: string): Record<string, unknown> {
  const [first = '', second = ''] = value.split('~');
  switch (test as Comparison['test']) {
    case 'one_of':
    case 'none_of':
      return { texts: splitTexts(value) };
    case 'equals':
    case 'above':
    case 'at_least':
    case 'below':
    case 'at_most':
      return { number: numberIn(value) };
    case 'between':
      return { from: numberIn(first), to: numberIn(second) };
    case 'on':
    case 'before':
    case 'after':
      return { date: value };
    case 'dates_between':
      return { fromDate: first, toDate: second };
    case 'in_last':
    case 'in_next':
    case 'longer_ago':
    case 'further_ahead':
      return { days: numberIn(value) };
    case 'anniversary':
      return { within: numberIn(value) };
    default:
      return { text: value };
  }
}

function operandText(compare: Comparison): string {
  if ('text' in compare) return compare.text;
  if ('texts' in compare) return compare.texts.map((text) => text.replace(/[\\|]/g, '\\$&')).join('|');
  if ('number' in compare) return String(compare.number);
  if ('from' in compare) return `${compare.from}~${compare.to}`;
  if ('date' in compare) return compare.date;
  if ('fromDate' in compare) return `${compare.fromDate}~${compare.toDate}`;
  if ('days' in compare) return String(compare.days);
  return 'within' in compare ? String(compare.within) : '';
}

const numberIn = (text: string): number => (text.trim() === '' ? NaN : Number(text));

/** The opposite of joining by '|', where a backslash stands before a '|' or a backslash of a text. */
function splitTexts(value: string): string[] {
  const texts = value.match(/(?:\\.|[^\\|])+/gs) ?? [];
  return texts.map((text) => text.replace(/\\(.)/gs, '$1'));
}

/**
 * The condition as it suits the attribute's type. 'is' of any type is accepted: addresses from before conditions had types say so.
 * Undefined if the attribute cannot be compared in this way.
 */
export function fittedTo(attribute: Attribute, { code, compare }: AttributeFilter): AttributeFilter | undefined {
  if (TESTS[attribute.type].includes(compare.test)) return { code, compare };
  if (compare.test !== 'is') return undefined;
  const parsed = parseAttributeValue(attribute, compare.text);
  if (!parsed.ok) return undefined;
  switch (attribute.type) {
    case 'number':
      return { code, compare: { test: 'equals', number: Number(parsed.value) } };
    case 'date':
      return { code, compare: { test: 'on', date: String(parsed.value) } };
    case 'boolean':
      return { code, compare: { test: parsed.value ? 'yes' : 'no' } };
    default:
      return { code, compare };
  }
}

/** 'is' of a text as 'contains', which finds more; undefined for other conditions and types. */
export function widened(from: AttributeFilter, attributes: readonly Attribute[]) {
  const type = attributes.find(({ code }) => code === from.code)?.type;
  if (from.compare.test !== 'is' || type !== 'text') return undefined;
  const to: AttributeFilter = { code: from.code, compare: { test: 'contains', text: from.compare.text } };
  return { from, to };
}
