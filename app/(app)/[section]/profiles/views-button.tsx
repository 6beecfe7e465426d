'use client';
// Saved views: opens them, and saves what is shown as one.
import { Bookmark, ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { buttonClass } from '@/components/ui/button-class';
import { Menu, type MenuEntry } from '@/components/ui/menu';
import type { SectionId } from '@/lib/db/ids';
import { ViewStateSchema, type SavedView, type ViewState } from '@/lib/profiles/saved-view';
import { SaveViewDialog } from './save-view-dialog';
import { addressOf, isSameView } from './view-params';

type Props = {
  section: { id: SectionId; slug: string };
  views: readonly SavedView[];
  /** The id in the address. */
  viewId: number | null;
  /** What is shown now. */
  state: ViewState;
  canGovern: boolean;
  onOpened: (viewId: number | null) => void;
};

export function ViewsButton({ section, views, viewId, state, canGovern, onOpened }: Props) {
  const [dialog, setDialog] = useState<'new' | 'edit' | null>(null);
  const path = `/${section.slug}/profiles`;
  const open = views.find(({ id }) => id === viewId);
  const changed = open !== undefined && !isSameView(open.state, state);
  const entry = (view: SavedView): MenuEntry => ({
    id: `view-${view.id}`,
    text: view.name,
    isCurrent: () => view.id === viewId,
    // One that is too long is only named in the address: there its owner can change or delete it.
    href: view.tooLong ? `${path}?view=${view.id}` : addressOf(path, view),
    label: (
      <>
        <bdi className="min-w-0 flex-1 wrap-anywhere">{view.name}</bdi>
        {view.tooLong && <span className="text-muted shrink-0 text-xs">too long to open</span>}
        {view.shared && <span className="text-muted shrink-0 text-xs">{view.own ? 'shared' : `by ${view.by}`}</span>}
      </>
    ),
  });
  const entries: MenuEntry[] = [
    {
      id: 'everyone',
      text: 'Everyone',
      label: 'Everyone',
      href: path,
      isCurrent: () => isSameView(state, ViewStateSchema.parse({ filter: {} })),
    },
    ...views.map(entry),
    'line',
    { id: 'new', text: 'Save as a new view', label: 'Save as a new view…', onAction: () => setDialog('new') },
    ...(open && (open.own || canGovern)
      ? [
          {
            id: 'edit',
            text: `Change “${open.name}”`,
            label: (
              <bdi className="wrap-anywhere">{open.own ? `Change “${open.name}”…` : `Delete “${open.name}”…`}</bdi>
            ),
            onAction: () => setDialog('edit'),
          },
        ]
      : []),
  ];
  return (
    <>
      <Menu
        label="Views"
        entries={entries}
        trigger={
          <AriaButton className={`${buttonClass()} max-w-full`} aria-label={open ? `View: ${open.name}` : 'Views'}>
            <Bookmark aria-hidden className="size-3.5 shrink-0" />
            <bdi className="max-w-44 truncate">{open ? open.name : 'Views'}</bdi>
            {changed && <span className="text-muted text-[13px]">changed</span>}
            <ChevronDown aria-hidden className="size-3.5 shrink-0" />
          </AriaButton>
        }
      />
      {dialog && (
        <SaveViewDialog
          sectionId={section.id}
          view={dialog === 'edit' ? open! : null}
          state={state}
          changed={changed}
          onSaved={onOpened}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}
