import type { Metadata } from 'next';
import { createLoader, parseAsNumberLiteral, type SearchParams } from 'nuqs/server';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { DailyChart } from '@/components/charts/daily-chart';
import { cardClass, EmptyState } from '@/components/ui/display';
import { Figure, share } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { addDays, dayIn } from '@/lib/attributes/days';
import type { FlowDay } from '@/lib/flows/queries';
import { readFlowDays } from '@/lib/flows/reads';
import { FlowHeader } from '../flow-header';
import { headed } from '../headed';
import { readFlowOnce } from '../read-flow-once';

export const metadata: Metadata = { title: 'Numbers of the flow' };

const RANGES = [7, 30, 90, 365] as const;
const loadParams = createLoader({ days: parseAsNumberLiteral(RANGES).withDefault(30) });

type Props = { params: Promise<{ section: string; flow: string }>; searchParams: Promise<SearchParams> };

export default async function NumbersPage({ params, searchParams }: Props) {
  const { section: slug, flow: flowId } = await params;
  const { actor, section } = await requireSection(slug);
  const { days: range } = await loadParams(searchParams);
  const flow = await valueForPage(readFlowOnce(actor, section.id, flowId));
  const since = addDays(dayIn('UTC', new Date()), 1 - range);
  const days = eachDay(await valueForPage(readFlowDays(actor, { sectionId: section.id, flowId, since })), since, range);
  const sum = (what: Exclude<keyof FlowDay, 'day'>) => days.reduce((total, day) => total + day[what], 0);
  const [entered, done, goal] = [sum('entered'), sum('done'), sum('goal')];
  const hasGoal = flow.settings.goal !== null || goal > 0;
  const here = `/${slug}/flows/${flow.id}/numbers`;
  return (
    <>
      <FlowHeader section={{ id: section.id, slug }} flow={headed(flow)} here="/numbers" />
      <nav aria-label="Days" className="mb-4 flex flex-wrap gap-1">
        {RANGES.map((option) => (
          <Link
            key={option}
            href={`${here}?days=${option}`}
            {...(option === range && { 'aria-current': 'page' as const })}
            className={`rounded-md border px-3 py-1 text-[13px] ${option === range ? 'border-accent bg-accent-soft text-accent-ink font-medium' : 'border-line-strong hover:bg-hover'}`}
          >
            {option} days
          </Link>
        ))}
      </nav>
      {entered + done + goal === 0 ? (
        <div className={cardClass}>
          <EmptyState title="Nobody has entered it in these days">
            Who enters, comes to the end and reaches the goal is counted here, day by day.
          </EmptyState>
        </div>
      ) : (
        <div className="flex flex-col gap-4">
          <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3">
            <Figure name="Entered" value={entered} more="in these days" />
            <Figure name="Came to the end" value={done} more="whenever they entered" />
            {hasGoal && (
              <Figure
                name="Reached the goal"
                value={goal}
                more={entered > 0 ? `${share(goal, entered)} of as many as entered` : ''}
              />
            )}
          </dl>
          <section aria-labelledby="by-day" className={`${cardClass} flex min-w-0 flex-col gap-3 p-4`}>
            <h2 id="by-day" className="font-semibold">
              By day
            </h2>
            <DailyChart
              label="By day"
              names={['Entered', 'Came to the end', ...(hasGoal ? ['Reached the goal'] : [])]}
              days={days.map((day) => ({
                day: day.day,
                counts: [day.entered, day.done, ...(hasGoal ? [day.goal] : [])],
              }))}
            />
          </section>
        </div>
      )}
    </>
  );
}

/** Also those on which nothing happened. */
function eachDay(found: readonly FlowDay[], since: string, count: number): FlowDay[] {
  const known = new Map(found.map((day) => [day.day, day]));
  return Array.from({ length: count }, (_, index) => {
    const day = addDays(since, index);
    return known.get(day) ?? { day, entered: 0, done: 0, goal: 0 };
  });
}
