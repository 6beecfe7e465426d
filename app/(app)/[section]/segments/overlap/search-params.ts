// The page's state in the URL, shared by server and browser.
import { createLoader, parseAsArrayOf, parseAsInteger, parseAsStringLiteral } from 'nuqs/server';
import type { Measure } from '@/components/charts/overlap-measures';

const MEASURES = ['profiles', 'share', 'lift'] as const satisfies readonly Measure[];

export const overlapParsers = {
  /** Absent: the largest ones. */
  tags: parseAsArrayOf(parseAsInteger),
  /** The tags to combine, if too many are chosen. Absent: the first. */
  combine: parseAsArrayOf(parseAsInteger),
  show: parseAsStringLiteral(MEASURES).withDefault('profiles'),
};

export const loadOverlapParams = createLoader(overlapParsers);
