// A filter of profiles as a sentence.
import { comparisonInWords, listed } from '@/lib/attributes/comparison-words';
import type { TagId } from '@/lib/db/ids';
import type { OperationEffect, ProfileFilter } from './schema';

const EFFECT_WORDS: Record<OperationEffect, string> = {
  created: 'created',
  updated: 'updated',
  saved: 'created or updated',
  tagged: 'tagged',
  untagged: 'removed tags from',
};

/** Names of what a filter refers to. */
export type FilterNames = { tag: (id: TagId) => string; attribute: (code: string) => string };

/** 'All profiles with VIP and Partner, without Competitor, whose City is “Oslo”.' */
export function filterInWords(filter: ProfileFilter, { tag, attribute }: FilterNames): string {
  const { search, has, hasAny, hasNot, untagged, conditions, changedBy } = filter;
  const names = (ids: readonly TagId[], last: 'and' | 'or') => listed(ids.map(tag), last);
  const parts = [
    ...(search ? [`found by “${search}”`] : []),
    ...(has.length > 0 ? [`with ${names(has, 'and')}`] : []),
    ...(hasAny.length > 0 ? [`with any of ${names(hasAny, 'or')}`] : []),
    ...(hasNot.length > 0 ? [`without ${names(hasNot, 'or')}`] : []),
    ...(untagged ? ['without any tag'] : []),
    ...conditions.map(({ code, compare }) => `whose ${attribute(code)} ${comparisonInWords(compare)}`),
    ...(changedBy ? [`that an earlier operation ${EFFECT_WORDS[changedBy.effect]}`] : []),
  ];
  return parts.length > 0 ? `All profiles ${parts.join(', ')}.` : 'All profiles.';
}
