'use client';
// The number of connections that need an Admin, beside the way to them. Nothing is shown when none does.
import { useBackgroundWork } from '@/components/operations/use-background-work';

/** How many connections of the section need an Admin; 0 for everyone else. */
export const useTroubles = (slug: string): number => useBackgroundWork(slug)?.troubles.length ?? 0;

/** '2 connections need attention' */
export const troublesInWords = (count: number): string =>
  count === 1 ? '1 connection needs attention' : `${count} connections need attention`;

export function TroubleMark({ slug }: { slug: string }) {
  const count = useTroubles(slug);
  if (count === 0) return null;
  return (
    <span
      role="img"
      aria-label={troublesInWords(count)}
      title={troublesInWords(count)}
      className="bg-warning-soft text-warning ml-auto inline-flex h-5 min-w-5 shrink-0 items-center justify-center rounded-full px-1.5 text-xs font-semibold tabular-nums"
    >
      {count}
    </span>
  );
}
