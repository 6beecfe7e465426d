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
    }),
    { seen: 0, begun: 0, submitted: 0, confirmed: 0, quarantined: 0 },
  );

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
