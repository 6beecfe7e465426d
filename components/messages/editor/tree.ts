// Changes of a document's blocks: pure, with everything that has not changed left as it is, so that React need not draw it again.
import type { Block, BlockKind, Single } from '@/lib/mail-document/schema';

/** Where a block stands, or is to stand. `within`: the columns that hold it; null: the mail itself. */
export type Place = { within: string | null; column: number; index: number };

export const isSingle = (block: Block): block is Single => block.kind !== 'columns' && block.kind !== 'footer';
export const canStandIn = (kind: BlockKind, within: string | null): boolean =>
  within === null || (kind !== 'columns' && kind !== 'footer');

/** Footers stand below the paper, wherever they are in the document: the editor keeps them last. */
export const footersLast = (blocks: readonly Block[]): Block[] => [
  ...blocks.filter(({ kind }) => kind !== 'footer'),
  ...blocks.filter(({ kind }) => kind === 'footer'),
];

export function findBlock(blocks: readonly Block[], id: string): Block | undefined {
  for (const block of blocks) {
    if (block.id === id) return block;
    if (block.kind !== 'columns') continue;
    const inside = block.columns.flat().find((item) => item.id === id);
    if (inside) return inside;
  }
  return undefined;
}

export function placeOf(blocks: readonly Block[], id: string): Place | undefined {
  for (const [index, block] of blocks.entries()) {
    if (block.id === id) return { within: null, column: 0, index };
    if (block.kind !== 'columns') continue;
    for (const [column, items] of block.columns.entries()) {
      const at = items.findIndex((item) => item.id === id);
      if (at >= 0) return { within: block.id, column, index: at };
    }
  }
  return undefined;
}

/** The blocks of one list: of the mail, or of a column. */
export function listAt(
  blocks: readonly Block[],
  { within, column }: Pick<Place, 'within' | 'column'>,
): readonly Block[] {
  if (within === null) return blocks;
  const holder = findBlock(blocks, within);
  return holder?.kind === 'columns' ? (holder.columns[column] ?? []) : [];
}

function changeList(
  blocks: readonly Block[],
  { within, column }: Pick<Place, 'within' | 'column'>,
  change: (list: readonly Block[]) => Block[],
): Block[] {
  if (within === null) return footersLast(change(blocks));
  return blocks.map((block) =>
    block.kind === 'columns' && block.id === within
      ? {
          ...block,
          columns: block.columns.map((items, at) => (at === column ? change(items).filter(isSingle) : items)),
        }
      : block,
  );
}

export function updateBlock(blocks: readonly Block[], id: string, change: (block: Block) => Block): Block[] {
  const place = placeOf(blocks, id);
  if (!place) return [...blocks];
  return changeList(blocks, place, (list) => list.map((block) => (block.id === id ? change(block) : block)));
}

export const insertBlock = (blocks: readonly Block[], place: Place, block: Block): Block[] =>
  canStandIn(block.kind, place.within)
    ? changeList(blocks, place, (list) => list.toSpliced(place.index, 0, block))
    : [...blocks];

export function removeBlock(blocks: readonly Block[], id: string): Block[] {
  const place = placeOf(blocks, id);
  return place ? changeList(blocks, place, (list) => list.filter((block) => block.id !== id)) : [...blocks];
}

/** Moves a block to before what now stands at the place. Nothing changes if it cannot stand there, or already does. */
export function moveBlock(blocks: readonly Block[], id: string, to: Place): readonly Block[] {
  const [block, from] = [findBlock(blocks, id), placeOf(blocks, id)];
  if (!block || !from || !canStandIn(block.kind, to.within) || to.within === id) return blocks;
  const isSameList = from.within === to.within && from.column === to.column;
  const index = isSameList && from.index < to.index ? to.index - 1 : to.index;
  if (isSameList && index === from.index) return blocks;
  return insertBlock(removeBlock(blocks, id), { ...to, index }, block);
}

/** Moves a block one place up or down in its list. */
export function shiftBlock(blocks: readonly Block[], id: string, by: -1 | 1): readonly Block[] {
  const from = placeOf(blocks, id);
  const target = from && from.index + by;
  if (!from || target === undefined || target < 0 || target >= listAt(blocks, from).length) return blocks;
  return moveBlock(blocks, id, { ...from, index: by > 0 ? from.index + 2 : target });
}

/** A copy with ids of its own, also of the blocks inside. */
export function copyOf(block: Block, newId: () => string): Block {
  const copy = { ...block, id: newId() };
  if (copy.kind !== 'columns') return copy;
  return { ...copy, columns: copy.columns.map((items) => items.map((item) => ({ ...item, id: newId() }))) };
}
