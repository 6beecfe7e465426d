// Blocks move, are copied and removed without any of them being lost or made twice.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allBlocks } from '@/lib/mail-document/blocks';
import { MailDocumentSchema, type Block } from '@/lib/mail-document/schema';
import { newBlock, newBlockId } from './new-blocks';
import { copyOf, insertBlock, moveBlock, placeOf, removeBlock, shiftBlock, updateBlock } from './tree';

const named = (id: string, kind: Block['kind'] = 'text'): Block => ({ ...newBlock(kind), id });
function columns(id: string, ...lists: string[][]): Block {
  return {
    ...(named(id, 'columns') as Block & { kind: 'columns' }),
    columns: lists.map((list) => list.map((item) => named(item) as Block & { kind: 'text' })),
  };
}
const blocks = [named('a'), columns('c', ['c1', 'c2'], ['c3']), named('b'), named('f', 'footer')];
const ids = (list: readonly Block[]) => allBlocks({ blocks: [...list] }).map(({ id }) => id);

describe('a block', () => {
  it('moves up and down in its list, and stays at its ends', () => {
    expect(ids(shiftBlock(blocks, 'b', -1))).toEqual(['a', 'b', 'c', 'c1', 'c2', 'c3', 'f']);
    expect(ids(shiftBlock(blocks, 'c1', 1))).toEqual(['a', 'c', 'c2', 'c1', 'c3', 'b', 'f']);
    expect(shiftBlock(blocks, 'a', -1)).toBe(blocks);
    expect(shiftBlock(blocks, 'c3', 1)).toBe(blocks);
  });
  it('moves into a column and out of it, but no columns into columns, and nothing below the footer', () => {
    expect(ids(moveBlock(blocks, 'a', { within: 'c', column: 1, index: 0 }))).toEqual([
      'c',
      'c1',
      'c2',
      'a',
      'c3',
      'b',
      'f',
    ]);
    expect(ids(moveBlock(blocks, 'c2', { within: null, column: 0, index: 0 }))).toEqual([
      'c2',
      'a',
      'c',
      'c1',
      'c3',
      'b',
      'f',
    ]);
    expect(moveBlock(blocks, 'c', { within: 'c', column: 0, index: 0 })).toBe(blocks);
    expect(moveBlock(blocks, 'f', { within: 'c', column: 0, index: 0 })).toBe(blocks);
    expect(ids(moveBlock(blocks, 'a', { within: null, column: 0, index: 4 }))).toEqual([
      'c',
      'c1',
      'c2',
      'c3',
      'b',
      'a',
      'f',
    ]);
  });
  it('is copied with ids of its own', () => {
    const copy = copyOf(blocks[1]!, newBlockId);
    const all = ids(insertBlock(blocks, { within: null, column: 0, index: 2 }, copy));
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBe(11);
  });
  it('that has not changed stays the same object', () => {
    const changed = updateBlock(blocks, 'c3', (block) => ({ ...block, onlyFor: null }));
    expect(changed[0]).toBe(blocks[0]);
    expect(changed[2]).toBe(blocks[2]);
    expect(changed[1]).not.toBe(blocks[1]);
    expect(ids(removeBlock(blocks, 'c'))).toEqual(['a', 'b', 'f']);
  });
});

it('is never lost or doubled by moves', () => {
  const all = ids(blocks);
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          id: fc.constantFrom(...all),
          within: fc.constantFrom(null, 'c'),
          column: fc.constantFrom(0, 1),
          index: fc.nat(5),
          by: fc.constantFrom(-1 as const, 1 as const, 0 as const),
        }),
        { maxLength: 12 },
      ),
      (moves) => {
        let now: readonly Block[] = blocks;
        for (const { id, by, ...to } of moves) now = by === 0 ? moveBlock(now, id, to) : shiftBlock(now, id, by);
        expect(ids(now).toSorted()).toEqual(all.toSorted());
        expect(now.at(-1)!.id).toBe('f');
        expect(MailDocumentSchema.safeParse({ subject: [], blocks: now }).success).toBe(true);
        expect(placeOf(now, 'c3')).toBeDefined();
      },
    ),
  );
});
