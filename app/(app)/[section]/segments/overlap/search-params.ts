// What the page shows, in its address: the same on the server and in the browser.
import { createLoader, parseAsArrayOf, parseAsInteger, parseAsStringLiteral } from 'nuqs/server';
import type { Measure } from '@/components/charts/overlap-measures';

const MEASURES = ['lift', 'profiles', 'share'] as const satisfies readonly Measure[];

export const overlapParsers = {
  /** None: the largest ones. */
  tags: parseAsArrayOf(parseAsInteger),
  /** Those of them whose combinations are shown, where they are too many for that. None: the first. */
  combine: parseAsArrayOf(parseAsInteger),
  show: parseAsStringLiteral(MEASURES).withDefault('lift'),
};

export const loadOverlapParams = createLoader(overlapParsers);
