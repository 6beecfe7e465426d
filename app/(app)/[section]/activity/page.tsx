import Link from 'next/link';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { toneOf } from '@/components/operations/tone';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, CellLabel, EmptyState, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import { OperationIdSchema } from '@/lib/db/ids';
import type { ListedOperation } from '@/lib/activity/queries';
import { readOperations } from '@/lib/activity/reads';

export const metadata = { title: 'Activity' };

const PAGE = 50;

type Props = { params: Promise<{ section: string }>; searchParams: Promise<{ before?: string }> };

export default async function ActivityPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const before = OperationIdSchema.safeParse((await searchParams).before).data;
  const found = await valueForPage(readOperations(actor, { sectionId: section.id, before, limit: PAGE + 1 }));
  const operations = found.slice(0, PAGE);
  return (
    <>
      <PageHeader title="Activity">
        Bulk changes: who made them, when, and to how many profiles. Open one to undo it.
      </PageHeader>
      <div className={`${cardClass} relative overflow-x-auto`}>
        {operations.length === 0 ? (
          <EmptyState title="No activity yet">Bulk tag changes, imports, merges and undos appear here.</EmptyState>
        ) : (
          <table className={stackedClass.table}>
            <TableHead stacked titles={['What', 'Result', 'Who', 'When']} />
            <tbody className={stackedClass.body}>
              {operations.map((operation) => (
                <OperationLine key={operation.id} slug={section.slug} operation={operation} />
              ))}
            </tbody>
          </table>
        )}
      </div>
      {found.length > PAGE && (
        <div className="mt-3 flex justify-end">
          <ButtonLink size="small" href={`/${section.slug}/activity?before=${operations.at(-1)?.id}`}>
            Older
          </ButtonLink>
        </div>
      )}
    </>
  );
}

function OperationLine({ slug, operation }: { slug: string; operation: ListedOperation }) {
  return (
    <tr className={stackedClass.row}>
      <td className={stackedClass.cell}>
        <Link href={`/${slug}/activity/${operation.id}`} className="font-medium hover:underline">
          {operation.summary}
        </Link>{' '}
        {operation.undoneBy !== null && <Badge tone="warning">Undone</Badge>}
      </td>
      <td className={stackedClass.cell}>
        <Badge tone={toneOf(operation)}>{operation.status}</Badge>{' '}
        <span className="text-muted text-[13px]">
          {Object.keys(operation.counts).length > 0 && operation.countsInWords}
        </span>
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>By</CellLabel>
        {operation.userName ?? 'Tagwell'}
      </td>
      <td className={stackedClass.cell}>
        <DateTime value={operation.createdAt} />
      </td>
    </tr>
  );
}
