'use client';
// What can be done to the chosen profiles.
import { X } from 'lucide-react';
import { use, useState } from 'react';
import { Button, IconButton } from '@/components/ui/button';
import type { SectionId } from '@/lib/db/ids';
import type { BulkSelection } from '@/lib/operations/bulk-tag';
import { BulkTagDialog } from './bulk-tag-dialog';

type Props = {
  section: { id: SectionId; slug: string };
  selection: BulkSelection;
  /** How many are chosen; null: all that match. */
  chosen: number | null;
  /** How many match. */
  count: Promise<number>;
  pageIsSelected: boolean;
  onSelectAll: () => void;
  onClear: () => void;
  onChanged: () => void;
};

export function BulkBar(props: Props) {
  const [open, setOpen] = useState(false);
  const { section, selection, chosen, count, pageIsSelected, onSelectAll, onClear, onChanged } = props;
  const matching = use(count);
  const size = chosen ?? matching;
  return (
    <div
      className="bg-raised border-line shadow-raised fixed inset-x-3 bottom-3 z-30 mx-auto flex max-w-3xl flex-wrap items-center gap-2 rounded-xl border p-2 pl-4"
      role="region"
      aria-label="Selected profiles"
    >
      <span className="flex-1 font-medium" aria-live="polite">
        {size.toLocaleString('en-GB')} selected
      </span>
      {pageIsSelected && matching > size && (
        <Button variant="quiet" onPress={onSelectAll}>
          Select all {matching.toLocaleString('en-GB')} that match
        </Button>
      )}
      <Button variant="primary" onPress={() => setOpen(true)}>
        Tag …
      </Button>
      <IconButton label="Clear the selection" onPress={onClear}>
        <X aria-hidden className="size-4" />
      </IconButton>
      {open && (
        <BulkTagDialog
          section={section}
          selection={selection}
          size={size}
          onDone={onClear}
          onChanged={onChanged}
          onClose={() => setOpen(false)}
        />
      )}
    </div>
  );
}
