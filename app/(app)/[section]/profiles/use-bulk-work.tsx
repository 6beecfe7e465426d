'use client';
// A bulk operation in its dialog: started, then followed to its end, stopped or undone.
import { useState, type ReactNode } from 'react';
import { OperationProgress } from '@/components/operations/operation-progress';
import { operationKey } from '@/components/operations/shown-here';
import { useCheckWork } from '@/components/operations/use-background-work';
import { hasEnded, useOperation } from '@/components/operations/use-operation';
import { Button } from '@/components/ui/button';
import { useToast } from '@/components/ui/toasts';
import { useSubmission, type SubmitAction } from '@/components/ui/use-submission';
import type { RefusalData } from '@/lib/access/refusal';
import type { OperationId, SectionId } from '@/lib/db/ids';
import { cancelOperationAction, undoOperationAction } from './actions';

export type BulkWorkProps = {
  section: { id: SectionId; slug: string };
  /** Called when the dialog is left after the operation has started. */
  onStarted?: () => void;
  /** Called when profiles may have changed. */
  onChanged: () => void;
  onClose: () => void;
};

type Started = { operationId: OperationId };

export type BulkWork = {
  refusal: RefusalData | null;
  pending: boolean;
  start: (action: SubmitAction<Started>, input: object) => Promise<void>;
  /** Closes the dialog. */
  close: () => void;
  /** Once it has started: what the dialog shows, and its buttons. */
  running: { progress: ReactNode; buttons: ReactNode } | null;
};

export function useBulkWork({ section, onStarted, onChanged, onClose }: BulkWorkProps): BulkWork {
  const toast = useToast();
  const [operationId, setOperationId] = useState<OperationId | null>(null);
  const { refusal, pending, send } = useSubmission();
  const { data: operation } = useOperation(section.slug, operationId);
  const checkWork = useCheckWork(section.slug);

  async function start(action: SubmitAction<Started>, input: object) {
    const result = await send(action, { sectionId: section.id, ...input });
    if (result.ok) setOperationId(result.value.operationId);
  }

  /** Also from a toast, after the dialog has closed. Its end is announced by the shell. */
  async function undo(id: OperationId) {
    const result = await send(undoOperationAction, { sectionId: section.id, operationId: id });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast('The undo has started', { about: [operationKey(section.slug, result.value.undoId)] });
    checkWork();
  }

  if (operationId === null) return { refusal, pending, start, close: onClose, running: null };

  const ended = hasEnded(operation);
  const undoable = operation?.undoable ?? false;
  function close() {
    onChanged();
    if (ended) {
      toast(operation?.summary ?? 'Done', {
        ...(undoable && { action: { label: 'Undo', run: () => void undo(operationId!) } }),
      });
    } else {
      const link = { label: 'Show', href: `/${section.slug}/activity/${operationId}` };
      toast('This continues in the background: see “running” in the menu.', {
        link,
        about: [operationKey(section.slug, operationId!)],
      });
    }
    onStarted?.();
    onClose();
  }
  const buttons = (
    <>
      {!ended && (
        <Button
          isPending={pending}
          onPress={() => void send(cancelOperationAction, { sectionId: section.id, operationId })}
        >
          Stop
        </Button>
      )}
      {ended && undoable && (
        <Button isPending={pending} onPress={() => void undo(operationId).then(onClose)}>
          Undo
        </Button>
      )}
      <Button variant="primary" autoFocus onPress={close}>
        {ended ? 'Done' : 'Continue in the background'}
      </Button>
    </>
  );
  const progress = <OperationProgress slug={section.slug} operationId={operationId} onEnd={onChanged} />;
  return { refusal, pending, start, close, running: { progress, buttons } };
}
