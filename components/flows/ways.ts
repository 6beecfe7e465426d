// Changes of a block's ways. Shares of a split stay a hundred together.
import { WAYS_MAX, type Block, type Branch, type Split, type WaitFor } from '@/lib/flows/schema';

const FEWEST: Record<Block['kind'], number> = { branch: 1, wait_for: 1, split: 2 };

export const canAddWay = (block: Block): boolean => block.ways.length < WAYS_MAX;
export const canRemoveWay = (block: Block): boolean => block.ways.length > FEWEST[block.kind];

/** A new one is the last before 'otherwise'. Nobody takes it before its author has said who. */
export function addWay(block: Block, id: string): Block {
  const way = { id, name: '', steps: [] };
  switch (block.kind) {
    case 'branch':
      return { ...block, ways: [...block.ways, { ...way, rules: null, answer: null, given: null }] };
    case 'split':
      return { ...block, ways: [...block.ways, { ...way, percent: 0, tagId: null }] };
    case 'wait_for':
      return { ...block, ways: [...block.ways, { ...way, what: { kind: 'tag_applied', tagId: null, sources: [] } }] };
  }
}

/** With the steps on it. The same block if it needs the way. */
export function removeWay(block: Block, id: string): Block {
  const at = block.ways.findIndex((way) => way.id === id);
  if (at < 0 || !canRemoveWay(block)) return block;
  if (block.kind !== 'split') return withWays(block, block.ways.toSpliced(at, 1));
  const gone = block.ways[at]!.percent;
  const ways = block.ways.toSpliced(at, 1);
  const heir = Math.max(0, at - 1);
  return { ...block, ways: ways.with(heir, { ...ways[heir]!, percent: rounded(ways[heir]!.percent + gone) }) };
}

/** The same block if there is no place. */
export function moveWay(block: Block, id: string, by: -1 | 1): Block {
  const at = block.ways.findIndex((way) => way.id === id);
  const ways: readonly AnyWay[] = block.ways;
  const way = ways[at];
  if (!way || !ways[at + by]) return block;
  return withWays(block, ways.toSpliced(at, 1).toSpliced(at + by, 0, way));
}

export function changeWay<Of extends Block>(block: Of, id: string, part: Partial<Of['ways'][number]>): Of {
  return withWays(
    block,
    block.ways.map((way) => (way.id === id ? { ...way, ...part } : way)),
  );
}

/** The same share for each; what is left over goes to the first ones. */
export function evenShares(block: Split): Split {
  const share = Math.floor(10_000 / block.ways.length);
  const over = 10_000 - share * block.ways.length;
  return { ...block, ways: block.ways.map((way, at) => ({ ...way, percent: (share + (at < over ? 1 : 0)) / 100 })) };
}

type AnyWay = Branch['ways'][number] | Split['ways'][number] | WaitFor['ways'][number];
const withWays = <Of extends Block>(block: Of, ways: readonly AnyWay[]): Of => ({ ...block, ways });

const rounded = (percent: number) => Math.round(percent * 100) / 100;
