'use client';
// A merge cannot be undone: asks once more.
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';

type Props = { into: string; from: string; isPending: boolean; onClose: () => void; onMerge: () => void };

export function ConfirmMerge({ into, from, isPending, onClose, onMerge }: Props) {
  return (
    <Dialog
      alert
      title="Merge for good?"
      isOpen
      onClose={onClose}
      unsaved={false}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="danger" isPending={isPending} onPress={onMerge}>
            Merge for good
          </Button>
        </>
      }
    >
      <p className="wrap-anywhere">
        <bdi className="font-medium">{from}</bdi> becomes part of <bdi className="font-medium">{into}</bdi>.{' '}
        <strong>This cannot be undone.</strong> If you are not sure that they are one person, cancel and leave both.
      </p>
    </Dialog>
  );
}
