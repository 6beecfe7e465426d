'use client';
// Exports the list as it is shown: those that match or are selected, in its order, with the columns that are on.
import { Suspense, use } from 'react';
import type { Deferred } from '@/app/deferred';
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
  /** How many match the filter of the list. */
  count: Deferred<number>;
  /** The name of the file; null: 'profiles'. */
  name: string | null;
  onClose: () => void;
};

export function ListExportDialog({ slug, selection, sort, columns, shown, count, name, onClose }: Props) {
  if (selection.kind === 'ids' && selection.ids.length > SELECTED_MAX) {
    return (
      <Dialog title="Export profiles" isOpen onClose={onClose} actions={<Button onPress={onClose}>Close</Button>}>
        <p>{TOO_MANY_SELECTED}</p>
      </Dialog>
    );
  }
  // 'Keys' is each kind of key, and the name is two attributes: so the file can be imported again.
  const possible = columns.filter(({ id }) => id !== 'keys');
  const on = ['attribute:firstname', 'attribute:lastname', ...shown.map(({ id }) => id)];
  const placeOf = (id: string) =>
    [on.indexOf(id), id.startsWith('key:') ? on.indexOf('keys') : -1].find((place) => place >= 0);
  const preselected = possible.map(({ id }) => id).filter((id) => placeOf(id) !== undefined);
  // As in the list, then what it does not show: this is also the order of the file.
  const last = on.length;
  const offered = [...possible].sort((one, other) => (placeOf(one.id) ?? last) - (placeOf(other.id) ?? last));
  return (
    <ExportDialog
      title="Export profiles"
      columns={offered}
      preselected={preselected}
      hrefOf={(chosen) => {
        const list: ListFile = { selection, sort, columns: [...chosen] };
        const query = new URLSearchParams({ list: JSON.stringify(list), ...(name !== null && { name }) });
        return `/data/${slug}/profiles/export?${query}`;
      }}
      onClose={onClose}
    >
      {selection.kind === 'all' ? (
        <Suspense fallback="All profiles that match">
          <Matching count={count} />
        </Suspense>
      ) : (
        inWords(selection.ids.length, 'selected')
      )}
      {selection.kind === 'all' && ' when the download begins'}, one row each. Rows and columns are in the order of the
      list.
    </ExportDialog>
  );
}

/** Without a number, if they could not be counted. */
function Matching({ count }: { count: Deferred<number> }) {
  const counted = use(count);
  return counted.ok ? inWords(counted.value, 'matching') : 'All profiles that match';
}

const inWords = (profiles: number, which: 'selected' | 'matching'): string =>
  profiles === 1 ? `The ${which} profile` : `The ${profiles.toLocaleString('en-GB')} ${which} profiles`;
