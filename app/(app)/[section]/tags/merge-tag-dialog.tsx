'use client';
// Merges a tag into another: with a preview, run by a worker. It cannot be undone.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { TagPicker } from '@/components/tags/tag-picker';
import { readWith } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { ReadFailed } from '@/components/ui/read-failed';
import { useSubmission } from '@/components/ui/use-submission';
import type { OperationId } from '@/lib/db/ids';
import type { TagLabel } from '@/lib/tags/schema';
import { mergeTagsAction, readMergePreviewAction } from './actions';
import type { SectionRef } from './open-dialog';

type Props = {
  section: SectionRef;
  tag: TagLabel;
  /** The other tag, if it is known already. */
  into: TagLabel | null;
  onClose: () => void;
  /** Called when the merge has started in a worker. */
  onStarted: (operationId: OperationId) => void;
};

export function MergeTagDialog({ section, tag, into, onClose, onStarted }: Props) {
  const [target, setTarget] = useState(into);
  const { refusal, pending, send, setRefusal } = useSubmission();
  const preview = useQuery({
    queryKey: ['merge-preview', section.slug, tag.id, target?.id],
    queryFn: () => readWith(readMergePreviewAction({ sectionId: section.id, from: tag.id, into: target?.id })),
    enabled: target !== null,
    staleTime: 0,
    retry: false,
  });

  async function merge() {
    const result = await send(mergeTagsAction, { sectionId: section.id, fromId: tag.id, intoId: target?.id });
    if (result.ok) onStarted(result.value.operationId);
  }

  return (
    <Dialog
      alert
      title={`Merge “${tag.name}” into another tag`}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            variant="danger"
            onPress={() => void merge()}
            isPending={pending}
            isDisabled={!target || !preview.data || preview.isError}
          >
            Merge and hide “{tag.name}”
          </Button>
        </>
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      {preview.isError && (
        <ReadFailed onRetry={() => void preview.refetch()} retrying={preview.isFetching}>
          The effect of the merge could not be loaded, so it cannot be started yet.
        </ReadFailed>
      )}
      <TagPicker
        slug={section.slug}
        label="Merge into"
        canCreate={false}
        without={tag.id}
        autoFocus
        selection={new Map(target ? [[target.id, 'all']] : [])}
        showsChosen
        single
        onToggle={(chosen, next) => {
          setRefusal(null);
          setTarget(next ? chosen : null);
        }}
      />
      {target && preview.isFetching && !preview.data && <p className="text-muted">Counting…</p>}
      {target && preview.data && !preview.isError && (
        <div className="flex flex-col gap-1">
          <p>
            {preview.data.from.toLocaleString('en-GB')} profiles have “{tag.name}”;{' '}
            {preview.data.both.toLocaleString('en-GB')} of them have “{target.name}” already.{' '}
            <strong>
              {(preview.data.from - preview.data.both).toLocaleString('en-GB')} will get “{target.name}”.
            </strong>
          </p>
          {preview.data.segments.moved.length > 0 && (
            <p>
              {segmentsNamed(preview.data.segments.moved)} will use “{target.name}” instead.
            </p>
          )}
          {preview.data.lists.length > 0 && (
            <p>
              {preview.data.lists.map((name) => `“${name}”`).join(', ')} will keep “{target.name}” from then on: its
              members get it, and those who leave the list lose it.
            </p>
          )}
          {preview.data.segments.lost.length > 0 && (
            <Banner tone="warning">
              {segmentsNamed(preview.data.segments.lost)} will need attention, and cannot be used until someone has
              fixed {preview.data.segments.lost.length === 1 ? 'it' : 'them'}: the rules, or a segment they use, depend
              on when, from where or by which list “{tag.name}” was applied, which “{target.name}” does not record.
            </Banner>
          )}
          <p>
            Then “{tag.name}” is hidden for good; API clients and files that use it keep working. This action cannot be
            undone.
          </p>
        </div>
      )}
    </Dialog>
  );
}

const segmentsNamed = (names: readonly string[]) =>
  `${names.length === 1 ? 'The segment' : 'The segments'} ${names.map((name) => `“${name}”`).join(', ')}`;
