'use client';
// Bulk tagging: applies and removes tags, with preview, progress and undo.
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { OperationProgress } from '@/components/operations/operation-progress';
import { hasEnded, waitForOperation, useOperation } from '@/components/operations/use-operation';
import { TagPicker, type TagSelection } from '@/components/tags/tag-picker';
import { Button, IconButton } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { getJson, postJson } from '@/components/ui/json';
import { ReadFailed } from '@/components/ui/read-failed';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { OperationId, SectionId, TagId } from '@/lib/db/ids';
import type { BulkSelection, BulkTagPreview } from '@/lib/operations/bulk-tag';
import { bulkTagAction, cancelOperationAction, undoOperationAction } from './actions';

type Choice = { name: string; apply: boolean };

type Props = {
  section: { id: SectionId; slug: string };
  selection: BulkSelection;
  /** Number of selected profiles; null while counting. */
  size: number | null;
  /** Why they could not be counted. */
  uncounted?: string;
  /** Called when the operation has ended. */
  onDone?: () => void;
  /** Called when tags of profiles may have changed. */
  onChanged: () => void;
  onClose: () => void;
};

export function BulkTagDialog({ section, selection, size, uncounted, onDone, onChanged, onClose }: Props) {
  const toast = useToast();
  const [choices, setChoices] = useState<ReadonlyMap<TagId, Choice>>(new Map());
  const [operationId, setOperationId] = useState<OperationId | null>(null);
  const { refusal, pending, send } = useSubmission();
  const { data: operation } = useOperation(section.slug, operationId);
  const { current, knowsAll } = useCurrentTags(section.slug, selection);
  const preview = usePreview(section.slug, selection, [...choices.keys()]);
  const states = new Map(current);
  for (const [id, { apply }] of choices) {
    if (apply) states.set(id, 'all');
    else states.delete(id);
  }

  async function start() {
    const ids = (apply: boolean) => [...choices].filter(([, choice]) => choice.apply === apply).map(([id]) => id);
    const input = { sectionId: section.id, selection, apply: ids(true), remove: ids(false) };
    const result = await send(bulkTagAction, input);
    if (result.ok) setOperationId(result.value.operationId);
  }

  /** Undo can be started from a toast after the dialog has closed, so its end is shown in a toast too. */
  async function undo(id: OperationId) {
    const result = await send(undoOperationAction, { sectionId: section.id, operationId: id });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast('Undo has started');
    const { undoId } = result.value;
    void waitForOperation(section.slug, undoId).then((undone) => {
      onChanged();
      if (undone.status === 'done') toast(`Done: ${undone.countsInWords}`);
      else toast('The undo has stopped. See Activity', { tone: 'danger' });
    });
  }

  /** A press cycles through: apply to all, remove from all, no change. States that would change nothing are skipped. */
  function press(tag: { id: TagId; name: string }) {
    const now = current.get(tag.id);
    const steps = now === 'all' ? [false] : now === 'some' || !knowsAll ? [true, false] : [true];
    const at = steps.findIndex((apply) => apply === choices.get(tag.id)?.apply);
    const next = steps[at + 1];
    const others = [...choices].filter(([id]) => id !== tag.id);
    setChoices(new Map(next === undefined ? others : [...others, [tag.id, { name: tag.name, apply: next }]]));
  }

  function finish() {
    onChanged();
    if (operationId !== null && hasEnded(operation)) {
      toast(operation?.summary ?? 'Done', { action: { label: 'Undo', run: () => void undo(operationId) } });
      onDone?.();
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
            <Button variant="primary" isPending={pending} isDisabled={choices.size === 0} onPress={() => void start()}>
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
            <Button variant="primary" onPress={finish}>
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
          {preview.isError && (
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
          <Plan
            choices={choices}
            preview={preview.data}
            failed={preview.isError}
            onDrop={(id) => setChoices((all) => new Map([...all].filter(([one]) => one !== id)))}
          />
        </>
      ) : (
        <OperationProgress slug={section.slug} operationId={operationId} onEnd={onChanged} />
      )}
    </Dialog>
  );
}

type PlanProps = {
  choices: ReadonlyMap<TagId, Choice>;
  preview: BulkTagPreview | undefined;
  /** The preview could not be computed. */
  failed: boolean;
  onDrop: (id: TagId) => void;
};

/** The effect of each tag. */
function Plan({ choices, preview, failed, onDrop }: PlanProps) {
  if (choices.size === 0)
    return (
      <p className="text-muted">
        Choose tags to apply. A tag that all of these profiles have is removed instead. Choose a tag again to switch
        between the two.
      </p>
    );
  return (
    <div className="flex flex-col gap-1" aria-live="polite">
      {[...choices].map(([id, { name, apply }]) => {
        const have = preview?.tags.find(({ tagId }) => tagId === id)?.have ?? 0;
        const change = preview === undefined ? null : apply ? preview.profiles - have : have;
        return (
          <p key={id} className="flex items-center gap-2">
            <span className={apply ? 'text-success font-medium' : 'text-danger font-medium'}>
              {apply ? 'Apply' : 'Remove'}
            </span>
            <span className="min-w-0 flex-1 truncate">
              {name}:{' '}
              {change === null
                ? failed
                  ? 'not counted'
                  : 'counting…'
                : `${change.toLocaleString('en-GB')} ${change === 1 ? 'profile changes' : 'profiles change'}`}
            </span>
            <IconButton label={`Leave ${name} as it is`} onPress={() => onDrop(id)}>
              <X aria-hidden className="size-3.5" />
            </IconButton>
          </p>
        );
      })}
      <p className="text-muted text-[13px]">You can undo it afterwards.</p>
    </div>
  );
}

const LIVE_COUNT_MAX = 500;

/**
 * Tags that all or some of the selected profiles have. `knowsAll`: the selection was small enough to check, so the other tags are
 * on none.
 */
function useCurrentTags(slug: string, selection: BulkSelection): { current: TagSelection; knowsAll: boolean } {
  const ids = selection.kind === 'ids' ? selection.ids : [];
  const { data } = useQuery({
    queryKey: ['selected-tags', slug, ids.join(',')],
    queryFn: () => getJson<{ tagId: TagId; profiles: number }[]>(`/data/${slug}/profiles/tags?ids=${ids.join(',')}`),
    enabled: ids.length > 0 && ids.length <= LIVE_COUNT_MAX,
    staleTime: 0,
  });
  const current = new Map(
    (data ?? []).map(({ tagId, profiles }) => [tagId, profiles >= ids.length ? ('all' as const) : ('some' as const)]),
  );
  return { current, knowsAll: data !== undefined };
}

function usePreview(slug: string, selection: BulkSelection, tagIds: TagId[]) {
  return useQuery({
    queryKey: ['bulk-preview', slug, JSON.stringify(selection), tagIds.join(',')],
    queryFn: ({ signal }) =>
      postJson<BulkTagPreview>(`/data/${slug}/profiles/preview`, { selection, tagIds }, { signal }),
    enabled: tagIds.length > 0,
    staleTime: 0,
    retry: false,
  });
}
