'use client';
// The number of messages that wait for the person's approval or choice, beside the way to them.
import { useBackgroundWork } from '@/components/operations/use-background-work';

export function MessageMark({ slug }: { slug: string }) {
  const count =
    useBackgroundWork(slug)?.messages.filter(({ kind }) => kind === 'asked' || kind === 'choice').length ?? 0;
  if (count === 0) return null;
  const words = count === 1 ? '1 message waits for you' : `${count} messages wait for you`;
  return (
    <span
      role="img"
      aria-label={words}
      title={words}
      className="bg-warning-soft text-warning ml-auto inline-flex h-5 min-w-5 shrink-0 items-center justify-center rounded-full px-1.5 text-xs font-semibold tabular-nums"
    >
      {count}
    </span>
  );
}
