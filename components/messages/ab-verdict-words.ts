// What an A/B test came to, in words.
import { variantName, type AbResult } from '@/lib/messages/ab-schema';

/** By how much chance alone could have done it. */
export function verdictInWords({ verdict, best, p, tallies }: AbResult): string {
  const clicks = tallies.reduce((sum, { clicked }) => sum + clicked, 0);
  if (clicks === 0) return 'Too close to call: nobody clicked in the time of the test.';
  const chance = p === null ? '' : ` Chance alone makes such a difference in ${inHundred(p)} of 100 tests.`;
  return verdict === 'better'
    ? `${variantName(best)} is better.${chance}`
    : `Too close to call.${chance} Below 5, one variant would count as better.`;
}

const inHundred = (p: number): string => {
  const share = p * 100;
  if (share < 0.1) return 'fewer than 0.1';
  return share < 1 ? share.toFixed(1) : String(Math.round(share));
};
