'use client';
// Confirms that held removals are right.
import { TagName } from '@/components/tags/tag-chip';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
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
    <Dialog
      title={`Take the tag off ${people(list.changes.removes)}?`}
      isOpen
      onClose={onClose}
      alert
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="danger" isPending={pending} onPress={onConfirm}>
            Take it off
          </Button>
        </>
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      <p>
        They lose <TagName tag={list.tag} size="whole" />, unless they have it from elsewhere too. This can be undone.
      </p>
    </Dialog>
  );
}
