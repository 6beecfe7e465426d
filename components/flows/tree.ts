// Changes of a flow's steps: pure, with everything that has not changed left as it is, so that React need not draw it again.
import { allSteps, depthOf, DEPTH_MAX, listsIn, STEPS_MAX, type Block, type Step } from '@/lib/flows/schema';
import { otherwiseOf } from '@/lib/flows/words';

/**
 * What stands on the canvas: what lets people in (`START`), a step by its id, or the head of a way by the way's id. Steps are added behind
 * one of them, so each place on the canvas has one name.
 */
export type NodeId = string;
export const START: NodeId = ':start';

type Steps = readonly Step[];
/** `at`: the index behind the node. */
type ChangeList = (list: Steps, at: number) => Steps;

export const isBlock = (step: Step): step is Block => 'ways' in step;

/** Changes the list in which a node stands. The same steps if there is no such node. */
function changeBehind(steps: Steps, node: NodeId, change: ChangeList): Steps {
  return node === START ? change(steps, 0) : (within(steps, node, change) ?? steps);
}

/** Null: the node is not in there. */
function within(list: Steps, node: NodeId, change: ChangeList): Steps | null {
  const own = list.findIndex(({ id }) => id === node);
  if (own >= 0) return change(list, own + 1);
  for (const [at, step] of list.entries()) {
    const next = isBlock(step) ? withinBlock(step, node, change) : null;
    if (next) return next === step ? list : list.with(at, next);
  }
  return null;
}

function withinBlock(block: Block, node: NodeId, change: ChangeList): Block | null {
  for (const [at, way] of block.ways.entries()) {
    const steps = way.id === node ? change(way.steps, 0) : within(way.steps, node, change);
    if (!steps) continue;
    if (steps === way.steps) return block;
    return { ...block, ways: (block.ways as { steps: Steps }[]).with(at, { ...way, steps }) } as Block;
  }
  if (block.kind === 'split') return null;
  const steps = otherwiseOf(block) === node ? change(block.otherwise, 0) : within(block.otherwise, node, change);
  return steps && (steps === block.otherwise ? block : { ...block, otherwise: [...steps] });
}

export const findStep = (steps: Steps, id: string): Step | undefined => {
  for (const step of steps) {
    if (step.id === id) return step;
    for (const list of listsIn(step)) {
      const found = findStep(list, id);
      if (found) return found;
    }
  }
  return undefined;
};

/** The block that has a way, and the steps on it. */
export function findWay(steps: Steps, wayId: string): { block: Block; steps: Step[] } | undefined {
  for (const step of allSteps(steps)) {
    if (!isBlock(step)) continue;
    const way = step.ways.find(({ id }) => id === wayId);
    if (way) return { block: step, steps: way.steps };
    if (step.kind !== 'split' && otherwiseOf(step) === wayId) return { block: step, steps: step.otherwise };
  }
  return undefined;
}

/** How many steps there are, those on ways included. */
export const countSteps = (steps: Steps): number => allSteps(steps).length;

/** How many steps stand on the ways of a step. */
export const countInside = (step: Step): number => countSteps(listsIn(step).flat());

export const insertBehind = (steps: Steps, node: NodeId, added: Steps): Steps =>
  changeBehind(steps, node, (list, at) => list.toSpliced(at, 0, ...added));

const replaceStep = (steps: Steps, id: string, by: (step: Step) => Steps): Steps =>
  changeBehind(steps, id, (list, at) => list.toSpliced(at - 1, 1, ...by(list[at - 1]!)));

export const updateStep = (steps: Steps, id: string, change: (step: Step) => Step): Steps =>
  replaceStep(steps, id, (step) => [change(step)]);

/** With all that stands on its ways. */
export const removeStep = (steps: Steps, id: string): Steps => replaceStep(steps, id, () => []);

/** Removes a block; what stands on one of its ways takes its place. */
export const removeKeeping = (steps: Steps, id: string, wayId: string): Steps =>
  replaceStep(steps, id, (step) => {
    const way = findWay([step], wayId);
    return way && way.block === step ? way.steps : [step];
  });

