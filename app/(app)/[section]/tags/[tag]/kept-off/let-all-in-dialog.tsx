'use client';
// Lets everyone in again who is kept off a tag, where they are very many. A worker does it; it cannot be undone.
import { useRouter } from 'next/navigation';
import { TagName } from '@/components/tags/tag-chip';
import type { TagLabel } from '@/lib/tags/schema';
import { BulkDialog } from '../../../profiles/bulk-dialog';
import { useBulkWork } from '../../../profiles/use-bulk-work';
import type { SectionRef } from '../../open-dialog';
import { letAllInAction } from '../actions';

type Props = { section: SectionRef; tag: TagLabel; total: number; onClose: () => void };

export function LetAllInDialog({ section, tag, total, onClose }: Props) {
  const router = useRouter();
  const work = useBulkWork({ section, onChanged: () => router.refresh(), onClose });
  const whom = total === 1 ? '1 person' : `${total.toLocaleString('en-GB')} people`;
  return (
    <BulkDialog
      alert
      title={`Let ${whom} in again?`}
      work={work}
      unsaved={false}
      start={{
        label: 'Let them in again',
        canStart: true,
        onStart: () => void work.start(letAllInAction, { tagId: tag.id }),
      }}
    >
      <p>
        The next sync applies <TagName tag={tag} /> to those who are still on the list. Until then nothing changes for
        them. For so many people this cannot be undone: to keep somebody off again, remove the tag from them. The names
        are on this page; to be able to undo it, let in those of a page at a time.
      </p>
    </BulkDialog>
  );
}
