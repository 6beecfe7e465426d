'use client';
// '+': what can be added, and where.
import clsx from 'clsx';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { listPopoverClass, optionClass } from '@/components/ui/popover-class';
import type { BlockKind } from '@/lib/mail-document/schema';
import { BLOCK_KINDS, newBlock } from './new-blocks';
import { useEditorActions } from './editor-context';
import { canStandIn, type Place } from './tree';

const KINDS = Object.keys(BLOCK_KINDS) as BlockKind[];

/** `trigger`: the button. */
export function AddBlock({
  place,
  trigger,
  isOpen,
  onOpenChange,
}: {
  place: Place;
  trigger: ReactNode;
  isOpen?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
}) {
  const { insert } = useEditorActions();
  return (
    <MenuTrigger isOpen={isOpen} onOpenChange={onOpenChange}>
      {trigger}
      <Popover placement="bottom" className={`${listPopoverClass} w-64`}>
        <Menu
          aria-label="Add a block"
          className="outline-none"
          onAction={(kind) => insert(place, newBlock(kind as BlockKind))}
        >
          {KINDS.filter((kind) => canStandIn(kind, place.within)).map((kind) => {
            const { name, hint, Icon } = BLOCK_KINDS[kind];
            return (
              <MenuItem key={kind} id={kind} textValue={name} className={`${optionClass} flex items-center gap-3`}>
                <Icon aria-hidden className="text-muted size-4 shrink-0" />
                <span className="min-w-0">
                  <span className="block font-medium">{name}</span>
                  <span className="text-muted block text-xs">{hint}</span>
                </span>
              </MenuItem>
            );
          })}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

/** Between two blocks: appears where the mouse is. By keyboard, a block's own 'Add below' does the same. */
export function Gap({ place }: { place: Place }) {
  return (
    <div className="group/gap relative z-10 -my-2.5 h-5">
      <div
        aria-hidden
        className="bg-accent absolute inset-x-2 top-1/2 h-0.5 -translate-y-1/2 rounded-full opacity-0 transition-opacity group-focus-within/gap:opacity-100 group-hover/gap:opacity-100 group-has-data-[pressed]/gap:opacity-100"
      />
      <AddBlock
        place={place}
        trigger={
          <Button
            aria-label="Add a block here"
            excludeFromTabOrder
            className="bg-accent text-on-accent absolute top-1/2 left-1/2 flex size-6 -translate-1/2 items-center justify-center rounded-full opacity-0 shadow transition-opacity group-hover/gap:opacity-100 aria-expanded:opacity-100 data-[focus-visible]:opacity-100"
          >
            <Plus aria-hidden className="size-4" />
          </Button>
        }
      />
    </div>
  );
}

/** At the end of a list. */
export function AddAtEnd({ place, quiet = false }: { place: Place; quiet?: boolean }) {
  return (
    <AddBlock
      place={place}
      trigger={
        <Button
          className={clsx(
            'flex w-full items-center justify-center gap-1.5 rounded-md border border-dashed text-[13px] font-medium',
            'border-[#71717a] text-[#3f3f46] hover:bg-black/5',
            quiet ? 'py-1.5' : 'py-2.5',
          )}
        >
          <Plus aria-hidden className="size-4" />
          {quiet ? 'Add' : 'Add a block'}
        </Button>
      }
    />
  );
}
