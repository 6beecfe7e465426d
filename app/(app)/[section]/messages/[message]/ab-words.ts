// What an A/B test means in numbers, before it begins.
import type { AbTest } from '@/lib/messages/ab-schema';

/** How many get each variant, and how many wait for the one that is better. As the freeze draws them. */
export function partsOf({ share, others }: AbTest, people: number): { each: number; rest: number } {
  const variants = 1 + others.length;
  const test = Math.min(people, Math.max(Math.ceil((people * share) / 100), variants));
  return { each: Math.floor(test / variants), rest: people - test };
}

/** Of a normal variable: beyond these values on both sides are 5 % and, for the three pairs of three variants, a third of it. */
const BEYOND = { 2: 1.96, 3: 2.394 } as const;
const CLICKS = 0.05;

/**
 * From how many clicks in 100 a variant differs from one with 5 in 100, each with so many people: about what the test of ab-verdict.ts finds. Null:
 * however many.
 */
export function noticeable(people: number, variants: number): number | null {
  const z = BEYOND[variants === 3 ? 3 : 2];
  for (let better = CLICKS; better < 1; better += 0.001) {
    const mean = (CLICKS + better) / 2;
    if (better - CLICKS <= z * Math.sqrt((2 * mean * (1 - mean)) / people)) continue;
    return better < 0.1 ? Math.ceil(better * 1_000) / 10 : Math.ceil(better * 100);
  }
  return null;
}
