'use client';
// Actions on a condition or group: move, copy, group, remove. The handle moves it with the mouse and the arrow keys.
import {
  ArrowDown,
  ArrowUp,
  Copy,
  CornerUpLeft,
  Ellipsis,
  GripVertical,
  Group,
  IndentIncrease,
  Ungroup,
  X,
} from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { IconButton } from '@/components/ui/button';
import { Menu, type MenuEntry } from '@/components/ui/menu';
import { useBuilder } from './builder-context';
import type { DraftNode } from './draft';
import type { Direction } from './draft-tree';

const DIRECTIONS: Record<string, Direction> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'out', ArrowRight: 'in' };

export function DragHandle({ node, words }: { node: DraftNode; words: string }) {
  const { drag, move } = useBuilder();
  function onKeyDown(event: KeyboardEvent) {
    const way = DIRECTIONS[event.key];
    if (!way || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move(node.key, way);
  }
  return (
    <button
      type="button"
      draggable
      data-handle={node.key}
      aria-label={`Move: ${words}. Arrow keys: up, down, left out of the group, right into the group next to it`}
      title="Drag, or use the arrow keys"
      onKeyDown={onKeyDown}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move';
        event.dataTransfer.setData('text/plain', words);
        drag.start(node.key);
      }}
      onDragEnd={drag.end}
      className="text-muted hover:text-ink flex h-8 w-5 shrink-0 cursor-grab items-center justify-center rounded"
    >
      <GripVertical aria-hidden className="size-4" />
    </button>
  );
}

export function PartMenu({ node, words }: { node: DraftNode; words: string }) {
  const { copy, wrap, unwrap, move, remove } = useBuilder();
  const entry = (id: string, text: string, Icon: typeof Copy, onAction: () => void): MenuEntry => ({
    id,
    text,
    onAction,
    label: (
      <>
        <Icon aria-hidden className="text-muted size-4" /> {text}
      </>
    ),
  });
  const entries: MenuEntry[] = [
    entry('copy', 'Copy', Copy, () => copy(node.key)),
    entry('wrap', 'Wrap in a group', Group, () => wrap(node.key)),
    ...(node.kind === 'group' ? [entry('unwrap', 'Ungroup', Ungroup, () => unwrap(node.key))] : []),
    'line',
    entry('up', 'Move up', ArrowUp, () => move(node.key, 'up')),
    entry('down', 'Move down', ArrowDown, () => move(node.key, 'down')),
    entry('in', 'Move into the next group', IndentIncrease, () => move(node.key, 'in')),
    entry('out', 'Move out of the group', CornerUpLeft, () => move(node.key, 'out')),
  ];
  const trigger = (
    <AriaButton
      aria-label={`More actions for: ${words}`}
      className="text-muted hover:text-ink hover:bg-hover inline-flex size-8 shrink-0 items-center justify-center rounded-md"
    >
      <Ellipsis aria-hidden className="size-4" />
    </AriaButton>
  );
  return (
    <span className="flex shrink-0">
      <Menu label={`Actions for: ${words}`} trigger={trigger} entries={entries} />
      <IconButton label={`Remove: ${words}`} onPress={() => remove(node.key)}>
        <X aria-hidden className="size-4" />
      </IconButton>
    </span>
  );
}
