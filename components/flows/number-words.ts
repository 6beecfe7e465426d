// What has happened at a node, in a few words for its card.
import type { FlowNumbers, StepNumbers } from '@/lib/flows/queries';
import type { OutlineNode } from './outline';
import { listsOf } from './tree';

/** `failed`: how many need somebody. */
export type NodeNumbers = { words: string; failed: number };

const inWords = (count: number) => count.toLocaleString('en-GB');

export function numbersOfNode(node: OutlineNode, numbers: FlowNumbers): NodeNumbers {
  if (node.kind === 'start')
    return { words: `${inWords(numbers.entered)} entered · ${inWords(numbers.inside)} in it`, failed: 0 };
  if (node.kind === 'step') return ofStep(numbers.steps[node.id]);
  const taken = numbers.ways[node.id] ?? 0;
  const all = listsOf(node.block).reduce((sum, [wayId]) => sum + (numbers.ways[wayId] ?? 0), 0);
  return { words: all === 0 ? '0' : `${inWords(taken)} · ${percent(taken / all)}`, failed: 0 };
}

/** Of those who took one of the ways. */
const percent = (part: number) =>
  part > 0 && part < 0.01 ? '< 1 %' : `${Math.round(part * 100).toLocaleString('en-GB')} %`;

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
