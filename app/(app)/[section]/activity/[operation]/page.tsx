import type { Metadata } from 'next';
import { cache } from 'react';
import { Link } from '@/components/ui/link';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { DateTime } from '@/components/ui/date-time';
import { PageHeader } from '@/components/ui/display';
import type { UserActor } from '@/lib/access/actor';
import { mayAct } from '@/lib/access/policy';
import type { SectionId } from '@/lib/db/ids';
import { readOperation } from '@/lib/activity/reads';
import { readBulkAbout } from '@/lib/operations/bulk-about';
import { readUndoExceptions } from '@/lib/operations/reads';
import { About } from './about';
import { Exceptions } from './exceptions';
import { OperationPanel } from './operation-panel';

const SHOWN = 100;

type Props = { params: Promise<{ section: string; operation: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { section: slug, operation: operationId } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readOperationOnce(actor, section.id, operationId);
  return { title: found.ok ? found.value.summary : 'Activity' };
}

/** The title and the page ask for the same operation. */
const readOperationOnce = cache((actor: UserActor, sectionId: SectionId, operationId: string) =>
  readOperation(actor, { sectionId, operationId }),
);

export default async function OperationPage({ params }: Props) {
  const { section: slug, operation: operationId } = await params;
  const { actor, section } = await requireSection(slug);
  const operation = await valueForPage(readOperationOnce(actor, section.id, operationId));
  const of = { sectionId: section.id, operationId: operation.id };
  const exceptions =
    operation.undoOf === null ? [] : await valueForPage(readUndoExceptions(actor, { ...of, limit: SHOWN }));
  const about = await valueForPage(readBulkAbout(actor, of));
  return (
    <>
      <PageHeader title={operation.summary}>
        <Link href={`/${slug}/activity`} className="underline">
          All activity
        </Link>{' '}
        · {operation.userName ?? 'Tagwell'} · <DateTime value={operation.createdAt} exact />
      </PageHeader>
      <About slug={slug} operation={operation} about={about} />
      <OperationPanel
        section={{ id: section.id, slug }}
        operation={operation}
        allowed={mayAct(actor, operation.allow)}
      />
      {exceptions.length > 0 && (
        <Exceptions
          slug={slug}
          operationId={operation.id}
          title={operation.isUndo ? 'Not undone' : 'Not done again'}
          exceptions={exceptions}
        />
      )}
    </>
  );
}
