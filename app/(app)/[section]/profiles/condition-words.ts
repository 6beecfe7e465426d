// A filter condition in words, for its chip and elsewhere.
import { comparisonInWords } from '@/lib/attributes/comparison-words';
import type { Attribute } from '@/lib/attributes/schema';
import type { AttributeFilter } from '@/lib/profiles/schema';

/** 'City is “Stockholm”' */
export const conditionInWords = (
  { code, compare }: AttributeFilter,
  attributes: readonly Pick<Attribute, 'code' | 'name'>[],
): string => `${attributes.find((item) => item.code === code)?.name ?? code} ${comparisonInWords(compare)}`;
