// Operations on a draft's tree. Unchanged nodes keep their identity, so that only changed ones re-render.
import { groupOf, newKey, type DraftGroup, type DraftNode } from './draft';

/** The position of a node: its group and index. */
export type Position = { groupKey: string; index: number };

export function findNode(root: DraftNode, key: string): DraftNode | undefined {
  if (root.key === key) return root;
  if (root.kind !== 'group') return undefined;
  for (const item of root.items) {
    const found = findNode(item, key);
    if (found) return found;
  }
  return undefined;
}

/** The group of a node, and its index there. */
export function positionOf(root: DraftGroup, key: string): { group: DraftGroup; index: number } | undefined {
  const index = root.items.findIndex((item) => item.key === key);
  if (index >= 0) return { group: root, index };
  for (const item of root.items) {
    const found = item.kind === 'group' ? positionOf(item, key) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** The tree with one node replaced, or removed if `change` returns null. */
export function changeNode<Node extends DraftNode>(
  root: Node,
  key: string,
  change: (node: DraftNode) => DraftNode | null,
): Node {
  if (root.kind !== 'group') return root;
  let changed = false;
  const items = root.items.flatMap((item) => {
    const next = item.key === key ? change(item) : changeNode(item, key, change);
    if (next !== item) changed = true;
    return next === null ? [] : [next];
  });
  return changed ? { ...root, items } : root;
}

export const replaceNode = (root: DraftGroup, node: DraftNode): DraftGroup =>
  node.key === root.key ? (node as DraftGroup) : changeNode(root, node.key, () => node);

export const removeNode = (root: DraftGroup, key: string): DraftGroup => changeNode(root, key, () => null);

export function insertNode(root: DraftGroup, node: DraftNode, { groupKey, index }: Position): DraftGroup {
  const insert = (group: DraftNode): DraftNode =>
    group.kind === 'group'
      ? { ...group, items: [...group.items.slice(0, index), node, ...group.items.slice(index)] }
      : group;
  return root.key === groupKey ? (insert(root) as DraftGroup) : changeNode(root, groupKey, insert);
}

/** Moves a node, but never into itself. The index is that before the move. */
export function moveNode(root: DraftGroup, key: string, to: Position): DraftGroup {
  const node = findNode(root, key);
  const from = positionOf(root, key);
  if (!node || !from || findNode(node, to.groupKey) || findNode(root, to.groupKey)?.kind !== 'group') return root;
  const sameGroup = from.group.key === to.groupKey;
  if (sameGroup && (to.index === from.index || to.index === from.index + 1)) return root;
  const index = sameGroup && to.index > from.index ? to.index - 1 : to.index;
  return insertNode(removeNode(root, key), node, { groupKey: to.groupKey, index });
}

/** How the keyboard moves a node: up and down past its neighbours, out of its group, into the adjacent group. */
export type Direction = 'up' | 'down' | 'out' | 'in';

export function positionTowards(root: DraftGroup, key: string, way: Direction): Position | undefined {
  const here = positionOf(root, key);
  if (!here) return undefined;
  const { group, index } = here;
  switch (way) {
    case 'up':
      return index > 0 ? { groupKey: group.key, index: index - 1 } : undefined;
    case 'down':
      return index < group.items.length - 1 ? { groupKey: group.key, index: index + 2 } : undefined;
    case 'out': {
      const outer = positionOf(root, group.key);
      return outer && { groupKey: outer.group.key, index: outer.index + 1 };
    }
    case 'in': {
      const [above, below] = [group.items[index - 1], group.items[index + 1]];
      if (above?.kind === 'group') return { groupKey: above.key, index: above.items.length };
      return below?.kind === 'group' ? { groupKey: below.key, index: 0 } : undefined;
    }
  }
}

/** A copy with new keys. */
export function copyOf(node: DraftNode): DraftNode {
  switch (node.kind) {
    case 'group':
      return { ...node, key: newKey(), items: node.items.map(copyOf) };
    case 'event':
      return { ...node, key: newKey(), fields: node.fields.map((field) => ({ ...field, key: newKey() })) };
    default:
      return { ...node, key: newKey() };
  }
}

/** Inserts a copy after a node. */
export function duplicateNode(root: DraftGroup, key: string): DraftGroup {
  const node = findNode(root, key);
  const here = positionOf(root, key);
  return node && here ? insertNode(root, copyOf(node), { groupKey: here.group.key, index: here.index + 1 }) : root;
}

/** Wraps a node in a new group. */
export const wrapNode = (root: DraftGroup, key: string): DraftGroup =>
  changeNode(root, key, (node) => groupOf('any', [node]));

/** Replaces a group by its items. */
export function unwrapGroup(root: DraftGroup, key: string): DraftGroup {
  const here = positionOf(root, key);
  const group = findNode(root, key);
  if (!here || group?.kind !== 'group') return root;
  const { index } = here;
  const parts = (outer: DraftNode): DraftNode =>
    outer.kind === 'group'
      ? { ...outer, items: [...outer.items.slice(0, index), ...group.items, ...outer.items.slice(index + 1)] }
      : outer;
  return here.group.key === root.key ? (parts(root) as DraftGroup) : changeNode(root, here.group.key, parts);
}
