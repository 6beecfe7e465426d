'use client';
// Deletes many profiles. It cannot be undone: the dialog asks for their number.
import { useState } from 'react';
import { TextField } from '@/components/ui/field';
import type { BulkSelection } from '@/lib/operations/selection';
import { deleteProfilesInBulkAction } from './actions';
import { BulkDialog, BulkForm, whomInWords } from './bulk-dialog';
import { useBulkWork, type BulkWorkProps } from './use-bulk-work';

type Props = BulkWorkProps & {
  selection: BulkSelection;
  /** Number of selected profiles. */
  size: number;
  /** The name of the only one. */
  person?: string;
};

export function BulkDeleteDialog({ selection, size, person, ...about }: Props) {
  const work = useBulkWork(about);
  const [typed, setTyped] = useState('');
  const more = (work.refusal?.details as { total?: number } | undefined)?.total;
  const total = more ?? size;
  const whom = whomInWords(total, total === 1 ? person : undefined);
  const start = {
    label: 'Delete for good',
    variant: 'danger' as const,
    canStart: typed.replace(/[\s,.]/g, '') === String(total),
    onStart: () => void work.start(deleteProfilesInBulkAction, { selection, confirmed: total }),
  };

  return (
    <BulkDialog
      alert
      title={work.running === null ? `Delete ${whom}?` : `Delete ${whom}`}
      work={work}
      start={start}
      unsaved={false}
    >
      <BulkForm {...start} pending={work.pending}>
        <p>
          This deletes {total === 1 ? 'the profile' : whom} with {total === 1 ? 'its' : 'their'} keys, attributes, tags,
          notes and timeline, and {total === 1 ? 'its' : 'their'} rejected import rows. Tag statistics stay, without the{' '}
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
      </BulkForm>
    </BulkDialog>
  );
}
