// How a node of the canvas is called, and where it stands: for its card and for screen readers.
import {
  filterInWords,
  KIND_WORDS,
  stepInWords,
  stepName,
  triggerInWords,
  waysOf,
  type FlowNames,
} from '@/lib/flows/words';
import type { FlowDocument } from '@/lib/flows/schema';
import type { OutlineNode } from './outline';

export type NodeWords = {
  /** In small letters above the sentence. */
  kind: string;
  sentence: string;
  /** 'step 3 of 8, on “Yes” of “Is it somebody who has VIP?”'. */
  place: string;
};

export function wordsOfNodes(
  nodes: readonly OutlineNode[],
  { trigger, filter }: FlowDocument,
  names: FlowNames,
): Map<string, NodeWords> {
  const words = new Map<string, NodeWords>();
  const ways = new Map<string, string>();
  for (const node of nodes) {
    if (node.kind === 'start') {
      const sentence = triggerInWords(trigger, names);
      const only = filter ? `. ${filterInWords(filter, names)}` : '';
      words.set(node.id, { kind: 'Trigger', sentence: `${sentence}${only}`, place: '' });
    } else if (node.kind === 'step') {
      const { step, parent, index, count } = node;
      const on = parent === null ? '' : `, on ${ways.get(parent)!}`;
      words.set(node.id, {
        // Below what it does stands the author’s own name, if it has one.
        kind: step.name === '' ? KIND_WORDS[step.kind] : stepInWords(step, names),
        sentence: stepName(step, names),
        place: `step ${index + 1} of ${count}${on}`,
      });
      if (!('ways' in step)) continue;
      for (const way of waysOf(step, names)) ways.set(way.id, `“${way.words}” of “${stepName(step, names)}”`);
    } else {
      const { block, index, count } = node;
      const sentence = waysOf(block, names)[index]!.words;
      words.set(node.id, {
        kind: 'Way',
        sentence,
        place: `way ${index + 1} of ${count} of “${stepName(block, names)}”`,
      });
    }
  }
  return words;
}
