// Random changes of a tree match a simple model of nested boxes: no node is lost or duplicated.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeId, EventTypeId, TagId } from '@/lib/db/ids';
import { DEPTH_MAX, MATCHES, RulesSchema, type Match } from '@/lib/segments/schema';
import { comparisonFor } from '@/components/comparison/draft-comparison';
import {
  attributeCondition,
  completePart,
  eventCondition,
  groupOf,
  tagCondition,
  type DraftEvent,
  type DraftGroup,
  type DraftNode,
} from './draft';
import {
  changeNode,
  copyOf,
  duplicateNode,
  findNode,
  insertNode,
  moveNode,
  removeNode,
  replaceNode,
  positionOf,
  positionTowards,
  unwrapGroup,
  wrapNode,
  type Direction,
} from './draft-tree';

const tag = (id: number) => tagCondition(id as TagId);

/** Every node, each group before its items. */
function partsOf(node: DraftNode): DraftNode[] {
  return node.kind === 'group' ? [node, ...node.items.flatMap(partsOf)] : [node];
}

// ── The model ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** A group has a match, a condition has a tag. `key`: null until the draft has assigned one. */
type Box = { key: string | null; match: Match | null; tag: number | null; inside: Box[]; outer: Box | null };

const newBox = (match: Match | null, tagId: number | null, key: string | null = null): Box => ({
  key,
  match,
  tag: tagId,
  inside: [],
  outer: null,
});

function boxOf(node: DraftNode): Box {
  if (node.kind === 'tag') return newBox(null, node.tagId, node.key);
  if (node.kind !== 'group') throw new Error('The model knows groups and tags only.');
  const box = newBox(node.match, null, node.key);
  for (const item of node.items) putInto(box, boxOf(item));
  return box;
}

const boxesOf = (box: Box): Box[] => [box, ...box.inside.flatMap(boxesOf)];
const neighbour = (box: Box, steps: number) => box.outer?.inside[box.outer.inside.indexOf(box) + steps];

function takeOut(box: Box): void {
  box.outer?.inside.splice(box.outer.inside.indexOf(box), 1);
  box.outer = null;
}

/** Inserts before another box, or at the end if that is not inside. */
function putInto(outer: Box, box: Box, before?: Box): void {
  outer.inside.splice(before ? outer.inside.indexOf(before) : outer.inside.length, 0, box);
  box.outer = outer;
}

/** Never into itself. */
function moveBox(box: Box, outer: Box, before?: Box): void {
  if (before === box || boxesOf(box).includes(outer)) return;
  takeOut(box);
  putInto(outer, box, before);
}

function moveTowards(box: Box, way: Direction): void {
  const { outer } = box;
  const [above, below] = [neighbour(box, -1), neighbour(box, 1)];
  if (!outer) return;
  if (way === 'up' && above) moveBox(box, outer, above);
  if (way === 'down' && below) moveBox(box, outer, neighbour(below, 1));
  if (way === 'out' && outer.outer) moveBox(box, outer.outer, neighbour(outer, 1));
  if (way !== 'in') return;
  if (above?.match) moveBox(box, above);
  else if (below?.match) moveBox(box, below, below.inside[0]);
}

function copyBox(box: Box): Box {
  const copy = newBox(box.match, box.tag);
  for (const part of box.inside) putInto(copy, copyBox(part));
  return copy;
}

/** Copies the keys that the draft has assigned to new nodes. */
function takeKeys(box: Box, node: DraftNode): void {
  box.key ??= node.key;
  if (node.kind === 'group') box.inside.forEach((part, nth) => node.items[nth] && takeKeys(part, node.items[nth]));
}

type Outline = { key: string | null; is: Match | number | null; inside: Outline[] };
const outlineOf = ({ key, match, tag: is, inside }: Box): Outline => ({
  key,
  is: match ?? is,
  inside: inside.map(outlineOf),
});

// ── Changes, of both ────────────────────────────────────────────────────────────────────────────────────────────────

type Change = {
  kind: 'insert' | 'replace' | 'remove' | 'move' | 'copy' | 'wrap' | 'unwrap' | Direction;
  /** Indexes of the node, the group and the position; taken modulo their number. */
  part: number;
  group: number;
  index: number;
  tag: number;
};

const anyChange: fc.Arbitrary<Change> = fc.record({
  kind: fc.oneof(
    fc.constantFrom('insert' as const, 'replace' as const, 'remove' as const, 'copy' as const),
    fc.constantFrom('wrap' as const, 'unwrap' as const),
    fc.constantFrom('move' as const, 'up' as const, 'down' as const, 'out' as const, 'in' as const),
  ),
  part: fc.nat(50),
  group: fc.nat(50),
  index: fc.nat(6),
  tag: fc.integer({ min: 100, max: 999 }),
});

const { tree: anyTree } = fc.letrec<{ tree: DraftGroup; node: DraftNode }>((tie) => ({
  tree: fc
    .tuple(fc.constantFrom(...MATCHES), fc.array(tie('node'), { maxLength: 4 }))
    .map(([match, items]) => groupOf(match, items)),
  node: fc.oneof({ maxDepth: 3, depthSize: 'small', withCrossShrink: true }, fc.nat(99).map(tag), tie('tree')),
}));

const nthOf = <T>(list: T[], nth: number): T => list[nth % list.length]!;

/** Resolves a change: the same for the draft and its model, whose nodes are in the same order. */
function aimOf(root: DraftGroup, { part, group, index }: Change) {
  const parts = partsOf(root);
  const groups = parts.filter((item) => item.kind === 'group');
  const into = nthOf(groups, group);
  return { node: nthOf(parts, part), into, index: index % (into.items.length + 1) };
}

