'use client';
// Shared by all parts of the builder: names, and functions that change the draft.
import { createContext, useContext } from 'react';
import type { TagId } from '@/lib/db/ids';
import type { Vocabulary } from '@/lib/segments/vocabulary';
import type { DraftGroup, DraftNode } from './draft';
import type { Position, Direction } from './draft-tree';

/** What to focus in a node: its handle, its first field, or the button that adds to it. */
export type FocusTarget = 'handle' | 'field' | 'add';

export type Builder = {
  slug: string;
  vocabulary: Vocabulary;
  timeZone: string;
  /** A tag's name, and why it cannot be used any more. Undefined until it has loaded. */
  tag: (id: TagId) => { name: string; lost?: string } | undefined;
  /** Saving was attempted: incomplete fields are shown as errors. */
  strict: boolean;
  /** Changes the tree. `what`: successive changes with the same label are one step of undo. */
  change: (change: (root: DraftGroup) => DraftGroup, what?: string) => void;
  /** Replaces the node with the same key. */
  replace: (node: DraftNode, what?: string) => void;
  add: (node: DraftNode, to: Position) => void;
  remove: (key: string) => void;
  copy: (key: string) => void;
  /** Puts a node into a new group. */
  wrap: (key: string) => void;
  /** Replaces a group by its items. */
  unwrap: (key: string) => void;
  /** Moves the focus to the next sensible element when the focused one is removed. */
  focus: (on: FocusTarget, key: string) => void;
  /** Moves a node and keeps the focus on its handle. Does nothing if the target does not exist. */
  move: (key: string, way: Direction) => void;
  drag: { start: (key: string) => void; over: (position: Position | null) => void; drop: () => void; end: () => void };
};

export const BuilderContext = createContext<Builder | null>(null);

export function useBuilder(): Builder {
  const builder = useContext(BuilderContext);
  if (!builder) throw new Error('Parts of the builder are drawn inside it.');
  return builder;
}

/** Where the dragged node would be dropped. */
export const DropContext = createContext<Position | null>(null);
