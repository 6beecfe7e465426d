'use client';
// Exports the list as it is shown: those that match or are selected, in its order, with the columns that are on.
import { ExportDialog } from '@/components/export/export-dialog';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import type { ListFile } from '@/lib/operations/list-export';
import { SELECTED_MAX, TOO_MANY_SELECTED } from '@/lib/operations/list-export-limit';
import type { Selection } from '@/lib/profiles/schema';
import type { Sort } from '@/lib/profiles/sort-schema';
import type { Column } from './columns';

type Props = {
  slug: string;
  selection: Selection;
  sort: Sort;
  /** All columns of the list, and those that are on. */
  columns: readonly Column[];
  shown: readonly Column[];
  onClose: () => void;
};

export function ListExportDialog({ slug, selection, sort, columns, shown, onClose }: Props) {
  if (selection.kind === 'ids' && selection.ids.length > SELECTED_MAX) {
    return (
      <Dialog title="Export profiles" isOpen onClose={onClose} actions={<Button onPress={onClose}>Close</Button>}>
        <p>{TOO_MANY_SELECTED}</p>
      </Dialog>
    );
  }
  // 'Keys' is each kind of key, and the name is two attributes: so the file can be imported again.
  const offered = columns.filter(({ id }) => id !== 'keys');
  const on = new Set(['attribute:firstname', 'attribute:lastname', ...shown.map(({ id }) => id)]);
  const preselected = offered
    .map(({ id }) => id)
    .filter((id) => on.has(id) || (on.has('keys') && id.startsWith('key:')));
  return (
    <ExportDialog
      title="Export profiles"
      columns={offered}
      preselected={preselected}
      hrefOf={(chosen) => {
        const list: ListFile = { selection, sort, columns: [...chosen] };
        return `/data/${slug}/profiles/export?${new URLSearchParams({ list: JSON.stringify(list) })}`;
      }}
      onClose={onClose}
    >
      {selection.kind === 'all'
        ? 'All profiles that match when the download begins, in the order of the list, one row each.'
        : `${selection.ids.length === 1 ? 'The selected profile' : `The ${selection.ids.length.toLocaleString('en-GB')} selected profiles`}, in the order of the list, one row each.`}
    </ExportDialog>
  );
}
