'use client';
// What the parts of the builder share: the document's changes, and which element is open.
import { createContext, useContext } from 'react';
import type { Option } from '@/components/ui/field';
import type { Attribute } from '@/lib/attributes/schema';
import type { Topic } from '@/lib/consents/schema';
import type { Element, FormDocument, Step } from '@/lib/forms/schema';
import type { Place } from './changes';

/** Stays the same object while somebody edits. */
export type BuilderActions = {
  slug: string;
  attributes: readonly Attribute[];
  topics: readonly Topic[];
  /** Countries of mobile numbers. */
  countries: readonly Option<string>[];
  /** An Account Owner or Admin, who can make topics and attributes. */
  isAdmin: boolean;
  /** `what`: changes with the same label, such as letters of one text, are one step of undo. */
  change: (change: (document: FormDocument) => FormDocument, what?: string | null) => void;
  changeElement: (id: string, change: (element: Element) => Element, what?: string | null) => void;
  /** Elements that people have been asked: their codes stay, as answers are known by them. */
  published: ReadonlySet<string>;
  rename: (id: string, code: string) => void;
  insert: (place: Place, element: Element) => void;
  remove: (id: string) => void;
  duplicate: (id: string) => void;
  shift: (id: string, by: -1 | 1) => void;
  move: (id: string, to: Place) => void;
  /** Opens an element for editing; null closes it. */
  open: (id: string | null) => void;
  addStep: (place: Place) => void;
  changeStep: (id: string, change: (step: Step) => Step, what?: string | null) => void;
  shiftStep: (at: number, by: -1 | 1) => void;
  mergeStep: (at: number) => void;
};

export const BuilderContext = createContext<BuilderActions | null>(null);

export function useBuilder(): BuilderActions {
  const actions = useContext(BuilderContext);
  if (!actions) throw new Error('This is a part of FormBuilder.');
  return actions;
}

/** The document and the open element: they change often, so they are apart. */
export const DocumentContext = createContext<{ document: FormDocument; opened: string | null } | null>(null);

export function useDocument() {
  const value = useContext(DocumentContext);
  if (!value) throw new Error('This is a part of FormBuilder.');
  return value;
}
