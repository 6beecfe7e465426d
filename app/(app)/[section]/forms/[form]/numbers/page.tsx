import type { Metadata } from 'next';
import { createLoader, parseAsNumberLiteral, type SearchParams } from 'nuqs/server';
import { Figure, number, share, Table } from '@/components/ui/figures';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { DailyChart } from '@/components/charts/daily-chart';
import { StepsChart } from '@/components/charts/steps-chart';
import { ButtonLink } from '@/components/ui/button';
import { cardClass, EmptyState } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import { readNumbers } from '@/lib/forms/reads';
import { FormHeader } from '../form-header';
import { headed } from '../headed';
import { readFormOnce } from '../read-form-once';
import { byDay, byReferrer, sumOf, wayOf } from './sums';

export const metadata: Metadata = { title: 'Numbers' };

const RANGES = [7, 30, 90, 365] as const;
const loadParams = createLoader({ days: parseAsNumberLiteral(RANGES).withDefault(30) });

type Props = { params: Promise<{ section: string; form: string }>; searchParams: Promise<SearchParams> };

export default async function NumbersPage({ params, searchParams }: Props) {
  const { section: slug, form: formId } = await params;
  const { actor, section } = await requireSection(slug);
  const { days: range } = await loadParams(searchParams);
  const form = await valueForPage(readFormOnce(actor, section.id, formId));
  const numbers = await valueForPage(readNumbers(actor, { sectionId: section.id, formId, days: range }));
  const total = sumOf(numbers.days);
  const document = form.published ?? form.document;
  const here = `/${slug}/forms/${form.id}`;
  const confirms = document.optIn.on;
  const isEmpty = total.seen + total.submitted + total.quarantined === 0;
  const way = wayOf(
    total,
    document.steps.map((_, at) => numbers.steps.find(({ step }) => step === at)?.seen ?? 0),
  );
  const otherwise = total.submitted - way.sent;
  const steps = [
    ...document.steps.map(({ title }, at) => ({
      name: title || (document.steps.length === 1 ? 'Saw the form' : `Step ${at + 1}`),
      count: way.steps[at] ?? 0,
    })),
    ...(document.steps.length === 1 ? [{ name: 'Began to fill it in', count: way.begun }] : []),
    { name: 'Sent it', count: way.sent },
  ];
  return (
    <>
      <FormHeader section={{ id: section.id, slug }} form={headed(form)} here="/numbers" />
      <nav aria-label="Days" className="mb-4 flex flex-wrap gap-1">
        {RANGES.map((days) => (
          <Link
            key={days}
            href={`${here}/numbers?days=${days}`}
            {...(days === range && { 'aria-current': 'page' as const })}
            className={`rounded-md border px-3 py-1 text-[13px] ${days === range ? 'border-accent bg-accent-soft text-accent-ink font-medium' : 'border-line-strong hover:bg-hover'}`}
          >
            {days} days
          </Link>
        ))}
      </nav>
      {isEmpty ? (
        <div className={cardClass}>
          <EmptyState
            title="Nobody has opened it in these days"
            action={<ButtonLink href={`${here}/share`}>Share it</ButtonLink>}
          >
            How often it is seen, begun and sent is counted here, without following anybody.
          </EmptyState>
        </div>
      ) : (
        <div className="flex flex-col gap-4">
          <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-5">
            <Figure name="Seen" value={way.seen} more="the form’s page" />
            <Figure
              name="Begun"
              value={way.begun}
              more={way.seen > 0 ? `${share(way.begun, way.seen)} of those seen` : ''}
            />
            <Figure
              name="Sent"
              value={total.submitted}
              more={[
                way.seen > 0 && `${share(way.sent, way.seen)} of those seen`,
                otherwise > 0 && `${way.seen > 0 ? 'besides, ' : ''}${number(otherwise)} without having seen it`,
              ]
                .filter(Boolean)
                .join('; ')}
            />
            {confirms && (
              <Figure
                name="Confirmed"
                value={total.confirmed}
                more={total.submitted > 0 ? `${share(total.confirmed, total.submitted)} of those sent` : ''}
              />
            )}
            <Figure name="In quarantine" value={total.quarantined} more="look like spam" />
          </dl>
          <p className="text-muted">
            Nobody is followed: who opens it twice is counted twice, and nothing is stored in anybody’s browser. Days
            are in UTC.
            {otherwise > 0 &&
              ' What came by the API, by a form of a website’s own, or out of the quarantine counts as sent, but not as a part of those who saw the page.'}
          </p>
          <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
            <section aria-labelledby="by-day" className={`${cardClass} flex min-w-0 flex-col gap-3 p-4`}>
              <h2 id="by-day" className="font-semibold">
                By day
              </h2>
              <DailyChart
                label="By day"
                names={['Seen', 'Begun', 'Sent', ...(confirms ? ['Confirmed'] : []), 'In quarantine']}
                days={byDay(numbers.days, numbers.since, range).map(
                  ({ day, seen, begun, submitted, confirmed, quarantined }) => ({
                    day,
                    counts: [seen, begun, submitted, ...(confirms ? [confirmed] : []), quarantined],
                  }),
                )}
              />
            </section>
            <section aria-labelledby="leaving" className={`${cardClass} flex min-w-0 flex-col gap-3 p-4`}>
              <h2 id="leaving" className="font-semibold">
                Where people leave
              </h2>
              <StepsChart steps={steps} />
              <p className="text-muted text-[13px]">Of those who saw the form’s page.</p>
            </section>
          </div>
          <Table
            title="Where they came from"
            heads={['Website', 'Seen', 'Begun', 'Sent', ...(confirms ? ['Confirmed'] : []), 'In quarantine']}
            rows={byReferrer(numbers.days).map(({ referrer, seen, begun, submitted, confirmed, quarantined }) => [
              referrer === '' ? (
                <span className="text-muted">Not known: typed in, scanned, or from an app</span>
              ) : (
                (referrer ?? <span className="text-muted">Other websites</span>)
              ),
              ...[seen, begun, submitted, ...(confirms ? [confirmed] : []), quarantined].map(number),
            ])}
          />
        </div>
      )}
    </>
  );
}
