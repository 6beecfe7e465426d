'use client';
// Removes a list's tag from everyone who has it only from that list: shows how many first, then follows the work.
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { TagName } from '@/components/tags/tag-chip';
import { readWith } from '@/components/ui/answer-of';
import { ReadFailed } from '@/components/ui/read-failed';
import type { KeepingList } from '@/lib/integrations/kept-by';
import type { TagLabel } from '@/lib/tags/schema';
import { BulkDialog } from '../../profiles/bulk-dialog';
import { useBulkWork } from '../../profiles/use-bulk-work';
import type { SectionRef } from '../open-dialog';
import { readRemovalPreviewAction, removeListTagAction } from './actions';

type Props = { section: SectionRef; tag: TagLabel; list: Pick<KeepingList, 'listId' | 'name'>; onClose: () => void };

const people = (count: number) => (count === 1 ? '1 person' : `${count.toLocaleString('en-GB')} people`);

export function RemoveFromAllDialog({ section, tag, list, onClose }: Props) {
  const router = useRouter();
  const work = useBulkWork({ section, onChanged: () => router.refresh(), onClose });
  const preview = useQuery({
    queryKey: ['removal-preview', section.slug, list.listId],
    queryFn: () => readWith(readRemovalPreviewAction({ sectionId: section.id, listId: list.listId })),
    staleTime: 0,
    gcTime: 0,
    retry: false,
    enabled: work.running === null,
  });
  const known = preview.isError ? undefined : preview.data;
  return (
    <BulkDialog
      alert
      title={`Remove “${tag.name}” from everyone?`}
      work={work}
      unsaved={false}
      start={{
        label: 'Remove it',
        variant: 'danger',
        canStart: known !== undefined,
        onStart: () => void work.start(removeListTagAction, { listId: list.listId }),
      }}
    >
      {preview.isError && (
        <ReadFailed onRetry={() => void preview.refetch()} retrying={preview.isFetching}>
          How many would lose the tag could not be counted, so it cannot be removed yet.
        </ReadFailed>
      )}
      {!known && !preview.isError && <p className="text-muted">Counting…</p>}
      {known && (
        <p>
          <strong>
            {people(known.lose)} {known.lose === 1 ? 'loses' : 'lose'} <TagName tag={tag} />.
          </strong>{' '}
          {known.have > known.lose &&
            `${people(known.have - known.lose)} ${known.have - known.lose === 1 ? 'keeps' : 'keep'} it, because it was also set here or by another list.`}
        </p>
      )}
      <p>
        “{list.name}” does not keep the tag any more after that. The list in the CRM does not change. You can undo the
        removal in Activity.
      </p>
    </BulkDialog>
  );
}
