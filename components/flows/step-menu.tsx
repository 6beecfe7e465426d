'use client';
// What can be done with a step or with a way, as a menu.
import {
  ArrowDown,
  ArrowUp,
  ClipboardCopy,
  ClipboardPaste,
  Copy,
  CornerUpLeft,
  IndentIncrease,
  Plus,
  Scissors,
  Trash2,
} from 'lucide-react';
import type { MenuEntry } from '@/components/ui/menu';
import type { EditorActions } from './editor-context';
import type { NodeId } from './tree';

export function menuEntries(id: NodeId, what: 'step' | 'way', actions: EditorActions): MenuEntry[] {
  if (what === 'way') {
    return [
      entry('add', 'Add a step here', Plus, () => actions.askWhat(id)),
      entry('copy', 'Copy its steps', ClipboardCopy, () => actions.copy(id)),
      entry('paste', 'Paste here', ClipboardPaste, () => actions.paste(id)),
      'line',
      entry('remove', 'Remove', Trash2, () => actions.remove(id), true),
    ];
  }
  return [
    entry('add', 'Add a step after it', Plus, () => actions.askWhat(id)),
    'line',
    entry('up', 'Move up', ArrowUp, () => actions.shift(id, 'up')),
    entry('down', 'Move down', ArrowDown, () => actions.shift(id, 'down')),
    entry('out', 'Move off its way', CornerUpLeft, () => actions.shift(id, 'out')),
    entry('in', 'Move onto the way beside it', IndentIncrease, () => actions.shift(id, 'in')),
    'line',
    entry('duplicate', 'Make a copy', Copy, () => actions.duplicate(id)),
    entry('copy', 'Copy', ClipboardCopy, () => actions.copy(id)),
    entry('cut', 'Cut', Scissors, () => actions.cut(id)),
    entry('paste', 'Paste after it', ClipboardPaste, () => actions.paste(id)),
    'line',
    entry('remove', 'Remove', Trash2, () => actions.remove(id), true),
  ];
}

function entry(id: string, text: string, Icon: typeof Copy, onAction: () => void, danger = false) {
  return {
    id,
    text,
    danger,
    onAction,
    label: (
      <>
        <Icon aria-hidden className={danger ? 'size-4' : 'text-muted size-4'} /> {text}
      </>
    ),
  };
}