/** Moves a step, never onto its own ways. The same steps if it stands there already. */
export function moveBehind(steps: Steps, id: string, node: NodeId): Steps {
  const step = findStep(steps, id);
  if (!step || node === id || isNodeIn(step, node) || !hasNode(steps, node)) return steps;
  if (nodeBefore(steps, id) === node) return steps;
  return insertBehind(removeStep(steps, id), node, [step]);
}

const hasNode = (steps: Steps, node: NodeId): boolean =>
  node === START || findStep(steps, node) !== undefined || findWay(steps, node) !== undefined;

const isNodeIn = (step: Step, node: NodeId): boolean => hasNode([step], node) && node !== START;

/** What a step stands behind. */
export function nodeBefore(steps: Steps, id: string): NodeId | undefined {
  return before(steps, START, id);
}

function before(list: Steps, head: NodeId, id: string): NodeId | undefined {
  const at = list.findIndex((step) => step.id === id);
  if (at >= 0) return at === 0 ? head : list[at - 1]!.id;
  for (const step of list) {
    if (!isBlock(step)) continue;
    for (const [wayId, steps] of listsOf(step)) {
      const found = before(steps, wayId, id);
      if (found) return found;
    }
  }
  return undefined;
}

/** The lists of steps of a block, by the ids of their ways. */
export const listsOf = (block: Block): [wayId: string, steps: Step[]][] => [
  ...block.ways.map((way): [string, Step[]] => [way.id, way.steps]),
  ...(block.kind === 'split' ? [] : [[otherwiseOf(block), block.otherwise] satisfies [string, Step[]]]),
];

/** Where the keyboard moves a step: past its neighbours, off its way, or onto the first way of a block beside it. */
export type Direction = 'up' | 'down' | 'out' | 'in';

/** The same steps if it cannot go there. */
export function shiftStep(steps: Steps, id: string, way: Direction): Steps {
  const to = nodeTowards(steps, START, id, way);
  return to === undefined ? steps : moveBehind(steps, id, to);
}

function nodeTowards(list: Steps, head: NodeId, id: string, way: Direction): NodeId | undefined {
  const at = list.findIndex((step) => step.id === id);
  if (at >= 0) {
    const [above, below] = [list[at - 1], list[at + 1]];
    if (way === 'up') return above && (list[at - 2]?.id ?? head);
    if (way === 'down') return below?.id;
    if (way === 'out') return undefined;
    if (above && isBlock(above)) return lastOn(above);
    return below && isBlock(below) ? listsOf(below)[0]?.[0] : undefined;
  }
  for (const step of list) {
    if (!isBlock(step)) continue;
    for (const [wayId, steps] of listsOf(step)) {
      if (way === 'out' && steps.some((one) => one.id === id)) return step.id;
      const found = nodeTowards(steps, wayId, id, way);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The end of a block's first way. */
function lastOn(block: Block): NodeId {
  const [wayId, steps] = listsOf(block)[0]!;
  return steps.at(-1)?.id ?? wayId;
}

/** Steps with ids of their own, also of their ways and of the steps there. */
export const copyOf = (steps: Steps, newId: () => string): Step[] => steps.map((step) => copyOfStep(step, newId));

function copyOfStep(step: Step, newId: () => string): Step {
  if (!isBlock(step)) return { ...step, id: newId() };
  const ways = step.ways.map((way) => ({ ...way, id: newId(), steps: copyOf(way.steps, newId) }));
  const copy = { ...step, id: newId(), ways } as Block;
  return copy.kind === 'split' ? copy : { ...copy, otherwise: copyOf(copy.otherwise, newId) };
}

export function duplicateStep(steps: Steps, id: string, newId: () => string): Steps {
  const step = findStep(steps, id);
  return step ? insertBehind(steps, id, copyOf([step], newId)) : steps;
}

/** Why steps cannot be added, in words. */
export function whyNot(steps: Steps): string | undefined {
  if (countSteps(steps) > STEPS_MAX) return `A flow has at most ${STEPS_MAX} steps.`;
  if (depthOf(steps) > DEPTH_MAX) return `Ways can be nested at most ${DEPTH_MAX} deep.`;
  return undefined;
}

/** Not `crypto.randomUUID`: browsers lack it where a page comes over plain HTTP. */
export const newStepId = (): string => Math.random().toString(36).slice(2, 12).padEnd(10, '0');
