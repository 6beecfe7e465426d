'use client';
// What every part of the builder needs: the words of the section, and how to change the draft.
import { createContext, useContext } from 'react';
import type { TagId } from '@/lib/db/ids';
import type { Vocabulary } from '@/lib/segments/vocabulary';
import type { DraftGroup, DraftNode } from './draft';
import type { Spot, Way } from './draft-tree';

/** Of a part: its handle, its first field, or the button that adds to it. */
export type FocusOn = 'handle' | 'field' | 'add';

export type Builder = {
  slug: string;
  vocabulary: Vocabulary;
  timeZone: string;
  /** A tag's name, and why it cannot be used any more. Undefined until the section's tags are loaded. */
  tag: (id: TagId) => { name: string; lost?: string } | undefined;
  /** Saving was tried: what is not complete is shown as wrong. */
  strict: boolean;
  /** Changes the tree. `what`: changes of the same thing soon after each other are one step of undo. */
  change: (change: (root: DraftGroup) => DraftGroup, what?: string) => void;
  /** Puts a changed part in place of the one with its key. */
  replace: (node: DraftNode, what?: string) => void;
  add: (node: DraftNode, to: Spot) => void;
  remove: (key: string) => void;
  copy: (key: string) => void;
  /** Puts a part into a group of its own. */
  wrap: (key: string) => void;
  /** Leaves a group's parts in its place. */
  unwrap: (key: string) => void;
  /** Puts the focus where one goes on when what had it is taken away. */
  focus: (on: FocusOn, key: string) => void;
  /** Moves a part and keeps the focus on its handle. Does nothing if the target does not exist. */
  move: (key: string, way: Way) => void;
  drag: { start: (key: string) => void; over: (spot: Spot | null) => void; drop: () => void; end: () => void };
};

export const BuilderContext = createContext<Builder | null>(null);

export function useBuilder(): Builder {
  const builder = useContext(BuilderContext);
  if (!builder) throw new Error('Parts of the builder are drawn inside it.');
  return builder;
}

/** Where the part that is dragged would come to lie. */
export const DropContext = createContext<Spot | null>(null);
