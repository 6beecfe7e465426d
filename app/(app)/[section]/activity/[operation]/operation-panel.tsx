'use client';
// One operation: its progress, and the actions for it.
import { Link } from '@/components/ui/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { OperationProgress } from '@/components/operations/operation-progress';
import { UndoDialog } from '@/components/operations/undo-dialog';
import { hasEnded, useOperation } from '@/components/operations/use-operation';
import { Button, ButtonLink } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { OperationView } from '@/lib/activity/schema';
import { cancelOperationAction, retryOperationAction, undoOperationAction } from '../../profiles/actions';

/** `allowed`: the person may stop, retry, undo and redo it. */
type Props = { section: { id: SectionId; slug: string }; operation: OperationView; allowed: boolean };

export function OperationPanel({ section, operation: initial, allowed }: Props) {
  const router = useRouter();
  const { refusal, pending, send } = useSubmission();
  const [undoing, setUndoing] = useState(false);
  const { data: operation = initial, refetch } = useOperation(section.slug, initial.id, initial);
  const ended = hasEnded(operation);

  const input = { sectionId: section.id, operationId: operation.id };

  async function cancel() {
    const result = await send(cancelOperationAction, input);
    if (result.ok) router.refresh();
  }

  async function retry() {
    const result = await send(retryOperationAction, input);
    if (result.ok) await refetch();
  }

  return (
    <div className={`${cardClass} flex max-w-2xl flex-col gap-4 p-4`}>
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      <OperationProgress
        slug={section.slug}
        operationId={initial.id}
        initial={initial}
        onEnd={() => router.refresh()}
      />
      {operation.undoOf !== null && (
        <p>
          {operation.isUndo ? 'This undoes' : 'This takes back'}{' '}
          <Link className="underline" href={`/${section.slug}/activity/${operation.undoOf}`}>
            {operation.isUndo ? 'an earlier change' : 'an undo'}
          </Link>
        </p>
      )}
      {operation.undoneBy !== null && (
        <p>
          {operation.undoneInWords}:{' '}
          <Link className="underline" href={`/${section.slug}/activity/${operation.undoneBy}`}>
            see what was changed, kept or could not be changed
          </Link>
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        {operation.page && (
          <ButtonLink href={`/${section.slug}${operation.page.path}`}>{operation.page.words}</ButtonLink>
        )}
        {!ended && allowed && operation.cancellable && (
          <Button isPending={pending} onPress={() => void cancel()}>
            Stop
          </Button>
        )}
        {operation.status === 'failed' && allowed && operation.retryable && operation.undoneBy === null && (
          <Button isPending={pending} onPress={() => void retry()}>
            Try again
          </Button>
        )}
        {ended && allowed && operation.undoable && operation.undoneBy === null && (
          <Button onPress={() => setUndoing(true)}>{operation.isUndo ? 'Redo…' : 'Undo…'}</Button>
        )}
      </div>
      {undoing && (
        <UndoDialog
          section={section}
          operationId={operation.id}
          redoes={operation.isUndo}
          action={undoOperationAction}
          onClose={() => setUndoing(false)}
          onStarted={(undoId) => router.push(`/${section.slug}/activity/${undoId}`)}
        />
      )}
    </div>
  );
}
