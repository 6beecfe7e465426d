'use client';
// A block on the canvas: its content, who sees it, and what can be done with it while it is selected.
import clsx from 'clsx';
import { ArrowDown, ArrowUp, CircleAlert, Ellipsis, Eye, GripVertical, Plus } from 'lucide-react';
import { useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Menu } from '@/components/ui/menu';
import type { Block, OnlyFor } from '@/lib/mail-document/schema';
import { AddBlock } from './add-block';
import { useEditorActions } from './editor-context';
import { useTagOfBlock } from './use-tag-of-block';
import { BLOCK_KINDS } from './new-blocks';

/** The type of what is dragged. Its end is the kind of block: a list sees types before the drop, but not the data. */
export const DRAGGED = 'application/x-tagwell-block';

export type BlockPlace = {
  block: Block;
  isSelected: boolean;
  within: string | null;
  column: number;
  index: number;
  count: number;
};

/** `children`: its content. */
type Props = BlockPlace & { children: ReactNode };

export function BlockFrame({ block, isSelected, within, column, index, count, children }: Props) {
  const { select, remove, duplicate, shift, openSettings } = useEditorActions();
  const frame = useRef<HTMLDivElement>(null);
  const [isAdding, setAdding] = useState(false);
  const { name } = BLOCK_KINDS[block.kind];
  const hasText = ['heading', 'text', 'button', 'footer'].includes(block.kind);

  function onKeyDown(event: KeyboardEvent) {
    // Keys of a block inside of this one, and of what has opened over it, are not its own.
    const own = (event.target as Element).closest('[data-block-id]') === frame.current;
    if (!own || event.defaultPrevented) return;
    const isFrame = event.target === frame.current;
    const act = actionFor(event, isFrame);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  function actionFor(event: KeyboardEvent, isFrame: boolean): (() => void) | undefined {
    const { key, altKey, shiftKey } = event;
    const ctrl = event.ctrlKey || event.metaKey;
    if (altKey && shiftKey && key === 'ArrowUp') return () => shift(block.id, -1);
    if (altKey && shiftKey && key === 'ArrowDown') return () => shift(block.id, 1);
    if (ctrl && key === 'Enter') return () => setAdding(true);
    if (ctrl && key.toLowerCase() === 'd') return () => duplicate(block.id);
    if (key === 'Escape' && !isFrame) return () => frame.current?.focus();
    if (!isFrame || ctrl || altKey) return undefined;
    if (key === 'Escape') return () => select(null);
    if (key === 'Delete' || key === 'Backspace') return () => remove(block.id);
    if (key === 'ArrowUp') return () => focusNear(frame.current, -1);
    if (key === 'ArrowDown') return () => focusNear(frame.current, 1);
    if (key === 'Enter') return () => (hasText ? focusText(frame.current) : openSettings(block.id));
    return undefined;
  }

  return (
    <div
      ref={frame}
      data-block-id={block.id}
      role="group"
      aria-label={`${name}, ${index + 1} of ${count}`}
      tabIndex={hasText ? -1 : 0}
      onFocusCapture={(event) => {
        if ((event.target as Element).closest('[data-block-id]') === frame.current) select(block.id);
      }}
      onClick={(event) => {
        if ((event.target as Element).closest('[data-block-id]') !== frame.current) return;
        // A press on a link or picture selects, and leads nowhere.
        if ((event.target as Element).closest('a')) event.preventDefault();
        select(block.id);
      }}
      onKeyDown={onKeyDown}
      className={clsx(
        'relative rounded-xs outline-2 -outline-offset-2 transition-[outline-color]',
        isSelected ? 'outline-[#0b6a63]' : 'outline-transparent hover:outline-[#0b6a63]/35',
      )}
    >
      <Who who={block.onlyFor} blockId={block.id} />
      {children}
      {isSelected && (
        <Actions
          block={block}
          frame={frame}
          place={{ within, column, index }}
          isFirst={index === 0}
          isLast={index === count - 1}
          isAdding={isAdding}
          setAdding={setAdding}
        />
      )}
    </div>
  );
}

function focusNear(frame: HTMLElement | null, by: -1 | 1): void {
  const all = [...document.querySelectorAll<HTMLElement>('[data-block-id]')];
  if (frame) all[all.indexOf(frame) + by]?.focus();
}

export function focusText(frame: HTMLElement | null): void {
  const text = frame?.querySelector<HTMLElement>('.ProseMirror');
  if (text) text.focus();
  else frame?.focus();
}

/** Who sees the block, in words, always in sight. */
function Who({ who, blockId }: { who: OnlyFor; blockId: string }) {
  const { askWho } = useEditorActions();
  const tag = useTagOfBlock(who);
  if (!who) return null;
  return (
    <AriaButton
      onPress={() => askWho(blockId)}
      className={clsx(
        'mx-6 mt-1.5 -mb-1 flex max-w-[calc(100%-3rem)] items-center gap-1.5 rounded-full px-2.5 py-0.5 text-left font-sans text-xs font-medium',
        tag.isLost
          ? 'bg-[#fbe3e0] text-[#93201a] hover:bg-[#f6ccc7]'
          : 'bg-[#dcefed] text-[#0a5751] hover:bg-[#c6e4e1]',
      )}
    >
      {tag.isLost ? (
        <CircleAlert aria-hidden className="size-3.5 shrink-0" />
      ) : (
        <Eye aria-hidden className="size-3.5 shrink-0" />
      )}
      <span className="min-w-0 wrap-anywhere">
        Only for people {who.has ? 'with' : 'without'} the tag <b>{tag.name}</b>
        {tag.isLost && ', which is hidden'}
      </span>
    </AriaButton>
  );
}

type ActionsProps = {
  block: Block;
  frame: RefObject<HTMLDivElement | null>;
  place: { within: string | null; column: number; index: number };
  isFirst: boolean;
  isLast: boolean;
  isAdding: boolean;
  setAdding: (isAdding: boolean) => void;
};

const action =
  'inline-flex size-7 items-center justify-center rounded text-white hover:bg-white/20 disabled:opacity-40 outline-offset-0 outline-white';

/** On the edge of the block, so that nothing moves when it appears. */
function Actions({ block, frame, place, isFirst, isLast, isAdding, setAdding }: ActionsProps) {
  const { shift, duplicate, remove, askWho, openSettings } = useEditorActions();
  const { name } = BLOCK_KINDS[block.kind];
  const entries = [
    { id: 'settings', text: 'Settings', label: 'Settings', onAction: () => openSettings(block.id) },
    { id: 'who', text: 'Who sees it', label: 'Who sees it…', onAction: () => askWho(block.id) },
    { id: 'copy', text: 'Make a copy', label: 'Make a copy', onAction: () => duplicate(block.id) },
    'line' as const,
    { id: 'remove', text: 'Remove', label: 'Remove', danger: true, onAction: () => remove(block.id) },
  ];
  return (
    <div
      role="toolbar"
      aria-label={`${name}: actions`}
      className="absolute -top-4 right-1.5 z-20 flex items-center rounded-md bg-[#0b6a63] p-0.5 shadow-md"
    >
      <span
        aria-hidden
        draggable
        title="Drag to move"
        onDragStart={(event) => {
          event.dataTransfer.setData(DRAGGED, block.id);
          // The types alone can be read while it is dragged.
          event.dataTransfer.setData(`${DRAGGED}-${block.kind}`, '');
          event.dataTransfer.effectAllowed = 'move';
          if (frame.current) event.dataTransfer.setDragImage(frame.current, 20, 20);
        }}
        className={`${action} hidden cursor-grab pointer-fine:inline-flex`}
      >
        <GripVertical className="size-4" />
      </span>
      <AriaButton aria-label="Move up" isDisabled={isFirst} onPress={() => shift(block.id, -1)} className={action}>
        <ArrowUp aria-hidden className="size-4" />
      </AriaButton>
      <AriaButton aria-label="Move down" isDisabled={isLast} onPress={() => shift(block.id, 1)} className={action}>
        <ArrowDown aria-hidden className="size-4" />
      </AriaButton>
      <AddBlock
        place={{ ...place, index: place.index + 1 }}
        isOpen={isAdding}
        onOpenChange={setAdding}
        trigger={
          <AriaButton aria-label="Add a block below" className={action}>
            <Plus aria-hidden className="size-4" />
          </AriaButton>
        }
      />
      <Menu
        label={`${name}: more`}
        entries={entries}
        trigger={
          <AriaButton aria-label="More" className={action}>
            <Ellipsis aria-hidden className="size-4" />
          </AriaButton>
        }
      />
    </div>
  );
}
