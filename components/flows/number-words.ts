// What has happened at a node, in a few words for its card.
import type { FlowNumbers, StepNumbers } from '@/lib/flows/queries';
import type { OutlineNode } from './outline';
import { listsOf } from './tree';

/** `failed`: how many need somebody. */
export type NodeNumbers = { words: string; failed: number };

const inWords = (count: number) => count.toLocaleString('en-GB');

/** `hasGoal`: whether the flow has one now. Who has reached an earlier one is told all the same. */
export function numbersOfNode(node: OutlineNode, numbers: FlowNumbers, hasGoal = false): NodeNumbers {
  if (node.kind === 'start') {
    const reached = numbers.left.goal ?? 0;
    const parts = [
      `${inWords(numbers.entered)} entered`,
      `${inWords(numbers.inside)} in it`,
      ...(hasGoal || reached > 0 ? [`${reachedInWords(reached, numbers.entered)} reached the goal`] : []),
    ];
    return { words: parts.join(' · '), failed: 0 };
  }
  if (node.kind === 'step') return ofStep(numbers.steps[node.id]);
  const taken = numbers.ways[node.id] ?? 0;
  const all = listsOf(node.block).reduce((sum, [wayId]) => sum + (numbers.ways[wayId] ?? 0), 0);
  const reached = numbers.goals[node.id] ?? 0;
  const goal = hasGoal || reached > 0 ? ` · goal ${reachedInWords(reached, taken)}` : '';
  return { words: all === 0 ? '0' : `${inWords(taken)} · ${percent(taken / all)}${goal}`, failed: 0 };
}

/** Of those who took one of the ways. */
const percent = (part: number) =>
  part > 0 && part < 0.01 ? '< 1 %' : `${Math.round(part * 100).toLocaleString('en-GB')} %`;

/** '1,203 (12 %)': of those who entered, or took a way. */
export const reachedInWords = (reached: number, of: number): string =>
  of === 0 ? inWords(reached) : `${inWords(reached)} (${percent(reached / of)})`;

function ofStep(of: StepNumbers | undefined): NodeNumbers {
  if (!of || of.arrived === 0) return { words: 'nobody yet', failed: 0 };
  const parts: [number, string][] = [
    [of.waiting, 'waiting'],
    [of.passed, 'passed'],
    [of.skipped, 'skipped'],
    [of.timed_out, 'timed out'],
    [of.left, 'left'],
    [of.failed, 'failed'],
  ];
  const words = parts.filter(([count]) => count > 0).map(([count, what]) => `${inWords(count)} ${what}`);
  return { words: words.join(' · '), failed: of.failed };
}
