// A comparison while it is being edited: input is kept as typed, complete or not.
import { TESTS, type Comparison, type Test } from '@/lib/attributes/comparison';
import type { AttributeType } from '@/lib/attributes/schema';
import { parseNumber } from '@/lib/attributes/values';

/** The fields of all tests, so that switching tests keeps the input. */
export type DraftComparison = {
  test: Test;
  text: string;
  /** One per line. */
  texts: string;
  number: string;
  toNumber: string;
  date: string;
  toDate: string;
  days: string;
};

/** Messages by the path of their field in the rules, such as 'compare.number'. */
export type Problems = Record<string, string>;

const NOTHING_TYPED = { text: '', texts: '', number: '', toNumber: '', date: '', toDate: '', days: '30' };

/** The default comparison for a type, without input. */
export const comparisonFor = (type: AttributeType): DraftComparison => ({
  test: TESTS[type][0]!,
  ...NOTHING_TYPED,
});

/** A comparison as a draft. */
export function draftComparison(compare: Comparison): DraftComparison {
  const draft: DraftComparison = { ...NOTHING_TYPED, test: compare.test };
  if ('text' in compare) draft.text = compare.text;
  if ('texts' in compare) draft.texts = compare.texts.join('\n');
  if ('number' in compare) draft.number = String(compare.number);
  if ('from' in compare) [draft.number, draft.toNumber] = [String(compare.from), String(compare.to)];
  if ('date' in compare) draft.date = compare.date;
  if ('fromDate' in compare) [draft.date, draft.toDate] = [compare.fromDate, compare.toDate];
  if ('days' in compare) draft.days = String(compare.days);
  if ('within' in compare) draft.days = String(compare.within);
  return draft;
}

/** A number, or the text unchanged, so that validation reports what is wrong with it. */
export const numberIn = (text: string): number | string => {
  const number = parseNumber(text);
  return typeof number === 'number' ? number : text;
};

const lines = (text: string) =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** What the schema is asked to parse: input of other tests is left out. */
export function rawComparison(compare: DraftComparison): unknown {
  const { test } = compare;
  switch (test) {
    case 'is':
    case 'is_not':
    case 'contains':
    case 'not_contains':
    case 'starts':
      return { test, text: compare.text };
    case 'one_of':
    case 'none_of':
      return { test, texts: lines(compare.texts) };
    case 'equals':
    case 'above':
    case 'at_least':
    case 'below':
    case 'at_most':
      return { test, number: numberIn(compare.number) };
    case 'between':
      return { test, from: numberIn(compare.number), to: numberIn(compare.toNumber) };
    case 'on':
    case 'before':
    case 'after':
      return { test, date: compare.date };
    case 'dates_between':
      return { test, fromDate: compare.date, toDate: compare.toDate };
    case 'in_last':
    case 'in_next':
    case 'longer_ago':
    case 'further_ahead':
      return { test, days: numberIn(compare.days) };
    case 'anniversary':
      return { test, within: numberIn(compare.days) };
    case 'yes':
    case 'no':
    case 'empty':
    case 'not_empty':
      return { test };
  }
}
