'use client';
// Stops keeping a list's tag. Nobody loses the tag.
import { useRouter } from 'next/navigation';
import { TagName } from '@/components/tags/tag-chip';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { ListView } from '@/lib/integrations/list-views';
import type { TagLabel } from '@/lib/tags/schema';
import { leaveListAction } from '../actions';
import type { SectionRef } from '../words';

type Props = { section: SectionRef; list: Pick<ListView, 'id' | 'name'> & { tag: TagLabel }; onClose: () => void };

export function LeaveDialog({ section, list, onClose }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, send } = useSubmission();

  async function leave() {
    const result = await send(leaveListAction, { sectionId: section.id, listId: list.id });
    if (!result.ok) return;
    toast(`“${list.tag.name}” is an ordinary tag now`);
    onClose();
    router.refresh();
  }

  return (
    <ConfirmDialog
      title="Stop keeping this tag?"
      confirm="Stop keeping it"
      refusal={refusal}
      pending={pending}
      onConfirm={() => void leave()}
      onClose={onClose}
    >
      <p>
        Syncs leave <TagName tag={list.tag} size="whole" /> alone from now on. Everyone who has it keeps it, and it can
        be changed by hand like any other tag. The list “{list.name}” in the CRM does not change.
      </p>
      <p>
        If you choose the list again later with this tag, those who have the tag now still keep it, even when they leave
        the list. To start afresh, remove the tag from everyone instead.
      </p>
    </ConfirmDialog>
  );
}
