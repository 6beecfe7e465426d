// Which tags of a result occur together most strongly.
import { liftOf, type Pairs } from '@/components/charts/overlap-measures';
import type { TagId } from '@/lib/db/ids';

type Tag = { id: TagId; name: string };

/** Of the profiles with `less`, the rarer tag, `share` (0 to 1) also have `more`: `lift` times the share expected by chance. */
export type StrongOverlap = { less: Tag; more: Tag; share: number; lift: number };

/** Chi-squared value that chance exceeds once in a thousand pairs. */
const SIGNIFICANCE = 10.83;
/** The share of a handful of people says nothing about a tag. */
const LEAST_PROFILES = 20;
/** With very many profiles every difference is significant: a smaller lift is not worth reporting. */
const LEAST_LIFT = 1.1;

/**
 * The strongest first, by the correlation of the two tags (phi): neither a tiny tag within a huge one nor a lift of ten on three
 * profiles ranks high. Leaves out what may be chance, and tags with hardly any profiles.
 */
export function strongestOverlaps(overlap: Pairs, most: number): StrongOverlap[] {
  const { everyone, tags, pairs } = overlap;
  const found: (StrongOverlap & { phi: number })[] = [];
  for (const [row, left] of tags.entries()) {
    for (const [column, right] of tags.entries()) {
      if (column <= row) continue;
      const both = pairs[row]![column]!;
      const lift = liftOf(overlap, row, column);
      const spread = left.profiles * (everyone - left.profiles) * (right.profiles * (everyone - right.profiles));
      if (Math.min(left.profiles, right.profiles) < LEAST_PROFILES) continue;
      if (lift === null || lift < LEAST_LIFT || spread <= 0) continue;
      const phi = (both * everyone - left.profiles * right.profiles) / Math.sqrt(spread);
      if (everyone * phi ** 2 < SIGNIFICANCE) continue;
      const [less, more] = left.profiles <= right.profiles ? [left, right] : [right, left];
      found.push({ less, more, share: both / less.profiles, lift, phi });
    }
  }
  return found.sort((left, right) => right.phi - left.phi).slice(0, most);
}

/** 'Nearly everyone with Webinar Participant also has Newsletter' */
export function overlapInWords({ less, more, share }: StrongOverlap): string {
  if (share === 1) return `Everyone with ${less.name} also has ${more.name}`;
  if (share >= 0.9) return `Nearly everyone with ${less.name} also has ${more.name}`;
  if (share >= 0.6) return `Most with ${less.name} also have ${more.name}`;
  if (share >= 0.4) return `About half of those with ${less.name} also have ${more.name}`;
  return `Some of those with ${less.name} also have ${more.name}`;
}
