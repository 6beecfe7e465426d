'use client';
// Actions on the selected profiles.
import { Download, ListChecks, Merge, Trash2, X } from 'lucide-react';
import { Suspense, use, useRef, useState } from 'react';
import type { Deferred } from '@/app/deferred';
import { Button, IconButton } from '@/components/ui/button';
import { Kbd } from '@/components/ui/display';
import { useHotkeys } from '@/components/ui/hotkeys';
import { Menu } from '@/components/ui/menu';
import { useReservedHeight } from '@/components/ui/reserved-height';
import type { Attribute } from '@/lib/attributes/schema';
import type { SectionId } from '@/lib/db/ids';
import type { BulkSelection } from '@/lib/operations/selection';
import { BulkAttributeDialog } from './bulk-attribute-dialog';
import { BulkDeleteDialog } from './bulk-delete-dialog';
import { BulkTagDialog } from './bulk-tag-dialog';

type Props = {
  section: { id: SectionId; slug: string };
  selection: BulkSelection;
  /** Number of selected profiles. */
  size: number;
  /** Set if all matching profiles can be selected instead: their number, and the key of its answer. */
  matching: { answer: string; count: Deferred<number> } | null;
  onSelectAll: (size: number) => void;
  /** The name of the only selected profile. */
  person?: string;
  /** Called when a dialog has closed. */
  onClosed?: () => void;
  /** What the profiles list offers besides: set one of these attributes, export, delete. */
  list?: { attributes: readonly Attribute[]; onExport: () => void };
  onClear: () => void;
  onChanged: () => void;
};

export function BulkBar({ section, selection, size, matching, ...more }: Props) {
  const { person, onSelectAll, onClosed, list, onClear, onChanged } = more;
  const [open, setOpen] = useState<'tags' | 'attribute' | 'delete' | null>(null);
  const tagButton = useRef<HTMLButtonElement>(null);
  const reserve = useReservedHeight('--bottom-bar');
  useHotkeys({ t: () => setOpen('tags'), Escape: onClear });
  const dialog = {
    section,
    selection,
    size,
    person,
    onStarted: onClear,
    onChanged,
    onClose: () => {
      setOpen(null);
      onClosed?.();
    },
  };
  return (
    <div
      ref={reserve}
      className="bg-raised border-line shadow-raised fixed inset-x-3 bottom-3 z-30 mx-auto flex max-w-3xl flex-wrap items-center gap-2 rounded-xl border p-2 pl-4"
      role="region"
      aria-label="Selected profiles"
    >
      <span className="flex-1 font-medium" aria-live="polite">
        {size.toLocaleString('en-GB')} selected
      </span>
      {matching && (
        <Suspense key={matching.answer}>
          <SelectAll
            count={matching.count}
            chosen={size}
            onSelectAll={onSelectAll}
            // The pressed button disappears.
            onPressed={() => tagButton.current?.focus()}
          />
        </Suspense>
      )}
      <Button variant="primary" ref={tagButton} onPress={() => setOpen('tags')}>
        Tag…
      </Button>
      {list && <MoreActions slug={section.slug} selection={selection} onExport={list.onExport} onOpen={setOpen} />}
      <IconButton label="Clear the selection" onPress={onClear}>
        <X aria-hidden className="size-4" />
      </IconButton>
      {open === 'tags' && <BulkTagDialog {...dialog} />}
      {open === 'attribute' && list && <BulkAttributeDialog {...dialog} attributes={list.attributes} />}
      {open === 'delete' && <BulkDeleteDialog {...dialog} />}
    </div>
  );
}

type SelectAllProps = {
  count: Deferred<number>;
  chosen: number;
  onSelectAll: (size: number) => void;
  onPressed: () => void;
};

/** Renders nothing until they are counted, or if there are no more. The key leaves the focus where it is. */
function SelectAll({ count, chosen, onSelectAll, onPressed }: SelectAllProps) {
  const counted = use(count);
  const more = counted.ok && counted.value > chosen;
  useHotkeys(more ? { a: () => onSelectAll(counted.value) } : {});
  if (!more) return null;
  return (
    <Button
      variant="quiet"
      onPress={() => {
        onPressed();
        onSelectAll(counted.value);
      }}
    >
      Select all {counted.value.toLocaleString('en-GB')} that match <Kbd>a</Kbd>
    </Button>
  );
}

type MoreProps = {
  slug: string;
  selection: BulkSelection;
  onExport: () => void;
  onOpen: (dialog: 'attribute' | 'delete') => void;
};

function MoreActions({ slug, selection, onExport, onOpen }: MoreProps) {
  const [one, other, ...more] = selection.kind === 'ids' ? selection.ids : [];
  const two = other !== undefined && more.length === 0;
  return (
    <Menu
      label="More actions"
      trigger={<Button>More…</Button>}
      entries={[
        {
          id: 'attribute',
          text: 'Set an attribute…',
          onAction: () => onOpen('attribute'),
          label: (
            <>
              <ListChecks aria-hidden className="text-muted size-4" /> Set an attribute…
            </>
          ),
        },
        {
          id: 'export',
          text: 'Export…',
          onAction: onExport,
          label: (
            <>
              <Download aria-hidden className="text-muted size-4" /> Export…
            </>
          ),
        },
        ...(two
          ? [
              {
                id: 'merge',
                text: 'Merge these two…',
                href: `/${slug}/profiles/${one}/merge/${other}`,
                label: (
                  <>
                    <Merge aria-hidden className="text-muted size-4" /> Merge these two…
                  </>
                ),
              },
            ]
          : []),
        'line',
        {
          id: 'delete',
          text: 'Delete…',
          danger: true,
          onAction: () => onOpen('delete'),
          label: (
            <>
              <Trash2 aria-hidden className="size-4" /> Delete…
            </>
          ),
        },
      ]}
    />
  );
}
