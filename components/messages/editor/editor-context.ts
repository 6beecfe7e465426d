'use client';
// What the parts of the editor share: the document's changes, and what is selected.
import type { Editor } from '@tiptap/react';
import { createContext, useContext } from 'react';
import type { Attribute } from '@/lib/attributes/schema';
import type { HiddenParts } from '@/lib/messages/attention';
import type { Block, Brand, MailDocument } from '@/lib/mail-document/schema';
import type { Place } from './tree';

export type EditorAttribute = Pick<Attribute, 'id' | 'name' | 'type'>;

/** Stays the same object while somebody edits, so that blocks which have not changed are not drawn again. */
export type EditorActions = {
  slug: string;
  brand: Brand;
  attributes: readonly EditorAttribute[];
  /** What the mail refers to, and is hidden. */
  hidden: HiddenParts;
  /** Calls of the API send it, and may give it values. */
  forApi: boolean;
  /** `what`: changes with the same label, such as letters of one text, are one step of undo. */
  change: (change: (document: MailDocument) => MailDocument, what?: string | null) => void;
  changeBlock: (id: string, change: (block: Block) => Block, what?: string | null) => void;
  /** Begins an empty mail with these blocks. `head`: for what of it has not been written yet. */
  start: (blocks: readonly Block[], head?: Pick<MailDocument, 'subject' | 'preheader'>) => void;
  insert: (place: Place, block: Block) => void;
  /** After a block, in its list. */
  addAfter: (id: string, block: Block) => void;
  remove: (id: string) => void;
  duplicate: (id: string) => void;
  shift: (id: string, by: -1 | 1) => void;
  move: (id: string, to: Place) => void;
  select: (id: string | null) => void;
  /** The text with the cursor, for the toolbar. `plain`: it has no bold, no links. */
  setText: (text: { editor: Editor; plain: boolean } | null) => void;
  /** Opens 'who sees it' of a block. */
  askWho: (id: string) => void;
  /** Shows the settings of the block where there is no room beside the canvas. */
  openSettings: (id: string) => void;
  focusToolbar: () => void;
};

export const EditorContext = createContext<EditorActions | null>(null);

export function useEditorActions(): EditorActions {
  const actions = useContext(EditorContext);
  if (!actions) throw new Error('This is a part of MailEditor.');
  return actions;
}

/** The selected block, and how many there are: changes often, so it is apart. */
export const SelectionContext = createContext<{ selected: string | null }>({
  selected: null,
});
