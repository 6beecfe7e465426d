// Numbers, words and shades of cells in the overlap matrix: lift, share or count.
import type { Overlap } from '@/lib/tags/overlap';

export type Measure = 'lift' | 'profiles' | 'share';

export type Pairs = Pick<Overlap, 'everyone' | 'tags' | 'pairs'>;

type Shade = { background: string; color: string };

/** One shade: for values under `below` and not in an earlier step. */
export type Step = { below: number; label: string; shade: Shade };

/** Text meets AA on each in both themes: ink on up to 44% of the colour, and the surface colour on 100%. */
const shade = (colour: 'accent' | 'warning', percent: number): Shade => ({
  background: `color-mix(in oklab, var(--${colour}) ${percent}%, var(--surface))`,
  color: percent === 100 ? 'var(--surface)' : 'var(--ink)',
});
const PLAIN: Shade = { background: 'var(--sunken)', color: 'var(--ink)' };

/** Twice and half as many are equally far from chance. Brown and blue-green are distinguishable with colour blindness. */
const LIFT_STEPS: readonly Step[] = [
  { below: 0.25, label: 'under 0.25', shade: shade('warning', 100) },
  { below: 0.5, label: '0.25 to 0.5', shade: shade('warning', 40) },
  { below: 0.8, label: '0.5 to 0.8', shade: shade('warning', 16) },
  { below: 1.25, label: 'as by chance, or too few to tell', shade: PLAIN },
  { below: 2, label: '1.25 to 2', shade: shade('accent', 16) },
  { below: 4, label: '2 to 4', shade: shade('accent', 40) },
  { below: Infinity, label: '4 or more', shade: shade('accent', 100) },
];

const RISING = [PLAIN, ...[12, 26, 42, 100].map((percent) => shade('accent', percent))];

const SHARE_STEPS: readonly Step[] = [
  { below: 0.1, label: 'under 10%', shade: RISING[0]! },
  { below: 0.25, label: '10 to 25%', shade: RISING[1]! },
  { below: 0.5, label: '25 to 50%', shade: RISING[2]! },
  { below: 0.75, label: '50 to 75%', shade: RISING[3]! },
  { below: Infinity, label: '75% or more', shade: RISING[4]! },
];

/** The steps of a measure, lowest first. */
export function stepsOf(measure: Measure, overlap: Pairs): readonly Step[] {
  if (measure === 'lift') return LIFT_STEPS;
  if (measure === 'share') return SHARE_STEPS;
  return profileSteps(Math.max(0, ...overlap.pairs.flatMap((row, index) => row.filter((_, other) => other !== index))));
}

/** Steps at the largest of 1, 2, 5, 10, 20, 50 … up to the largest count, since a few pairs are often far above the rest. */
function profileSteps(largest: number): Step[] {
  const bounds: number[] = [];
  for (let ten = 1; ten <= largest; ten *= 10)
    bounds.push(...[ten, 2 * ten, 5 * ten].filter((item) => item <= largest));
  const kept = bounds.slice(1 - RISING.length);
  return [0, ...kept].map((from, place) => {
    const next = kept[place] ?? Infinity;
    return { below: next, label: rangeInWords(from, next), shade: RISING[place]! };
  });
}

function rangeInWords(from: number, next: number): string {
  if (from === 0) return next === 1 || next === Infinity ? 'none' : `under ${count(next)}`;
  if (next === Infinity) return `${count(from)} or more`;
  return next - from === 1 ? count(from) : `${count(from)} to ${count(next - 1)}`;
}

/** The expected number with both tags if they were independent. */
function byChance({ everyone, tags }: Pairs, row: number, column: number): number {
  return everyone > 0 ? (tags[row]!.profiles * tags[column]!.profiles) / everyone : 0;
}

/** The ratio of the actual to the expected number with both; null if nobody has one of the tags. */
export function liftOf(overlap: Pairs, row: number, column: number): number | null {
  const expected = byChance(overlap, row, column);
  return expected > 0 ? overlap.pairs[row]![column]! / expected : null;
}

/** With fewer expected and actual profiles than this, a lift means nothing and is not shaded. */
const SMALL_SAMPLE = 5;

function isSmallSample(overlap: Pairs, row: number, column: number): boolean {
  return Math.max(byChance(overlap, row, column), overlap.pairs[row]![column]!) < SMALL_SAMPLE;
}

/** The share of profiles with the row's tag that also have the column's, from 0 to 1; null if nobody has it. */
export function shareOf({ tags, pairs }: Pairs, row: number, column: number): number | null {
  const { profiles } = tags[row]!;
  return profiles > 0 ? pairs[row]![column]! / profiles : null;
}

const VALUES: Record<Measure, (overlap: Pairs, row: number, column: number) => number | null> = {
  lift: liftOf,
  profiles: ({ pairs }, row, column) => pairs[row]![column]!,
  share: shareOf,
};
const FIGURES: Record<Measure, (value: number) => string> = {
  lift: (value) => `${rounded(value)}×`,
  profiles: count,
  share: percent,
};

type Figure = { text: string; shade: Shade };

/** The content of a cell. */
export function figureOf(
  measure: Measure,
  overlap: Pairs,
  steps: readonly Step[],
  row: number,
  column: number,
): Figure {
  const value = VALUES[measure](overlap, row, column);
  if (value === null) return { text: '–', shade: PLAIN };
  const untold = measure === 'lift' && isSmallSample(overlap, row, column);
  return {
    text: FIGURES[measure](value),
    shade: untold ? PLAIN : steps.find(({ below }) => value < below)!.shade,
  };
}

/** A cell in words, according to the measure: '1,234 profiles have VIP and Partner, 1.8 times as many as by chance'. */
export function pairInWords(measure: Measure, overlap: Pairs, row: number, column: number): string {
  const [left, right] = [overlap.tags[row]!, overlap.tags[column]!];
  if (row === column) return `${profilesHave(left.profiles)} ${left.name}`;
  const both = `${profilesHave(overlap.pairs[row]![column]!)} ${left.name} and ${right.name}`;
  if (measure === 'share') {
    const share = shareOf(overlap, row, column);
    return share === null ? both : `${both}, ${percent(share)} of those with ${left.name}`;
  }
  const lift = liftOf(overlap, row, column);
  if (lift === null) return both;
  if (lift > 0) return `${both}, ${liftInWords(lift)}`;
  const expected = Math.round(byChance(overlap, row, column));
  return expected === 0 ? both : `${both}, about ${count(expected)} would by chance`;
}

export function liftInWords(lift: number): string {
  if (lift >= 0.95 && lift < 1.05) return 'about as many as by chance';
  return `${rounded(lift)} times as many as by chance`;
}

export function profilesHave(profiles: number): string {
  if (profiles === 0) return 'No profile has';
  return profiles === 1 ? '1 profile has' : `${count(profiles)} profiles have`;
}

export function count(value: number): string {
  return value.toLocaleString('en-GB');
}

/** Rounded for display: 0.04, 0.4, 1.8, 12. */
function rounded(lift: number): string {
  if (lift >= 9.95) return count(Math.round(lift));
  return lift > 0 && lift < 0.095 ? Math.max(0.01, lift).toFixed(2) : lift.toFixed(1);
}

/** Never rounds to 0% or 100% unless it is exactly none or all. */
export function percent(share: number): string {
  if (share > 0 && share < 0.01) return 'under 1%';
  if (share < 1 && share > 0.99) return 'over 99%';
  return `${Math.round(share * 100)}%`;
}
