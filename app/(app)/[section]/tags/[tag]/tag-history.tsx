// What was done to the tag itself: created, renamed, coloured, merged, hidden.
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import type { TagEvent } from '@/lib/tags/history';

export function TagHistory({ events }: { events: TagEvent[] }) {
  return (
    <section className={`${cardClass} p-4`} aria-labelledby="history">
      <h2 id="history" className="mb-2 font-semibold">
        History
      </h2>
      <ol className="flex flex-col gap-2">
        {events.map(({ at, by, summary }, index) => (
          <li key={index}>
            <span className="block wrap-anywhere">{summary}</span>
            <span className="text-muted text-[13px]">
              {by && `${by} · `}
              <DateTime value={at} exact />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
