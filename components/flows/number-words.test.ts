import { describe, expect, it } from 'vitest';
import type { FlowNumbers } from '@/lib/flows/queries';
import { StepsSchema } from '@/lib/flows/schema';
import { numbersOfNode } from './number-words';
import { outlineOf } from './outline';

const steps = StepsSchema.parse([
  { id: 'wait', kind: 'wait' },
  { id: 'branch', kind: 'branch', ways: [{ id: 'way1', steps: [] }], otherwise: [] },
]);
const none = { arrived: 0, waiting: 0, passed: 0, skipped: 0, timed_out: 0, failed: 0, left: 0 };
const numbers: FlowNumbers = {
  entered: 16_613,
  inside: 1_203,
  left: { done: 15_410 },
  refused: {},
  steps: { wait: { ...none, arrived: 16_613, waiting: 1_203, passed: 15_407, failed: 3 } },
  ways: { way1: 20, 'branch:otherwise': 15_387 },
  goals: {},
};
const words = (of: FlowNumbers) => outlineOf(steps).map((node) => numbersOfNode(node, of).words);

describe('the numbers of a node', () => {
  it('say who is there and how the others went on', () => {
    expect(words(numbers)).toEqual([
      '16,613 entered · 1,203 in it',
      '1,203 waiting · 15,407 passed · 3 failed',
      'nobody yet',
      '20 · < 1 %',
      '15,387 · 100 %',
    ]);
    expect(numbersOfNode(outlineOf(steps)[1]!, numbers).failed).toBe(3);
  });

  it('are nothing where nobody has come', () => {
    expect(words({ ...numbers, entered: 0, inside: 0, steps: {}, ways: {} })).toEqual([
      '0 entered · 0 in it',
      'nobody yet',
      'nobody yet',
      '0',
      '0',
    ]);
  });

  it('say how many reached the goal, of those who entered and of those on each way', () => {
    const reached = { ...numbers, left: { done: 15_000, goal: 410 }, goals: { way1: 10, 'branch:otherwise': 400 } };
    expect(words(reached)).toEqual([
      '16,613 entered · 1,203 in it · 410 (2 %) reached the goal',
      '1,203 waiting · 15,407 passed · 3 failed',
      'nobody yet',
      '20 · < 1 % · goal 10 (50 %)',
      '15,387 · 100 % · goal 400 (3 %)',
    ]);
  });
});
