'use client';
// What the parts of the editor share: the flow's changes, and what is chosen.
import { createContext, useContext } from 'react';
import type { FlowId, FormId, MessageId, SectionId } from '@/lib/db/ids';
import type { FlowProblem } from '@/lib/flows/problems';
import type { FlowNumbers } from '@/lib/flows/queries';
import type { FlowDocument, FlowSettings, Step, StepKind } from '@/lib/flows/schema';
import type { FlowNames } from '@/lib/flows/words';
import type { SendLimits } from '@/lib/messages/limits-schema';
import type { Vocabulary } from '@/lib/segments/vocabulary';
import type { NodeNumbers } from './number-words';
import type { OutlineNode } from './outline';
import type { Direction, NodeId } from './tree';

/** What a flow can refer to. */
export type FlowThings = {
  vocabulary: Vocabulary;
  messages: readonly { id: MessageId; name: string; channel: 'email' | 'sms' }[];
  forms: readonly { id: FormId; name: string }[];
  /** Not the flow itself. */
  flows: readonly { id: FlowId; name: string }[];
  /** How many messages somebody gets at most, of the section. */
  limits: SendLimits;
};

/** Stays the same object while somebody edits. */
export type EditorActions = {
  section: { id: SectionId; slug: string };
  /** The address of the flow. */
  flowHref: string;
  things: FlowThings;
  /** `what`: changes with the same label, such as letters of one text, are one step of undo. */
  change: (change: (document: FlowDocument) => FlowDocument, what?: string | null) => void;
  changeStep: <Of extends Step>(step: Of, part: Partial<Of>, what?: string) => void;
  /** Adds a step behind a node. */
  add: (behind: NodeId, kind: StepKind) => void;
  /** Opens the list of what can be added behind a node. */
  askWhat: (behind: NodeId | null) => void;
  /** A step with all on its ways, or the steps on a way. */
  copy: (node: NodeId) => void;
  cut: (id: string) => void;
  paste: (behind: NodeId) => void;
  duplicate: (id: string) => void;
  shift: (id: string, by: Direction) => void;
  /** A step or a way. Asks first if steps go with it. */
  remove: (node: NodeId) => void;
  /** Removes a block or a way with its steps. `keep`: of a block, the way whose steps stay in its place. */
  removeAll: (node: NodeId, keep: NodeId | null) => void;
  select: (node: NodeId) => void;
  /** By a click: shows its fields. */
  press: (node: NodeId) => void;
  /** Shows the fields of a node, with the focus in the first one. */
  open: (node: NodeId) => void;
  focusNode: (node: NodeId) => void;
  /** Once a change that is under way is shown. */
  focusAfter: (node: NodeId) => void;
  say: (words: string) => void;
};

export const EditorContext = createContext<EditorActions | null>(null);

export function useEditor(): EditorActions {
  const actions = useContext(EditorContext);
  if (!actions) throw new Error('This is a part of FlowEditor.');
  return actions;
}

/** Changes often, so it is apart. */
export type Shown = {
  document: FlowDocument;
  settings: FlowSettings;
  names: FlowNames;
  nodes: readonly OutlineNode[];
  /** By the id of the node. */
  problems: ReadonlyMap<NodeId, readonly FlowProblem[]>;
  selected: NodeId;
  /** What has happened in the flow; null before it has been published. */
  totals: FlowNumbers | null;
  /** The same at each node; empty before the flow has been published. */
  numbers: ReadonlyMap<NodeId, NodeNumbers>;
  /** Behind which node something is being added. */
  adding: NodeId | null;
};

export const ShownContext = createContext<Shown | null>(null);

export function useShown(): Shown {
  const shown = useContext(ShownContext);
  if (!shown) throw new Error('This is a part of FlowEditor.');
  return shown;
}
