'use client';
// The submissions of a form as a table of answers, and what can be decided about those that wait for somebody.
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { DownloadLink } from '@/components/export/download-link';
import { ButtonLink } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { Banner, cardClass, EmptyState } from '@/components/ui/display';
import type { InJson } from '@/components/ui/in-json';
import { FilterTabs } from '@/components/ui/filter-tabs';
import { Link } from '@/components/ui/link';
import { NewestOlder } from '@/components/ui/newest-older';
import type { FormId, SectionId, SubmissionId } from '@/lib/db/ids';
import { DecisionBar } from './decision-bar';
import type { ShownRow } from './rows-of';
import { NONE, SHOW_NAMES, SHOWS, type Show } from './shows';
import { SubmissionsTable } from './submissions-table';

/** New ones appear by themselves. */
const REFRESH_MS = 10_000;

type Props = {
  section: { id: SectionId; slug: string };
  form: { id: FormId; name: string; version: number | null; open: boolean };
  counts: Record<Exclude<Show, 'all'>, number>;
  show: Show;
  questions: { id: string; label: string }[];
  rows: InJson<ShownRow>[];
  /** It is not the first page. */
  isLater: boolean;
  /** Where the next page begins; null if there is none. */
  older: string | null;
};

export function Submissions({ section, form, counts, show, questions, rows, isLater, older }: Props) {
  const router = useRouter();
  const [chosen, setChosen] = useState<ReadonlySet<SubmissionId>>(new Set());
  const here = `/${section.slug}/forms/${form.id}/submissions`;
  const address = (change: Record<string, string>) => {
    const query = new URLSearchParams({ ...(show !== 'all' && { show }), ...change });
    return query.size === 0 ? here : `${here}?${query}`;
  };
  const decides = show === 'quarantined' || show === 'failed';
  const isQuiet = isLater || chosen.size > 0 || !form.open;
  useEffect(() => {
    if (isQuiet) return undefined;
    const timer = setInterval(() => document.visibilityState === 'visible' && router.refresh(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [isQuiet, router]);
  return (
    <>
      <FilterTabs
        label="Which submissions"
        current={show}
        tabs={SHOWS.map((each) => ({
          value: each,
          href: each === 'all' ? here : `${here}?show=${each}`,
          label: SHOW_NAMES[each],
          count: each === 'all' ? null : counts[each],
          urgent: each !== 'all' && each !== 'pending' && counts[each] > 0,
        }))}
      />
      {show === 'quarantined' && rows.length > 0 && (
        <p className="text-muted mb-3">
          These look like spam, so nothing has come of them. Their senders have been told nothing of it. Release those
          that are from people: they are applied as if they had just come in. What is left here is forgotten after 60
          days.
        </p>
      )}
      {show === 'waiting' && rows.length > 0 && (
        <div className="mb-3">
          <Banner tone="warning">
            The form needs attention: fix it and publish it, then these are applied.{' '}
            <Link href={`/${section.slug}/forms/${form.id}`} className="underline">
              To the form
            </Link>
          </Banner>
        </div>
      )}
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        {decides && rows.length > 0 ? (
          <DecisionBar
            section={section}
            form={form}
            from={show}
            chosen={chosen}
            total={counts[show]}
            onClear={() => setChosen(new Set())}
          />
        ) : (
          <span />
        )}
        {rows.length > 0 && (
          <DownloadLink
            size="small"
            href={`/data/${section.slug}/forms/${form.id}/submissions${show === 'all' ? '' : `?show=${show}`}`}
          >
            Export as CSV
          </DownloadLink>
        )}
      </div>
      <div className={cardClass}>
        {rows.length === 0 ? (
          <EmptyState
            title={NONE[show][0]}
            action={
              show !== 'all' ? (
                <Link href={here} className={buttonClass()}>
                  Show all submissions
                </Link>
              ) : (
                <ButtonLink
                  variant="primary"
                  href={`/${section.slug}/forms/${form.id}${form.version === null ? '' : '/share'}`}
                >
                  {form.version === null ? 'Publish it first' : 'Share it'}
                </ButtonLink>
              )
            }
          >
            {NONE[show][1]}
          </EmptyState>
        ) : (
          <SubmissionsTable
            slug={section.slug}
            show={show}
            questions={questions}
            rows={rows}
            chosen={decides ? chosen : null}
            onChosen={setChosen}
          />
        )}
      </div>
      <NewestOlder newest={isLater ? address({}) : null} older={older === null ? null : address({ before: older })} />
    </>
  );
}
