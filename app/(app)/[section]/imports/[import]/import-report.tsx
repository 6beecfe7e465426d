'use client';
// The import while it runs, then its report: the outcome and its profiles, rejected rows with reasons, undo.
import { Link } from '@/components/ui/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { OperationProgress } from '@/components/operations/operation-progress';
import { UndoDialog } from '@/components/operations/undo-dialog';
import { hasEnded, useOperation } from '@/components/operations/use-operation';
import { Button, ButtonLink } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { FileAsRead } from '@/lib/imports/as-read';
import type { LeftOut } from '@/lib/imports/left-out';
import type { ImportView, Reject } from '@/lib/imports/schema';
import type { OperationView } from '@/lib/activity/schema';
import { reopenImportAction } from '../actions';
import { cancelOperationAction, undoOperationAction } from '../../profiles/actions';
import { serializeFilter } from '../../profiles/search-params';
import { ImportFile } from './import-file';
import { ImportFigures } from './import-figures';
import { ImportLeftOut } from './import-left-out';
import { ImportRejects } from './import-rejects';
import { ImportTags, NoTagApplied, type MappedTags } from './import-tags';

type Props = {
  section: { id: SectionId; slug: string };
  found: ImportView;
  tags: MappedTags;
  operation: OperationView;
  rejects: Reject[];
  leftOut: LeftOut[];
  file: FileAsRead;
};

/** Number of rows from which on the speed of an import is meaningful. */
const LARGE = 10_000;

export function ImportReport({ section, found, tags, operation: initial, rejects, leftOut, file }: Props) {
  const router = useRouter();
  const { refusal, pending, send } = useSubmission();
  const [undoing, setUndoing] = useState(false);
  const { data: operation = initial } = useOperation(section.slug, initial.id, initial);
  const ended = hasEnded(operation);
  const undone = found.undoneBy !== null;
  // Stopped before the first row: nothing has been changed, and the file is still there.
  const untouched = operation.status !== 'done' && operation.counts.rows === undefined;

  async function reopen() {
    const result = await send(reopenImportAction, { sectionId: section.id, importId: found.id });
    if (result.ok) router.refresh();
  }

  return (
    <div className="flex flex-col gap-4">
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      {undone && (
        <Banner tone="warning">
          This import has been undone.{' '}
          <Link className="underline" href={`/${section.slug}/activity/${found.undoneBy}`}>
            See what was undone, kept or could not be undone
          </Link>
        </Banner>
      )}
      <OperationProgress
        slug={section.slug}
        operationId={initial.id}
        initial={initial}
        onEnd={() => router.refresh()}
      />
      {operation.status === 'done' && !undone && <NoTagApplied section={section} operation={operation} />}
      <ImportTags tags={tags} />
      {ended && operation.startedAt && operation.finishedAt && (operation.counts.rows ?? 0) >= LARGE && (
        <p className="text-muted text-[13px]">
          {speedInWords(operation.counts.rows ?? 0, operation.startedAt, operation.finishedAt)}
        </p>
      )}
      <ImportFigures slug={section.slug} operation={operation} hasRejects={rejects.length > 0} undone={undone} />
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
        {ended && !untouched && !undone && <Button onPress={() => setUndoing(true)}>Undo the import…</Button>}
        {ended && !untouched && (
          <ButtonLink href={`/${section.slug}/imports/new?like=${found.id}`}>
            Run again with the same settings
          </ButtonLink>
        )}
        {ended && !undone && (operation.counts.applied ?? 0) > 0 && (
          <ButtonLink href={serializeFilter(`/${section.slug}/profiles`, { by: operation.id, did: 'tagged' })}>
            Show the tagged profiles
          </ButtonLink>
        )}
      </div>
      {undoing && (
        <UndoDialog
          section={section}
          operationId={operation.id}
          action={undoOperationAction}
          onClose={() => setUndoing(false)}
          onStarted={(undoId) => router.push(`/${section.slug}/activity/${undoId}`)}
        />
      )}
      {file.notes.map((note) => (
        <Banner key={note} tone="warning">
          {note}
        </Banner>
      ))}
      {rejects.length > 0 && (
        <ImportRejects
          slug={section.slug}
          found={found}
          rejects={rejects}
          total={operation.counts.rejected ?? rejects.length}
        />
      )}
      {ended && leftOut.length > 0 && <ImportLeftOut leftOut={leftOut} />}
      <ImportFile file={file} />
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
