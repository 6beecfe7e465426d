// What an import or its dry run did not do, in a sentence.
import { listed } from '@/lib/attributes/comparison-words';
import type { Outcome } from '@/lib/imports/schema';

const NOUNS: Record<Outcome | 'rows', string> = {
  rows: 'rows',
  created: 'new profiles',
  updated: 'updated profiles',
  unchanged: 'profiles that were up to date',
  skipped: 'rows left out',
  repeated: 'repeated rows',
  rejected: 'rejected rows',
  left_out: 'values left out',
  applied: 'tags applied',
  already: 'tags already there',
  removed: 'tags removed',
};

/** 'No new profiles, repeated rows or rejected rows.' */
export const noneInWords = (outcomes: readonly (Outcome | 'rows')[]): string =>
  `No ${listed(
    outcomes.map((outcome) => NOUNS[outcome]),
    'or',
  )}.`;
