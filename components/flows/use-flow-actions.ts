'use client';
// What can be done with the steps of a flow, with what is said about it, and where the focus goes.
import { useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import type { SectionId } from '@/lib/db/ids';
import type { FlowDocument, Step } from '@/lib/flows/schema';
import { otherwiseOf, stepName, type FlowNames } from '@/lib/flows/words';
import { keepCopied, readCopied } from './clipboard';
import type { EditorActions, FlowThings } from './editor-context';
import { outlineOf } from './outline';
import { newStep } from './step-kinds';
import {
  copyOf,
  countInside,
  countSteps,
  duplicateStep,
  findStep,
  findWay,
  insertBehind,
  isBlock,
  newStepId,
  nodeBefore,
  removeKeeping,
  removeStep,
  shiftStep,
  START,
  updateStep,
  whyNot,
  type Direction,
  type NodeId,
} from './tree';
import { canRemoveWay, removeWay } from './ways';

type Input = {
  section: { id: SectionId; slug: string };
  flowHref: string;
  things: FlowThings;
  document: FlowDocument;
  names: FlowNames;
  selected: NodeId;
  /** Has all that can have the focus. */
  root: RefObject<HTMLElement | null>;
  /** The fields are in a dialog, for want of room beside the canvas. */
  isNarrow: boolean;
  change: EditorActions['change'];
  select: (node: NodeId) => void;
  /** Shows the dialog with the fields, or no longer. */
  setOpen: (isOpen: boolean) => void;
  askWhat: (behind: NodeId | null) => void;
  /** Asks before a block is removed with the steps on its ways. */
  askRemove: (id: string) => void;
  say: (words: string) => void;
};

const MOVED_WORDS: Record<Direction, string> = {
  up: 'It is the first here already',
  down: 'It is the last here already',
  out: 'It stands on no way',
  in: 'There is no way beside it',
};

const counted = (count: number) => (count === 1 ? '1 step' : `${count} steps`);

export function useFlowActions(input: Input): EditorActions {
  const { section, flowHref, things, document, root, change, select, setOpen, askWhat, askRemove, say } = input;
  const latest = useRef(input);
  /** What gets the focus once it is there. */
  const next = useRef<NodeId | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    latest.current = input;
  });

  useEffect(() => {
    const wanted = next.current;
    if (wanted === null) return undefined;
    next.current = null;
    const { activeElement, body } = window.document;
    if (activeElement === body || activeElement?.hasAttribute('data-node-id') === true) {
      focusNodeIn(root.current, wanted);
      return undefined;
    }
    // A list or a dialog that closes gives the focus back first.
    const timer = setTimeout(() => focusNodeIn(root.current, wanted), 40);
    return () => clearTimeout(timer);
  }, [document, turn, root]);

  return useMemo<EditorActions>(() => {
    const steps = () => latest.current.document.steps as readonly Step[];
    const changeSteps = (to: (steps: readonly Step[]) => readonly Step[], what: string | null = null) =>
      change((now) => {
        const after = to(now.steps);
        return after === now.steps ? now : { ...now, steps: after as Step[] };
      }, what);
    /** Once the change is shown. */
    const focusAfter = (node: NodeId) => {
      next.current = node;
      select(node);
      setTurn((times) => times + 1);
    };
    const focusNode = (node: NodeId) => {
      select(node);
      focusNodeIn(root.current, node);
    };
    const named = (id: string) => {
      const step = findStep(steps(), id);
      return step ? stepName(step, latest.current.names) : 'Step';
    };
    /** False: there would be too many. */
    const insert = (behind: NodeId, added: readonly Step[]): boolean => {
      const why = whyNot(insertBehind(steps(), behind, added));
      if (why) say(why);
      else changeSteps((now) => insertBehind(now, behind, added));
      return why === undefined;
    };
    const removed = (id: string, after: readonly Step[]) => {
      const near = nodeBefore(steps(), id) ?? START;
      changeSteps(() => after);
      focusAfter(near);
    };
    const copied = (node: NodeId): Step[] => {
      const step = findStep(steps(), node);
      return step ? [step] : (findWay(steps(), node)?.steps ?? []);
    };
    const dropWay = (wayId: NodeId) => {
      const way = findWay(steps(), wayId);
      if (!way) return;
      changeSteps((now) =>
        updateStep(now, way.block.id, (block) => (isBlock(block) ? removeWay(block, wayId) : block)),
      );
      focusAfter(way.block.id);
      say('Way removed. Ctrl+Z brings it back.');
    };
    /** Asks first if there are steps on it. */
    const removeWayOf = (wayId: NodeId) => {
      const way = findWay(steps(), wayId);
      if (!way) return say('This stays: it is where people come in.');
      if (otherwiseOf(way.block) === wayId) return say('This way stays: somebody may fit none of the others.');
      if (!canRemoveWay(way.block)) return say('This way stays: the step needs it. Remove the step instead.');
      if (way.steps.length > 0) return askRemove(wayId);
      dropWay(wayId);
    };
    const keep = (kept: readonly Step[]): boolean => {
      const isKept = keepCopied(section.id, kept);
      if (!isKept) say('This browser keeps no copies.');
      return isKept;
    };
    const open = (node: NodeId) => {
      setOpen(true);
      const { isNarrow, selected } = latest.current;
      const isOnCard = window.document.activeElement?.hasAttribute('data-node-id') === true;
      if (!isNarrow && isOnCard && selected === node) return focusFields();
      select(node);
      setTimeout(focusFields, 60);
    };
    return {
      section,
      flowHref,
      things,
      change,
      changeStep: (step, part, what) =>
        changeSteps(
          (now) => updateStep(now, step.id, (one) => ({ ...one, ...part })),
          what ? `${step.id} ${what}` : null,
        ),
      add: (behind, kind) => {
        const step = newStep(kind);
        if (!insert(behind, [step])) return;
        focusAfter(step.id);
        say(`${stepName(step, latest.current.names)} added. Enter opens its fields.`);
        if (latest.current.isNarrow && kind !== 'leave') setOpen(true);
      },
      askWhat,
      copy: (node) => {
        const kept = copied(node);
        if (kept.length === 0) return say('There is no step to copy here.');
        if (keep(kept))
          say(`${counted(countSteps(kept))} copied. Ctrl+V adds it behind another one, also in another flow.`);
      },
      cut: (id) => {
        const kept = copied(id);
        if (!findStep(steps(), id)) return say('Only steps can be cut.');
        if (!keep(kept)) return;
        say(`${counted(countSteps(kept))} cut. Ctrl+V adds it behind another one.`);
        removed(id, removeStep(steps(), id));
      },
      paste: (behind) => {
        const added = copyOf(readCopied(section.id), newStepId);
        if (added.length === 0) return say('Nothing has been copied in this section yet.');
        if (!insert(behind, added)) return;
        focusAfter(added[0]!.id);
        say(`${counted(countSteps(added))} added`);
      },
      duplicate: (id) => {
        const after = duplicateStep(steps(), id, newStepId);
        const why = whyNot(after);
        if (why || after === steps()) return say(why ?? 'Only steps can be copied.');
        changeSteps(() => after);
        const nodes = outlineOf(after);
        const at = nodes.findIndex((node) => node.id === id);
        const copy = nodes.slice(at + 1).find(({ level }) => level === nodes[at]!.level);
        if (copy) focusAfter(copy.id);
        say('Copied');
      },
      shift: (id, by) => {
        const after = shiftStep(steps(), id, by);
        if (after === steps()) return say(findStep(steps(), id) ? MOVED_WORDS[by] : 'Only steps can be moved.');
        changeSteps((now) => shiftStep(now, id, by));
        focusAfter(id);
        const place = outlineOf(after).find((node) => node.id === id);
        say(place ? `${named(id)}: now step ${place.index + 1} of ${place.count}` : 'Moved');
      },
      remove: (id) => {
        const step = findStep(steps(), id);
        if (!step) return removeWayOf(id);
        if (countInside(step) > 0) return askRemove(id);
        say(`${named(id)} removed. Ctrl+Z brings it back.`);
        removed(id, removeStep(steps(), id));
      },
      removeAll: (id, kept) => {
        if (!findStep(steps(), id)) return dropWay(id);
        say(`${named(id)} removed. Ctrl+Z brings it back.`);
        removed(id, kept === null ? removeStep(steps(), id) : removeKeeping(steps(), id, kept));
      },
      select,
      press: (node) => {
        if (latest.current.isNarrow) open(node);
        else focusNode(node);
      },
      open,
      focusNode,
      focusAfter,
      say,
    };
  }, [section, flowHref, things, root, change, select, setOpen, askWhat, askRemove, say]);
}

export function focusNodeIn(root: HTMLElement | null, node: NodeId): void {
  const element = root?.querySelector<HTMLElement>(`[data-node-id="${node}"]`);
  element?.focus();
  element?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

/** The first field of what is chosen. */
export function focusFields(): void {
  const fields = document.querySelector<HTMLElement>('[data-step-fields]');
  const first = fields?.querySelector<HTMLElement>('input:enabled, textarea, select, button:enabled');
  (first ?? fields)?.focus();
  // What is typed takes the place of what was there.
  if (first instanceof HTMLInputElement) first.select();
}
