'use client';
// The keys of the canvas and of the outline, where the focus is on a card. In fields they do what they do everywhere.
import { useRef, type KeyboardEvent } from 'react';
import type { EditorActions, Shown } from './editor-context';
import { walk, type Arrow } from './outline';
import { START, type NodeId } from './tree';

const ARROWS: Record<string, Arrow> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' };
const MOVES = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'out', ArrowRight: 'in' } as const;

type Input = Pick<Shown, 'nodes'> & { actions: EditorActions; isOutline: boolean };

export function useCanvasKeys({ nodes, actions, isOutline }: Input) {
  /** By which way of a block somebody came down. */
  const lastWays = useRef(new Map<string, NodeId>());

  function go(from: NodeId, arrow: Arrow): void {
    const to = isOutline ? inList(from, arrow) : walk(nodes, from, arrow, (block) => lastWays.current.get(block));
    if (to === undefined) return;
    noteWays(to);
    actions.focusNode(to);
  }

  /** In the outline everything stands below each other. */
  function inList(from: NodeId, arrow: Arrow): NodeId | undefined {
    const at = nodes.findIndex(({ id }) => id === from);
    if (arrow === 'up') return nodes[at - 1]?.id;
    return arrow === 'down' ? nodes[at + 1]?.id : undefined;
  }

  function noteWays(node: NodeId): void {
    const byId = new Map(nodes.map((one) => [one.id, one]));
    for (let here = byId.get(node); here && here.kind !== 'start'; here = byId.get(here.parent ?? START)) {
      if (here.kind === 'way') lastWays.current.set(here.parent, here.id);
    }
  }

  function actionFor(event: KeyboardEvent, node: NodeId): (() => void) | undefined {
    const { key, altKey, shiftKey } = event;
    const ctrl = event.ctrlKey || event.metaKey;
    if (altKey && !ctrl && key in MOVES) return () => actions.shift(node, MOVES[key as keyof typeof MOVES]);
    if (ctrl && !altKey && !shiftKey) {
      if (key === 'c') return () => actions.copy(node);
      if (key === 'x') return () => actions.cut(node);
      if (key === 'v') return () => actions.paste(node);
      if (key === 'd') return () => actions.duplicate(node);
    }
    if (ctrl || altKey) return undefined;
    const arrow = ARROWS[key];
    if (arrow) return () => go(node, arrow);
    switch (key) {
      case 'Home':
        return () => actions.focusNode(START);
      case 'End':
        return () => actions.focusNode(nodes.at(-1)!.id);
      case 'Enter':
      case ' ':
      case 'F2':
        return () => actions.open(node);
      case '+':
      case 'Insert':
        return () => actions.askWhat(node);
      case 'Delete':
      case 'Backspace':
        return () => actions.remove(node);
      default:
        return undefined;
    }
  }

  return (event: KeyboardEvent): void => {
    if (event.defaultPrevented || !(event.target instanceof HTMLElement)) return;
    const node = event.target.dataset.nodeId;
    if (node === undefined || !event.currentTarget.contains(event.target)) return;
    // Text that somebody has marked is copied as text.
    if ((event.ctrlKey || event.metaKey) && event.key === 'c' && getSelection()?.isCollapsed === false) return;
    const act = actionFor(event, node);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
}
