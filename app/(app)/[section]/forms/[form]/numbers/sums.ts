// The numbers of a form, added up in several ways.
import { inGroups } from '@/lib/consents/groups';
import type { DayNumbers } from '@/lib/forms/queries';

type Counts = Omit<DayNumbers, 'day' | 'referrer'>;

const DAY_MS = 86_400_000;

export const sumOf = (rows: readonly Counts[]): Counts =>
  rows.reduce<Counts>(
    (sum, row) => ({
      seen: sum.seen + row.seen,
      begun: sum.begun + row.begun,
      submitted: sum.submitted + row.submitted,
      confirmed: sum.confirmed + row.confirmed,
      quarantined: sum.quarantined + row.quarantined,
      bySeen: sum.bySeen + row.bySeen,
    }),
    { seen: 0, begun: 0, submitted: 0, confirmed: 0, quarantined: 0, bySeen: 0 },
  );

/**
 * How far those came who saw the form's page: each number is a part of the one before. Who sent it has seen it, also where that was not counted, on
 * another day, or before they sent it twice; and who came to a step has come past those before it, also where it was not shown to them.
 */
export function wayOf(
  total: Counts,
  steps: readonly number[],
): { seen: number; begun: number; sent: number; steps: number[] } {
  const sent = total.bySeen;
  const reached = steps
    .toReversed()
    .reduce<number[]>((later, count) => [Math.max(count, later[0] ?? sent), ...later], []);
  const begun = Math.max(total.begun, sent);
  const seen = Math.max(total.seen, begun, reached[0] ?? 0);
  return { seen, begun, sent, steps: reached.with(0, seen) };
}

/** Each day once, also those on which nothing happened. */
export const byDay = (rows: readonly DayNumbers[], since: Date, days: number): (Counts & { day: string })[] =>
  Array.from({ length: days }, (_, index) => {
    const day = new Date(since.getTime() + index * DAY_MS).toISOString().slice(0, 10);
    return { day, ...sumOf(rows.filter((row) => row.day === day)) };
  });

/** Those that brought most first; the others, together, last. */
export const byReferrer = (rows: readonly DayNumbers[]): (Counts & { referrer: string | null })[] =>
  inGroups(rows, ({ referrer }) => referrer)
    .map(([referrer, theirs]) => ({ referrer, ...sumOf(theirs) }))
    .sort(
      (left, right) =>
        Number(left.referrer === null) - Number(right.referrer === null) ||
        right.submitted - left.submitted ||
        right.seen - left.seen,
    );
