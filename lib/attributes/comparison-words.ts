// Comparisons in plain words: 'is at least 5'. For the server and the browser.
import type { Comparison, Test } from './comparison';
import { displayNumber } from './display';

/** A test as it reads between a name and a value. */
export const TEST_WORDS: Record<Test, string> = {
  is: 'is',
  is_not: 'is not',
  contains: 'contains',
  not_contains: 'does not contain',
  starts: 'starts with',
  one_of: 'is one of',
  none_of: 'is none of',
  equals: 'is exactly',
  above: 'is more than',
  at_least: 'is at least',
  below: 'is less than',
  at_most: 'is at most',
  between: 'is between',
  on: 'is on',
  before: 'is before',
  after: 'is after',
  dates_between: 'is between',
  in_last: 'is in the last',
  in_next: 'is in the next',
  longer_ago: 'is longer ago than',
  further_ahead: 'is further ahead than',
  anniversary: 'has its anniversary within',
  yes: 'is yes',
  no: 'is no',
  empty: 'is empty',
  not_empty: 'has a value',
};

export function comparisonInWords(compare: Comparison): string {
  const words = TEST_WORDS[compare.test];
  switch (compare.test) {
    case 'is':
    case 'is_not':
    case 'contains':
    case 'not_contains':
    case 'starts':
      return `${words} “${compare.text}”`;
    case 'one_of':
    case 'none_of': {
      const texts = compare.texts.map((text) => `“${text}”`);
      const few = texts.length > 6 ? [...texts.slice(0, 5), `${texts.length - 5} others`] : texts;
      return `${words} ${listed(few, 'or')}`;
    }
    case 'equals':
    case 'above':
    case 'at_least':
    case 'below':
    case 'at_most':
      return `${words} ${displayNumber(compare.number)}`;
    case 'between':
      return `${words} ${displayNumber(compare.from)} and ${displayNumber(compare.to)}`;
    case 'on':
    case 'before':
    case 'after':
      return `${words} ${dayInWords(compare.date)}`;
    case 'dates_between':
      return `${words} ${dayInWords(compare.fromDate)} and ${dayInWords(compare.toDate)}`;
    case 'in_last':
    case 'in_next':
    case 'longer_ago':
    case 'further_ahead':
      return `${words} ${days(compare.days)}`;
    case 'anniversary':
      return compare.within === 0 ? 'has its anniversary today' : `${words} ${days(compare.within)}`;
    case 'yes':
    case 'no':
    case 'empty':
    case 'not_empty':
      return words;
  }
}

const days = (count: number) => (count === 1 ? '1 day' : `${count.toLocaleString('en-GB')} days`);

/** '3 May 2026', from '2026-05-03'. */
export function dayInWords(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}

/** 'a, b and c'. */
export function listed(items: readonly string[], last: 'and' | 'or' | 'nor'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`;
}
