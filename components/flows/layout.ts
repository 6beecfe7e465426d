// Where everything stands on the canvas: a pure function of the steps, in pixels of a page whose text has its usual size. The path goes
// straight down; the first way of a block goes on below it, the others stand to its right. So a step that is added moves only what comes after
// it in reading order. Each step is looked at once.
import type { Block, Step } from '@/lib/flows/schema';
import { isBlock, listsOf, START, type NodeId } from './tree';

export type Measures = {
  card: { width: number; height: number };
  /** Of the head of a way. */
  headHeight: number;
  /** From one to the next; the middle is for '+'. */
  gap: number;
  /** From a block down to the line from which its ways go off. */
  fork: number;
  /** Between ways. */
  between: number;
};

export const MEASURES: Measures = {
  card: { width: 264, height: 80 },
  headHeight: 36,
  gap: 56,
  fork: 22,
  between: 36,
};

/** Cards with a line of numbers. */
export const MEASURES_WITH_NUMBERS: Measures = { ...MEASURES, card: { ...MEASURES.card, height: 104 } };

/** Lengths grow with the size of the browser’s text. */
export const rem = (pixels: number): string => `${pixels / 16}rem`;

export type Spot = { x: number; y: number };
/** `isDead`: nobody comes along it. */
export type Line = { key: string; points: readonly Spot[]; isDead: boolean };

export type Layout = {
  /** The left upper corners of cards and heads. */
  at: ReadonlyMap<NodeId, Spot>;
  /** Where something can be added: the middle of the '+' behind each node after which the flow goes on. */
  plus: ReadonlyMap<NodeId, Spot>;
  lines: readonly Line[];
  /** The middle of the upper edge of the sign that the flow ends; null if nobody comes there. */
  end: Spot | null;
  width: number;
  height: number;
};

/** `bottom`: where what comes behind it begins. `isOpen`: somebody comes there. */
type Laid = { width: number; bottom: number; isOpen: boolean };

export function layoutOf(steps: readonly Step[], measures: Measures = MEASURES): Layout {
  const { card, headHeight, gap, fork, between } = measures;
  const at = new Map<NodeId, Spot>();
  const plus = new Map<NodeId, Spot>();
  const lines: Line[] = [];
  const middle = (x: number) => x + card.width / 2;
  const line = (key: string, isDead: boolean, ...points: Spot[]) => lines.push({ key, points, isDead });

  /** `y`: the lower edge of what it stands behind. */
  function layList(list: readonly Step[], behind: NodeId, x: number, y: number): Laid {
    let [node, bottom, width, isOpen] = [behind, y, card.width, true];
    for (const step of list) {
      // After a step that leaves, what is still there can be moved or removed; nothing is added.
      if (isOpen) plus.set(node, { x: middle(x), y: bottom + gap / 2 });
      line(`to ${step.id}`, !isOpen, { x: middle(x), y: bottom }, { x: middle(x), y: bottom + gap });
      at.set(step.id, { x, y: bottom + gap });
      bottom += gap + card.height;
      if (isBlock(step)) {
        const laid = layBlock(step, x, bottom, !isOpen);
        width = Math.max(width, laid.width);
        bottom = laid.bottom;
        isOpen &&= laid.isOpen;
      }
      if (step.kind === 'leave') isOpen = false;
      node = step.id;
    }
    if (isOpen) plus.set(node, { x: middle(x), y: bottom + gap / 2 });
    return { width, bottom, isOpen };
  }

  function layBlock(block: Block, x: number, y: number, isDead: boolean): Laid {
    const top = y + fork * 2;
    const ends: { x: number; bottom: number; isOpen: boolean; id: string }[] = [];
    let right = x;
    for (const [wayId, list] of listsOf(block)) {
      if (ends.length > 0) right += between;
      at.set(wayId, { x: right, y: top });
      line(
        `to ${wayId}`,
        isDead,
        { x: middle(x), y },
        { x: middle(x), y: y + fork },
        { x: middle(right), y: y + fork },
        {
          ...{ x: middle(right), y: top },
        },
      );
      const laid = layList(list, wayId, right, top + headHeight);
      ends.push({ x: right, bottom: laid.bottom, isOpen: laid.isOpen, id: wayId });
      right += laid.width;
    }
    const open = ends.filter((end) => end.isOpen);
    // An open way has its last '+' above the line where the ways meet again.
    const bottom = Math.max(...ends.map((end) => end.bottom + (end.isOpen ? gap : 0)));
    for (const end of open) {
      const from = { x: middle(end.x), y: end.bottom };
      line(`from ${end.id}`, isDead, from, { x: middle(end.x), y: bottom }, { x: middle(x), y: bottom });
    }
    return { width: right - x, bottom, isOpen: open.length > 0 };
  }

  at.set(START, { x: 0, y: 0 });
  const laid = layList(steps, START, 0, card.height);
  const end = laid.isOpen ? { x: middle(0), y: laid.bottom + gap } : null;
  if (end) line('to the end', false, { x: middle(0), y: laid.bottom }, end);
  return { at, plus, lines, end, width: laid.width, height: laid.bottom + gap * 2 };
}

const RADIUS = 10;

/** The points as a path of SVG with round corners. */
export function pathOf(points: readonly Spot[]): string {
  const corners = points.filter((point, index) => {
    const before = points[index - 1];
    return !before || before.x !== point.x || before.y !== point.y;
  });
  return corners
    .map((point, index) => {
      const [before, after] = [corners[index - 1], corners[index + 1]];
      if (!before) return `M${point.x} ${point.y}`;
      if (!after) return `L${point.x} ${point.y}`;
      const [start, stop] = [towards(point, before), towards(point, after)];
      return `L${start.x} ${start.y}Q${point.x} ${point.y} ${stop.x} ${stop.y}`;
    })
    .join('');
}

/** A little on the way from one point to another. */
function towards(from: Spot, to: Spot): Spot {
  const distance = Math.hypot(to.x - from.x, to.y - from.y);
  const part = Math.min(RADIUS, distance / 2) / distance;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
