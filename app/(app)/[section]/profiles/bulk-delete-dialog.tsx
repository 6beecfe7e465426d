'use client';
// Deletes many profiles. It cannot be undone: the dialog asks for their number.
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import type { BulkSelection } from '@/lib/operations/selection';
import { deleteProfilesInBulkAction } from './actions';
import { useBulkWork, type BulkWorkProps } from './use-bulk-work';

type Props = BulkWorkProps & {
  selection: BulkSelection;
  /** Number of selected profiles. */
  size: number;
};

export function BulkDeleteDialog({ selection, size, ...about }: Props) {
  const work = useBulkWork(about);
  const [typed, setTyped] = useState('');
  const more = (work.refusal?.details as { total?: number } | undefined)?.total;
  const total = more ?? size;
  const profiles = `${total.toLocaleString('en-GB')} ${total === 1 ? 'profile' : 'profiles'}`;
  const confirmed = typed.replace(/[\s,.]/g, '') === String(total);
  const start = () => work.start(deleteProfilesInBulkAction, { selection, confirmed: total });

  return (
    <Dialog
      alert={work.running === null}
      title={work.running === null ? `Delete ${profiles}?` : `Delete ${profiles}`}
      isOpen
      onClose={work.close}
      unsaved={false}
      actions={
        work.running?.buttons ?? (
          <>
            <Button onPress={work.close}>Cancel</Button>
            <Button variant="danger" isDisabled={!confirmed} isPending={work.pending} onPress={() => void start()}>
              Delete for good
            </Button>
          </>
        )
      }
    >
      {work.refusal && <Banner tone="danger">{work.refusal.message}</Banner>}
      {work.running?.progress ?? (
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            if (confirmed && !work.pending) void start();
          }}
        >
          <p>
            This deletes {profiles} with {total === 1 ? 'its' : 'their'} keys, attributes, tags, notes and timeline, and{' '}
            {total === 1 ? 'its' : 'their'} rejected import rows. Tag statistics stay, without the{' '}
            {total === 1 ? 'person' : 'people'}. <strong>This cannot be undone.</strong>
          </p>
          <TextField
            label={`Type the number of profiles (${total}) to continue`}
            value={typed}
            onChange={setTyped}
            autoFocus
            autoComplete="off"
            inputMode="numeric"
          />
        </form>
      )}
    </Dialog>
  );
}
