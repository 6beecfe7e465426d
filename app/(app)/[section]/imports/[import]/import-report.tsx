'use client';
// The run while it runs, then its report: counts, rejected rows with reasons, undo.
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { OperationProgress } from '@/components/operations/operation-progress';
import { hasEnded, useOperation } from '@/components/operations/use-operation';
import { Button, ButtonLink } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { Banner, cardClass, tableClass, TableHead } from '@/components/ui/display';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { ImportView, Reject } from '@/lib/imports/schema';
import type { OperationView } from '@/lib/operations/schema';
import { reopenImportAction } from '../actions';
import { cancelOperationAction, undoOperationAction } from '../../profiles/actions';

type Props = {
  section: { id: SectionId; slug: string };
  found: ImportView;
  operation: OperationView;
  rejects: Reject[];
};

const FIGURES: [key: string, label: string][] = [
  ['rows', 'Rows'],
  ['created', 'New profiles'],
  ['updated', 'Updated'],
  ['unchanged', 'Unchanged'],
  ['skipped', 'Left out'],
  ['repeated', 'Repeated in the file'],
  ['rejected', 'Rejected'],
  ['applied', 'Tags applied'],
  ['already', 'Tags already there'],
  ['removed', 'Tags removed'],
];

export function ImportReport({ section, found, operation: initial, rejects }: Props) {
  const router = useRouter();
  const { refusal, pending, send } = useSubmission();
  const { data: operation = initial } = useOperation(section.slug, initial.id, initial);
  const ended = hasEnded(operation);
  // Stopped before the first row: nothing has been done, and the file is still there.
  const untouched = operation.status !== 'done' && operation.counts.rows === undefined;

  async function reopen() {
    const result = await send(reopenImportAction, { sectionId: section.id, importId: found.id });
    if (result.ok) router.refresh();
  }

  async function undo() {
    const result = await send(undoOperationAction, { sectionId: section.id, operationId: operation.id });
    if (result.ok) router.push(`/${section.slug}/activity/${result.value.undoId}`);
  }

  return (
    <div className="flex flex-col gap-4">
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      {found.undoneBy !== null && (
        <Banner tone="warning">
          This import has been undone.{' '}
          <Link className="underline" href={`/${section.slug}/activity/${found.undoneBy}`}>
            See what was undone, kept and could not be
          </Link>
        </Banner>
      )}
      <OperationProgress
        slug={section.slug}
        operationId={initial.id}
        initial={initial}
        onEnd={() => router.refresh()}
      />
      {ended && operation.startedAt && operation.finishedAt && (operation.counts.rows ?? 0) > 0 && (
        <p className="text-muted text-[13px]">
          {speedInWords(operation.counts.rows ?? 0, operation.startedAt, operation.finishedAt)}
        </p>
      )}
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-5">
        {FIGURES.map(([key, label]) => (
          <div key={key} className={`${cardClass} px-3 py-2`}>
            <dt className="text-muted text-[13px]">{label}</dt>
            <dd className="text-lg font-semibold">{(operation.counts[key] ?? 0).toLocaleString('en-GB')}</dd>
          </div>
        ))}
      </dl>
      <div className="flex flex-wrap gap-2">
        {!ended && (
          <Button
            isPending={pending}
            onPress={() => void send(cancelOperationAction, { sectionId: section.id, operationId: operation.id })}
          >
            Stop
          </Button>
        )}
        {ended && untouched && (
          <Button variant="primary" isPending={pending} onPress={() => void reopen()}>
            Back to the mapping
          </Button>
        )}
        {ended && !untouched && found.undoneBy === null && (
          <Button isPending={pending} onPress={() => void undo()}>
            Undo the import
          </Button>
        )}
        {ended && found.mapping.apply[0] !== undefined && (
          <ButtonLink href={`/${section.slug}/profiles?has=${found.mapping.apply[0]}`}>
            Show the tagged profiles
          </ButtonLink>
        )}
      </div>
      {rejects.length > 0 && (
        <Rejects
          slug={section.slug}
          found={found}
          rejects={rejects}
          total={operation.counts.rejected ?? rejects.length}
        />
      )}
    </div>
  );
}

/** '1,000,000 rows in 2 min 5 s: 8,000 rows a second'. */
function speedInWords(rows: number, startedAt: Date, finishedAt: Date): string {
  const seconds = Math.max(0.1, (new Date(finishedAt).getTime() - new Date(startedAt).getTime()) / 1_000);
  const took =
    seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${rows.toLocaleString('en-GB')} rows in ${took}: ${Math.round(rows / seconds).toLocaleString('en-GB')} rows a second.`;
}

function Rejects({
  slug,
  found,
  rejects,
  total,
}: {
  slug: string;
  found: ImportView;
  rejects: Reject[];
  total: number;
}) {
  return (
    <section aria-labelledby="rejected">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h2 id="rejected" className="font-semibold">
          Rejected rows <span className="text-muted text-[13px] font-normal">({total.toLocaleString('en-GB')})</span>
        </h2>
        <a className={buttonClass({ size: 'small' })} href={`/data/${slug}/imports/${found.id}/rejects`} download>
          Download as CSV
        </a>
      </div>
      <div className={`${cardClass} max-h-96 overflow-auto`} tabIndex={0} role="region" aria-label="Rejected rows">
        <table className={tableClass.table}>
          <TableHead titles={['Line', 'Reason', ...found.format.columns]} />
          <tbody>
            {rejects.map(({ line, reason, cells }) => (
              <tr key={line} className={tableClass.row}>
                <td className={tableClass.cell}>{line}</td>
                <td className={`${tableClass.cell} text-danger`}>{reason}</td>
                {cells.map((cell, index) => (
                  <td key={index} className={`${tableClass.cell} max-w-52 truncate whitespace-nowrap`}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
