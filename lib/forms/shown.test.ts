import { expect, it } from 'vitest';
import type { Input } from './schema';
import { enteredToShow, NOTHING_ENTERED, shownIds } from './shown';

const ask = (id: string, type: Input['type'], shownIf: Input['shownIf'] = null): Input => ({
  ...{ id, kind: 'input', type, label: id, help: '', required: false, attributeId: null, autofill: null, look: 'list' },
  ...{ choices: ['a', 'b'].map((value) => ({ value, label: '', tagIds: [] })), tagIds: [], country: null, shownIf },
});
const steps = [
  { id: 's1', title: '', elements: [ask('one', 'several'), ask('two', 'choice', { elementId: 'one', values: ['b'] })] },
  { id: 's2', title: '', elements: [ask('three', 'text', { elementId: 'two', values: ['a'] }), ask('four', 'text')] },
];

it('a preview chooses what an element needs to be shown, through all steps, and keeps what was entered', () => {
  expect(shownIds({ steps }, NOTHING_ENTERED).has('three')).toBe(false);
  const entered = enteredToShow({ steps }, new Map([['one', ['a']]]), 'three');
  expect(Object.fromEntries(entered)).toEqual({ one: ['a', 'b'], two: ['a'] });
  expect(shownIds({ steps }, entered).has('three')).toBe(true);
  expect(enteredToShow({ steps }, entered, 'three')).toEqual(entered);
  expect(enteredToShow({ steps }, NOTHING_ENTERED, 'four').size).toBe(0);
});

it('a condition about a question that is not before it needs nothing', () => {
  const turned = [
    { ...steps[1]!, elements: [ask('early', 'text', { elementId: 'late', values: ['a'] }), ask('late', 'choice')] },
  ];
  expect(enteredToShow({ steps: turned }, NOTHING_ENTERED, 'early').size).toBe(0);
});
