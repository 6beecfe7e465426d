'use client';
// What runs in the section now. Nothing is shown when nothing runs.
import { progressInWords } from '@/components/operations/progress-words';
import { useBackgroundWork } from '@/components/operations/use-background-work';
import { cardClass, ProgressBar } from '@/components/ui/display';
import { Title } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';

export function RunningNow({ slug }: { slug: string }) {
  const running = useBackgroundWork(slug)?.running ?? [];
  if (running.length === 0) return null;
  return (
    <section aria-labelledby="running-now" className={cardClass}>
      <Title id="running-now">Running now</Title>
      <ul className="divide-line divide-y">
        {running.map((work) => (
          <li key={work.key} className="flex flex-col gap-1 px-4 py-2.5">
            <div className="flex flex-wrap items-baseline justify-between gap-x-3">
              <Link href={`/${slug}${work.path}`} className="font-medium wrap-anywhere hover:underline">
                {work.summary}
              </Link>
              <span className="text-muted text-[13px] tabular-nums">{progressInWords(work)}</span>
            </div>
            <ProgressBar label={work.summary} value={work.total ? work.progress / work.total : null} />
          </li>
        ))}
      </ul>
    </section>
  );
}
