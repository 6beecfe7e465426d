'use client';
// The run while it runs, then its report: counts, rejected rows with reasons, undo.
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { OperationProgress } from '@/components/operations/operation-progress';
import { hasEnded, useOperation } from '@/components/operations/use-operation';
import { Button, ButtonLink } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { Banner, cardClass, tableClass, TableHead } from '@/components/ui/display';
import type { SectionId } from '@/lib/db/ids';
import type { ImportView, Reject } from '@/lib/imports/schema';
import type { OperationView } from '@/lib/operations/schema';
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
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, setPending] = useState(false);
  const { data: operation = initial } = useOperation(section.slug, initial.id, initial);
  const ended = hasEnded(operation);

  async function undo() {
    setPending(true);
    const result = await undoOperationAction({ sectionId: section.id, operationId: operation.id });
    setPending(false);
    if (!result.ok) return setProblem(result.refusal.message);
    router.push(`/${section.slug}/activity/${result.value.undoId}`);
  }

  return (
    <div className="flex flex-col gap-4">
      {problem && <Banner tone="danger">{problem}</Banner>}
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
          <Button onPress={() => void cancelOperationAction({ sectionId: section.id, operationId: operation.id })}>
            Stop
          </Button>
        )}
        {ended && found.undoneBy === null && (
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