function changeDraft(root: DraftGroup, change: Change): DraftGroup {
  const { node, into, index } = aimOf(root, change);
  switch (change.kind) {
    case 'insert':
      return insertNode(root, tag(change.tag), { groupKey: into.key, index });
    case 'replace':
      return node.kind === 'tag' ? replaceNode(root, { ...node, tagId: change.tag as TagId }) : root;
    case 'remove':
      return removeNode(root, node.key);
    case 'move':
      return moveNode(root, node.key, { groupKey: into.key, index });
    case 'copy':
      return duplicateNode(root, node.key);
    case 'wrap':
      return wrapNode(root, node.key);
    case 'unwrap':
      return unwrapGroup(root, node.key);
    default: {
      const to = positionTowards(root, node.key, change.kind);
      return to ? moveNode(root, node.key, to) : root;
    }
  }
}

function changeModel(root: Box, { node, into, index }: ReturnType<typeof aimOf>, { kind, tag: newTag }: Change): void {
  const find = (key: string) => boxesOf(root).find((item) => item.key === key)!;
  const [box, target] = [find(node.key), find(into.key)];
  const { outer } = box;
  if (kind === 'insert') return putInto(target, newBox(null, newTag), target.inside[index]);
  if (kind === 'replace') {
    if (!box.match) box.tag = newTag;
    return;
  }
  // The root group does not change.
  if (!outer) return;
  switch (kind) {
    case 'remove':
      return takeOut(box);
    case 'move':
      return moveBox(box, target, target.inside[index]);
    case 'copy':
      return putInto(outer, copyBox(box), neighbour(box, 1));
    case 'wrap': {
      const wrapper = newBox('any', null);
      putInto(outer, wrapper, box);
      return moveBox(box, wrapper);
    }
    case 'unwrap':
      if (!box.match) return;
      for (const part of [...box.inside]) moveBox(part, outer, box);
      return takeOut(box);
    default:
      return moveTowards(box, kind);
  }
}

// ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

describe('changes of a tree', () => {
  it('match a model of nested boxes, and every node keeps a unique key', () => {
    fc.assert(
      fc.property(anyTree, fc.array(anyChange, { maxLength: 15 }), (tree, changes) => {
        let root = tree;
        const model = boxOf(root);
        for (const change of changes) {
          changeModel(model, aimOf(root, change), change);
          root = changeDraft(root, change);
          takeKeys(model, root);
          expect(outlineOf(boxOf(root))).toEqual(outlineOf(model));
          const keys = partsOf(root).map(({ key }) => key);
          expect(new Set(keys).size).toBe(keys.length);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('keep the identity of unchanged nodes, and of the tree if nothing changed', () => {
    fc.assert(
      fc.property(anyTree, anyChange, (root, change) => {
        const changed = changeDraft(root, change);
        for (const before of partsOf(root)) {
          const after = findNode(changed, before.key);
          if (after && JSON.stringify(after) === JSON.stringify(before)) expect(after).toBe(before);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('to a removed node change nothing', () => {
    const root = groupOf('all', [tag(1), groupOf('any', [tag(2)])]);
    const gone = tag(3);
    expect(replaceNode(root, gone)).toBe(root);
    expect(removeNode(root, gone.key)).toBe(root);
    expect(changeNode(root, gone.key, () => null)).toBe(root);
    expect(moveNode(root, gone.key, { groupKey: root.key, index: 0 })).toBe(root);
    const [first] = root.items;
    expect(moveNode(root, first!.key, { groupKey: gone.key, index: 0 })).toBe(root);
    expect(moveNode(root, root.items[1]!.key, { groupKey: first!.key, index: 0 })).toBe(root);
    expect(insertNode(root, tag(4), { groupKey: gone.key, index: 0 })).toBe(root);
    expect(duplicateNode(root, gone.key)).toBe(root);
    expect(wrapNode(root, gone.key)).toBe(root);
    expect(unwrapGroup(root, gone.key)).toBe(root);
    expect(positionTowards(root, gone.key, 'up')).toBeUndefined();
  });
});

describe('a copy', () => {
  it('has the same content, complete or not, with new keys down to the fields of an event', () => {
    const event: DraftEvent = {
      ...eventCondition(9 as EventTypeId),
      times: 'often',
      fields: ['plan', 'price'].map((code) => ({ key: code, code, compare: comparisonFor('text') })),
    };
    const group = groupOf('none', [event, attributeCondition(8 as AttributeId, 'number'), groupOf('any', [tag(1)])]);
    const copy = copyOf(group);
    const keyed = (node: DraftNode) => [...JSON.stringify(node).matchAll(/"key":"([^"]+)"/g)].map(([, key]) => key);
    const unkeyed = (node: DraftNode) => JSON.stringify(node).replace(/"key":"[^"]+"/g, '');
    expect(unkeyed(copy)).toBe(unkeyed(group));
    expect(new Set([...keyed(group), ...keyed(copy)]).size).toBe(2 * 7);
  });
});

describe('levels', () => {
  it('beyond the limit are refused with the reason, and the draft is kept', () => {
    const condition = tag(1);
    const checked = (root: DraftGroup) => RulesSchema.safeParse({ timeZone: 'UTC', root: completePart(root).node });
    let root = groupOf('all', [condition]);
    for (let level = 1; level < DEPTH_MAX; level++) root = wrapNode(root, condition.key);
    expect(checked(root).success).toBe(true);

    const deeper = wrapNode(root, condition.key);
    expect(checked(deeper).error?.issues.map(({ message }) => message)).toEqual([
      'Groups can be nested at most 12 levels deep.',
    ]);
    expect(unwrapGroup(deeper, positionOf(deeper, condition.key)!.group.key)).toEqual(root);
  });
});
