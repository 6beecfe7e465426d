// A flow as a list in reading order: what lets people in, the steps, and the heads of the ways, each with its place. The canvas, the outline
// and the keyboard go by it.
import type { Block, Step } from '@/lib/flows/schema';
import { isBlock, listsOf, START, type NodeId } from './tree';

export type OutlineNode = {
  id: NodeId;
  /** From 1: of what lets people in, and the steps below it. */
  level: number;
  /** Its place among the steps of its list, or among the ways of its block; from 0. */
  index: number;
  count: number;
} & (
  | { kind: 'start' }
  /** `parent`: the head of the way that it stands on; null: it stands on none. */
  | { kind: 'step'; step: Step; parent: NodeId | null }
  /** `parent`: the block. `at`: its index among the block's ways; null: it is for whoever takes none of them. */
  | { kind: 'way'; block: Block; parent: NodeId; at: number | null }
);

export function outlineOf(steps: readonly Step[]): OutlineNode[] {
  const nodes: OutlineNode[] = [{ kind: 'start', id: START, level: 1, index: 0, count: 1 }];
  addList(nodes, steps, null, 1);
  return nodes;
}

function addList(nodes: OutlineNode[], steps: readonly Step[], parent: NodeId | null, level: number): void {
  for (const [index, step] of steps.entries()) {
    nodes.push({ kind: 'step', id: step.id, level, index, count: steps.length, step, parent });
    if (!isBlock(step)) continue;
    const lists = listsOf(step);
    for (const [at, [wayId, list]] of lists.entries()) {
      const own = at < step.ways.length ? at : null;
      nodes.push({
        ...{ kind: 'way', id: wayId, level: level + 1, index: at, count: lists.length },
        ...{ block: step, parent: step.id, at: own },
      });
      addList(nodes, list, wayId, level + 2);
    }
  }
}

export type Arrow = 'up' | 'down' | 'left' | 'right';

/**
 * Where an arrow key leads: up and down along the path, left and right to the next way. `lastWay`: by which way of a block somebody came to
 * what stands below it, for the way back up.
 */
export function walk(
  nodes: readonly OutlineNode[],
  from: NodeId,
  arrow: Arrow,
  lastWay: (blockId: string) => NodeId | undefined = () => undefined,
): NodeId | undefined {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const here = byId.get(from);
  if (!here) return undefined;
  const inList = (parent: NodeId | null) =>
    nodes.filter((node): node is StepNode => node.kind === 'step' && node.parent === parent);

  function below(node: OutlineNode): NodeId | undefined {
    if (node.kind === 'start') return inList(null)[0]?.id;
    if (node.kind === 'way') return inList(node.id)[0]?.id ?? behindBlock(node.parent);
    if (isBlock(node.step)) return listsOf(node.step)[0]?.[0];
    return next(node);
  }
  const next = (node: StepNode): NodeId | undefined =>
    inList(node.parent)[node.index + 1]?.id ?? (node.parent === null ? undefined : behindWay(node.parent));
  const behindWay = (wayId: NodeId): NodeId | undefined => {
    const way = byId.get(wayId);
    return way?.kind === 'way' ? behindBlock(way.parent) : undefined;
  };
  const behindBlock = (blockId: NodeId): NodeId | undefined => {
    const block = byId.get(blockId);
    return block?.kind === 'step' ? next(block) : undefined;
  };

  function above(node: OutlineNode): NodeId | undefined {
    if (node.kind === 'start') return undefined;
    if (node.kind === 'way') return node.parent;
    const before = inList(node.parent)[node.index - 1];
    return before ? endOf(before.step) : (node.parent ?? START);
  }
  function endOf(step: Step): NodeId {
    if (!isBlock(step)) return step.id;
    const lists = listsOf(step);
    const [wayId, list] = lists.find(([id]) => id === lastWay(step.id)) ?? lists[0]!;
    const last = list.at(-1);
    return last ? endOf(last) : wayId;
  }

  /** The way beside the innermost one that has one there. */
  function beside(node: OutlineNode, by: -1 | 1): NodeId | undefined {
    if (node.kind === 'start' || node.parent === null) return undefined;
    const way = node.kind === 'way' ? node : byId.get(node.parent);
    if (way?.kind !== 'way') return undefined;
    const other = listsOf(way.block)[way.index + by];
    if (!other) return beside(byId.get(way.parent)!, by);
    const [wayId, list] = other;
    if (node.kind === 'way') return wayId;
    return list[Math.min(node.index, list.length - 1)]?.id ?? wayId;
  }

  switch (arrow) {
    case 'up':
      return above(here);
    case 'down':
      return below(here);
    case 'left':
      return beside(here, -1);
    case 'right':
      return beside(here, 1);
  }
}

type StepNode = Extract<OutlineNode, { kind: 'step' }>;
