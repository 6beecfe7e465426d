'use client';
// Bulk tagging: applies and removes tags, with preview, progress and undo.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { OperationProgress } from '@/components/operations/operation-progress';
import { useCheckWork } from '@/components/operations/use-background-work';
import { hasEnded, useOperation } from '@/components/operations/use-operation';
import { TagPicker } from '@/components/tags/tag-picker';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { postJson } from '@/components/ui/json';
import { ReadFailed } from '@/components/ui/read-failed';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { OperationId, SectionId, TagId } from '@/lib/db/ids';
import type { BulkSelection, BulkTagPreview } from '@/lib/operations/bulk-tag';
import { BulkTagPlan, changesOf, type Choice } from './bulk-tag-plan';
import { bulkTagAction, cancelOperationAction, undoOperationAction } from './actions';

type Props = {
  section: { id: SectionId; slug: string };
  selection: BulkSelection;
  /** Number of selected profiles; null while counting. */
  size: number | null;
  /** Why they could not be counted. */
  uncounted?: string;
  /** Called when the dialog is left after the operation has started. */
  onStarted?: () => void;
  /** Called when tags of profiles may have changed. */
  onChanged: () => void;
  onClose: () => void;
};

export function BulkTagDialog({ section, selection, size, uncounted, onStarted, onChanged, onClose }: Props) {
  const toast = useToast();
  const [choices, setChoices] = useState<ReadonlyMap<TagId, Choice>>(new Map());
  const [operationId, setOperationId] = useState<OperationId | null>(null);
  const { refusal, pending, send } = useSubmission();
  const { data: operation } = useOperation(section.slug, operationId);
  const checkWork = useCheckWork(section.slug);
  const preview = usePreview(section.slug, selection);
  const found = preview.data;
  const current = new Map(
    found?.tags.map(({ tagId, have }) => [tagId, have >= found.profiles ? ('all' as const) : ('some' as const)]),
  );
  const states = new Map(current);
  for (const [id, { apply }] of choices) {
    if (apply) states.set(id, 'all');
    else states.delete(id);
  }
  const changesNothing =
    found !== undefined && [...choices].every(([id, choice]) => changesOf(found, id, choice) === 0);

  async function start() {
    const ids = (apply: boolean) => [...choices].filter(([, choice]) => choice.apply === apply).map(([id]) => id);
    const input = { sectionId: section.id, selection, apply: ids(true), remove: ids(false) };
    const result = await send(bulkTagAction, input);
    if (result.ok) setOperationId(result.value.operationId);
  }

  /** Also from a toast, after the dialog has closed. Its end is announced by the shell. */
  async function undo(id: OperationId) {
    const result = await send(undoOperationAction, { sectionId: section.id, operationId: id });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast('The undo has started');
    checkWork();
  }

  const drop = (id: TagId) => setChoices((all) => new Map([...all].filter(([other]) => other !== id)));
  const choose = (id: TagId, choice: Choice) => setChoices((all) => new Map([...all, [id, choice]]));

  /** A press chooses a tag, another one leaves it as it is. */
  function press({ id, name }: { id: TagId; name: string }) {
    if (choices.has(id)) drop(id);
    else choose(id, { name, apply: current.get(id) !== 'all' });
  }

  function finish() {
    onChanged();
    if (operationId !== null) {
      if (hasEnded(operation)) {
        toast(operation?.summary ?? 'Done', { action: { label: 'Undo', run: () => void undo(operationId) } });
      } else {
        const link = { label: 'Show', href: `/${section.slug}/activity/${operationId}` };
        toast('This continues in the background: see “running” in the menu.', { link });
      }
      onStarted?.();
    }
    onClose();
  }

  const running = operationId !== null && !hasEnded(operation);
  return (
    <Dialog
      title={
        size === null ? 'Tag profiles' : `Tag ${size.toLocaleString('en-GB')} ${size === 1 ? 'profile' : 'profiles'}`
      }
      isOpen
      onClose={operationId === null ? onClose : finish}
      unsaved={operationId === null && choices.size > 0}
      actions={
        operationId === null ? (
          <>
            <Button onPress={onClose}>Cancel</Button>
            <Button
              variant="primary"
              isPending={pending}
              isDisabled={choices.size === 0 || changesNothing}
              onPress={() => void start()}
            >
              Apply changes
            </Button>
          </>
        ) : (
          <>
            {running && (
              <Button
                isPending={pending}
                onPress={() => void send(cancelOperationAction, { sectionId: section.id, operationId })}
              >
                Stop
              </Button>
            )}
            {!running && (
              <Button isPending={pending} onPress={() => void undo(operationId).then(onClose)}>
                Undo
              </Button>
            )}
            <Button variant="primary" autoFocus onPress={finish}>
              {running ? 'Continue in the background' : 'Done'}
            </Button>
          </>
        )
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      {operationId === null ? (
        <>
          {uncounted && <Banner tone="danger">{uncounted}</Banner>}
          {preview.isError && !uncounted && (
            <ReadFailed onRetry={() => void preview.refetch()} retrying={preview.isFetching}>
              {`The changes could not be counted. ${preview.error.message}`}
            </ReadFailed>
          )}
          {size === null && !uncounted && <p className="text-muted">Counting…</p>}
          <TagPicker
            slug={section.slug}
            label="Tags to apply or to remove"
            autoFocus
            selection={states}
            onToggle={press}
          />
          <BulkTagPlan choices={choices} preview={found} failed={preview.isError} onChoose={choose} onDrop={drop} />
        </>
      ) : (
        <OperationProgress slug={section.slug} operationId={operationId} onEnd={onChanged} />
      )}
    </Dialog>
  );
}

/** How many are chosen, and on how many of them each tag is. */
function usePreview(slug: string, selection: BulkSelection) {
  return useQuery({
    queryKey: ['bulk-preview', slug, JSON.stringify(selection)],
    queryFn: ({ signal }) => postJson<BulkTagPreview>(`/data/${slug}/profiles/preview`, { selection }, { signal }),
    // What was counted for an earlier dialog may be wrong by now.
    gcTime: 0,
    staleTime: 0,
    retry: false,
  });
}
