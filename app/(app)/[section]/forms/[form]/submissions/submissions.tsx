'use client';
// The submissions of a form as a table of answers, and what can be decided about those that wait for somebody.
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { DownloadLink } from '@/components/export/download-link';
import { ButtonLink } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { Banner, cardClass, EmptyState } from '@/components/ui/display';
import type { InJson } from '@/components/ui/in-json';
import { FilterForm, FilterSelect, FilterText } from '@/components/ui/filter-form';
import { FilterTabs } from '@/components/ui/filter-tabs';
import { Link } from '@/components/ui/link';
import { NewestOlder } from '@/components/ui/newest-older';
import type { FormId, SectionId, SubmissionId } from '@/lib/db/ids';
import type { SubmissionOrder } from '@/lib/forms/schema';
import { AnswerCard } from './answer-card';
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
  order: SubmissionOrder;
  search: string;
  /** The one that is looked at. */
  opened: InJson<ShownRow> | null;
  /** The one that the address asks for is not there. */
  isMissing: boolean;
  questions: { id: string; label: string }[];
  rows: InJson<ShownRow>[];
  /** Where the page begins; null: the first one. */
  before: string | null;
  /** Where the next page begins; null if there is none. */
  older: string | null;
};

export function Submissions(props: Props) {
  const { section, form, counts, show, order, search, opened, isMissing, questions, rows, before, older } = props;
  const isLater = before !== null;
  const router = useRouter();
  const [chosen, setChosen] = useState<ReadonlySet<SubmissionId>>(new Set());
  const here = `/${section.slug}/forms/${form.id}/submissions`;
  const address = (change: Record<string, string>) => {
    const query = new URLSearchParams({
      ...(show !== 'all' && { show }),
      ...(order !== 'newest' && { order }),
      ...(search !== '' && { q: search }),
      ...change,
    });
    return query.size === 0 ? here : `${here}?${query}`;
  };
  /** Of a submission, beside the page that is shown; null: the page alone. */
  const beside = (id: SubmissionId | null) =>
    address({ ...(before !== null && { before }), ...(id !== null && { open: String(id) }) });
  const decides = show === 'quarantined' || show === 'failed';
  const isQuiet = isLater || chosen.size > 0 || !form.open || opened !== null;
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
      <FilterForm>
        {show !== 'all' && <input type="hidden" name="show" value={show} />}
        <FilterText label="Address or answer" name="q" value={search} />
        {show === 'quarantined' && (
          <FilterSelect
            label="Order"
            name="order"
            value={order === 'newest' ? '' : order}
            all="Newest first"
            options={[
              { value: 'least', label: 'Least like spam first' },
              { value: 'most', label: 'Most like spam first' },
            ]}
          />
        )}
      </FilterForm>
      {isMissing && <Banner>This submission is not here any more.</Banner>}
      {show === 'all' && counts.quarantined > 0 && (
        <p className="text-muted mb-3">
          {counts.quarantined === 1 ? 'One more is' : `${counts.quarantined.toLocaleString('en-GB')} more are`} in{' '}
          <Link href={`${here}?show=quarantined`} className="underline">
            quarantine
          </Link>
          , and neither listed here nor in the file.
        </p>
      )}
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
        {decides && rows.length > 0 && search === '' ? (
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
            {search === '' ? 'Export as CSV' : 'Export all as CSV'}
          </DownloadLink>
        )}
      </div>
      <div className={cardClass}>
        {rows.length === 0 ? (
          <EmptyState
            title={search === '' ? NONE[show][0] : 'Nothing matches'}
            action={
              show !== 'all' || search !== '' ? (
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
            {search === '' ? NONE[show][1] : `No address and no answer has “${search}”.`}
          </EmptyState>
        ) : (
          <SubmissionsTable
            slug={section.slug}
            show={show}
            addressOf={beside}
            questions={questions}
            rows={rows}
            chosen={decides && search === '' ? chosen : null}
            onChosen={setChosen}
          />
        )}
      </div>
      {opened && (
        <AnswerCard
          section={section}
          form={form}
          questions={questions}
          row={opened}
          onClose={() => router.replace(beside(null), { scroll: false })}
        />
      )}
      <NewestOlder
        newest={isLater ? address({}) : null}
        older={older === null ? null : address({ before: older })}
        {...(order !== 'newest' && { words: ['First', 'Next'] as const })}
      />
    </>
  );
}
