// The runs of a connection, newest first: what each changed, how long it took, and what went wrong.
import clsx from 'clsx';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, CellLabel, EmptyState, stackedClass, TableHead } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import type { SyncRunId } from '@/lib/db/ids';
import type { QuietRuns, RunLine } from '@/lib/integrations/run-lines';
import type { RunFilter } from '@/lib/integrations/schema';
import type { RunView } from '@/lib/integrations/run-views';
import { durationInWords, number, RUN_WORDS, startedInWords } from '../words';

/** `before`: where it begins; null: it is the newest page. `older`: where the next one begins. */
export type RunsPage = { lines: RunLine[]; older: SyncRunId | null; show: RunFilter; before: SyncRunId | null };

type Props = { here: string; page: RunsPage; hrefOf: (show: RunFilter, before: SyncRunId | null) => string };

const FILTERS: { show: RunFilter; label: string; empty: string }[] = [
  { show: 'folded', label: 'All', empty: 'There are no older syncs.' },
  { show: 'changed', label: 'Changed something', empty: 'No sync has changed anything.' },
  { show: 'held', label: 'Asked about removals', empty: 'No sync had to ask before it took tags off.' },
  { show: 'failed', label: 'Failed', empty: 'No sync has failed.' },
];

const COLUMNS = ['Sync', 'Result', 'Tagged', 'Untagged', 'Not found', 'Calls', 'Took'];

export function RunsTable({ here, page: { lines, older, show, before }, hrefOf }: Props) {
  const current = show === 'all' ? 'folded' : show;
  return (
    <section aria-labelledby="runs">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 id="runs" className="font-semibold">
          Syncs
        </h2>
        <nav aria-label="Which syncs" className="flex flex-wrap gap-1">
          {FILTERS.map((filter) => (
            <Link
              key={filter.show}
              href={hrefOf(filter.show, null)}
              scroll={false}
              {...(filter.show === current && { 'aria-current': 'true' as const })}
              className={clsx(
                'rounded-md px-2.5 py-1 text-[13px]',
                filter.show === current ? 'bg-accent-soft text-accent-ink font-medium' : 'hover:bg-hover',
              )}
            >
              {filter.label}
            </Link>
          ))}
        </nav>
      </div>
      <div className={`${cardClass} overflow-hidden`}>
        {lines.length === 0 ? (
          <EmptyState title="No syncs here">{FILTERS.find((filter) => filter.show === current)?.empty}</EmptyState>
        ) : (
          <table className={stackedClass.table}>
            <TableHead stacked titles={COLUMNS} />
            <ArrowRows isMain={false} className={stackedClass.body}>
              {lines.map((line, index) =>
                line.kind === 'run' ? (
                  <Row key={line.run.id} here={here} run={line.run} />
                ) : (
                  <Quiet key={`quiet-${index}`} quiet={line} href={hrefOf('all', line.before)} />
                ),
              )}
            </ArrowRows>
          </table>
        )}
      </div>
      {(older !== null || before !== null || show === 'all') && (
        <nav aria-label="Pages of syncs" className="mt-3 flex flex-wrap justify-end gap-2">
          {show === 'all' && (
            <ButtonLink size="small" href={hrefOf('folded', null)}>
              Fold those without changes
            </ButtonLink>
          )}
          {before !== null && (
            <ButtonLink size="small" href={hrefOf(show, null)}>
              Newest
            </ButtonLink>
          )}
          {older !== null && (
            <ButtonLink size="small" href={hrefOf(show, older)}>
              Older
            </ButtonLink>
          )}
        </nav>
      )}
    </section>
  );
}

function Quiet({ quiet: { count, last }, href }: { quiet: QuietRuns; href: string }) {
  return (
    <tr className={stackedClass.row}>
      <td colSpan={COLUMNS.length} className={`${stackedClass.cell} text-muted`}>
        {count === 1 ? '1 sync without changes, ' : `${number(count)} syncs without changes, the last `}
        <DateTime value={last} />{' '}
        <Link href={href} className="underline">
          Show each
        </Link>
      </td>
    </tr>
  );
}

const wouldBe = (count: number): string => (count === 0 ? '0' : `${number(count)} planned`);

/** Removals that wait for an answer have not happened. */
const untaggedInWords = ({ status, done: { untagged, waiting } }: RunView): string =>
  status === 'held' && waiting > 0
    ? `${untagged > 0 ? `${number(untagged)}, ` : ''}${number(waiting)} wait${waiting === 1 ? 's' : ''}`
    : number(untagged);

function Row({ here, run }: { here: string; run: RunView }) {
  const { id, dry, counts, changes, done, calls, error, failedLists, frozenLists, undone } = run;
  const status = RUN_WORDS[run.status];
  const figures = [
    ['Tagged', dry ? wouldBe(changes.adds + counts.newPeople) : number(done.tagged)],
    ['Untagged', dry ? wouldBe(changes.removes) : untaggedInWords(run)],
    ['Not found', number(counts.unmatched)],
    ['Calls', number(calls)],
  ] as const;
  return (
    <tr className={stackedClass.row}>
      <td className={stackedClass.cell}>
        <Link href={`${here}/runs/${id}`} className="text-accent-ink font-medium underline">
          {dry ? 'Dry run' : 'Sync'} {id} · <DateTime value={run.createdAt} exact />
        </Link>
        <span className="text-muted block text-[13px]">Started {startedInWords(run)}</span>
      </td>
      <td className={stackedClass.cell}>
        <Badge tone={status.tone}>{status.label}</Badge> {undone && <Badge>Undone</Badge>}
        {error === null && failedLists > 0 && (
          <Badge tone="warning">{failedLists === 1 ? '1 list failed' : `${number(failedLists)} lists failed`}</Badge>
        )}
        {error === null && frozenLists > 0 && (
          <Badge tone="warning">
            {frozenLists === 1 ? '1 list left as it is' : `${number(frozenLists)} lists left as they are`}
          </Badge>
        )}
        {changes.refused > 0 && <Badge tone="warning">{number(changes.refused)} not permitted</Badge>}
        {error !== null && <span className="text-danger block max-w-80 text-[13px]">{error}</span>}
      </td>
      {figures.map(([label, text]) => (
        <td key={label} className={stackedClass.cell}>
          <CellLabel>{label}</CellLabel>
          {text}
        </td>
      ))}
      <td className={stackedClass.cell}>
        <CellLabel>Took</CellLabel>
        {durationInWords(run) ?? '–'}
      </td>
    </tr>
  );
}
