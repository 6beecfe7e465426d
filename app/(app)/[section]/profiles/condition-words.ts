// A filter condition in words, for its chip and elsewhere.
import type { Attribute } from '@/lib/attributes/schema';
import { formatAttributeValue } from '@/lib/attributes/values';
import type { Condition } from './search-params';

export const OPERATORS = [
  { value: 'is', label: 'is' },
  { value: 'contains', label: 'contains' },
  { value: 'empty', label: 'is empty' },
  { value: 'not_empty', label: 'has a value' },
] as const;

/** 'City is Stockholm', 'Member is Yes' */
export function conditionInWords(
  { code, operator, value }: Condition,
  attributes: readonly Pick<Attribute, 'code' | 'name' | 'type'>[],
): string {
  const attribute = attributes.find((item) => item.code === code);
  const verb = OPERATORS.find((item) => item.value === operator)?.label;
  const yesOrNo = attribute?.type === 'boolean' && (value === 'true' || value === 'false');
  const shown = yesOrNo ? formatAttributeValue(value === 'true') : value;
  return [attribute?.name ?? code, verb, operator === 'is' || operator === 'contains' ? shown : ''].join(' ').trim();
}
