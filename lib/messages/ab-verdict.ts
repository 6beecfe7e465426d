// Whether one variant of a test is better, or whether the difference may be chance.
import type { AbResult, VariantTally } from './ab-schema';

/** A difference that chance makes less often than this is taken for one. */
const LEVEL = 0.05;
/** Tables as likely as the one that was seen, but for rounding. */
const ROUNDING = 1 + 1e-7;

/**
 * What a test came to, by people who clicked, of those who got a variant. The best one is better only if it differs from each other one by
 * Fisher's exact test; as any pair might have come out as the best, the level is shared among all pairs (Bonferroni).
 */
export function verdictOf(tallies: readonly VariantTally[]): AbResult {
  const share = ({ clicked, sent }: VariantTally) => (sent === 0 ? 0 : clicked / sent);
  // The sort is stable: of equal ones the first is the best.
  const [best, ...others] = tallies.toSorted((one, other) => share(other) - share(one));
  const pairs = (tallies.length * (tallies.length - 1)) / 2;
  const chances = others.map((other) =>
    fisher({ hits: best!.clicked, of: best!.sent }, { hits: other.clicked, of: other.sent }),
  );
  const p = Math.min(1, Math.max(...chances) * pairs);
  return { verdict: p < LEVEL ? 'better' : 'close', best: best!.variant, p, tallies: [...tallies] };
}

type Sample = { hits: number; of: number };

/**
 * Fisher's exact test of two proportions, two-sided: how likely it is that chance alone makes a difference at least as unlikely as this one.
 * It adds the hypergeometric probabilities of all tables with the same margins that are no likelier than the one that was seen, and so holds for any
 * numbers, however small. Source: R. A. Fisher, "The Logic of Inductive Inference", Journal of the Royal Statistical Society 98 (1935),
 * 39–82; the two-sided rule is that of `fisher.test` in R and `scipy.stats.fisher_exact`.
 */
export function fisher(one: Sample, other: Sample): number {
  const hits = one.hits + other.hits;
  const all = one.of + other.of;
  const least = Math.max(0, hits - other.of);
  const most = Math.min(hits, one.of);
  const logs = logFactorials(all);
  const choose = (of: number, some: number) => logs[of]! - logs[some]! - logs[of - some]!;
  const chanceOf = (some: number) => Math.exp(choose(one.of, some) + choose(other.of, hits - some) - choose(all, hits));
  const seen = chanceOf(one.hits) * ROUNDING;
  let sum = 0;
  for (let some = least; some <= most; some++) {
    const chance = chanceOf(some);
    if (chance <= seen) sum += chance;
  }
  return Math.min(1, sum);
}

/** The logarithms of 0! to `most`! */
function logFactorials(most: number): Float64Array {
  const logs = new Float64Array(most + 1);
  for (let number = 2; number <= most; number++) logs[number] = logs[number - 1]! + Math.log(number);
  return logs;
}
