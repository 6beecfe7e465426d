import Link from 'next/link';
import { notFound } from 'next/navigation';
import { requireSection } from '@/app/viewer';
import { DateTime } from '@/components/ui/date-time';
import { PageHeader } from '@/components/ui/display';
import { OperationIdSchema } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { getOperation } from '@/lib/activity/queries';
import { listUndoExceptions } from '@/lib/operations/queries';
import { Exceptions } from './exceptions';
import { OperationPanel } from './operation-panel';

export const metadata = { title: 'Activity' };

const SHOWN = 100;

type Props = { params: Promise<{ section: string; operation: string }> };

export default async function OperationPage({ params }: Props) {
  const { section: slug, operation: rawId } = await params;
  const { section } = await requireSection(slug);
  const id = OperationIdSchema.safeParse(rawId);
  const operation = id.success ? await getOperation(pool(), section.id, id.data) : undefined;
  if (!operation) notFound();
  const exceptions =
    operation.kind === 'undo' ? await listUndoExceptions(pool(), section.id, operation.id, { limit: SHOWN }) : [];
  return (
    <>
      <PageHeader title={operation.summary}>
        <Link href={`/${slug}/activity`} className="underline">
          All activity
        </Link>{' '}
        · {operation.userName ?? 'Tagwell'} · <DateTime value={operation.createdAt} exact />
      </PageHeader>
      <OperationPanel section={{ id: section.id, slug }} operation={operation} />
      {exceptions.length > 0 && <Exceptions slug={slug} operationId={operation.id} exceptions={exceptions} />}
    </>
  );
}
