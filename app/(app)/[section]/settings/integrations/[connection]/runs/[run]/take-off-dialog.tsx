'use client';
// Confirms that held removals are right.
import { TagName } from '@/components/tags/tag-chip';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import type { RefusalData } from '@/lib/access/refusal';
import type { RunListView } from '@/lib/integrations/run-views';
import { people } from '../../../words';

type Props = {
  list: RunListView;
  refusal: RefusalData | null;
  pending: boolean;
  onClose: () => void;
  onConfirm: () => void;
};

export function TakeOffDialog({ list, refusal, pending, onClose, onConfirm }: Props) {
  return (
    <ConfirmDialog
      title={`Take the tag off ${people(list.changes.removes)}?`}
      confirm="Take it off"
      refusal={refusal}
      pending={pending}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <p>
        They lose <TagName tag={list.tag} size="whole" />. This can be undone.
        {list.changes.leaves > 0 &&
          ` ${people(list.changes.leaves)} more have left the list, and keep it: they have it from elsewhere too.`}
      </p>
    </ConfirmDialog>
  );
}
