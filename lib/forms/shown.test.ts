import { expect, it } from 'vitest';
import { BrandSchema } from '@/lib/mail-document/schema';
import { styleOfForm } from './page';
import { problemsOf } from './problems';
import { FormDocumentSchema, type Input } from './schema';
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

it('a condition without an answer shows nothing, and is no form to publish', () => {
  const two = ask('two', 'text', { elementId: 'one', values: [] });
  const document = FormDocumentSchema.parse({ steps: [{ ...steps[0]!, elements: [ask('one', 'several'), two] }] });
  expect(shownIds(document, new Map([['one', ['a', 'b']]])).has('two')).toBe(false);
  expect(Object.fromEntries(enteredToShow(document, new Map([['one', ['a']]]), 'two'))).toEqual({ one: ['a'] });
  expect(styleOfForm(document, BrandSchema.parse({}))).toContain('form:has(:not(*)) #w-two');
  expect(problemsOf(document, { attributes: [], senders: [] })).toContainEqual(
    expect.objectContaining({
      elementId: 'two',
      must: true,
      words: 'Choose the answers to “one” by which it is shown.',
    }),
  );
});

it('a condition about a question that is not before it needs nothing', () => {
  const turned = [
    { ...steps[1]!, elements: [ask('early', 'text', { elementId: 'late', values: ['a'] }), ask('late', 'choice')] },
  ];
  expect(enteredToShow({ steps: turned }, NOTHING_ENTERED, 'early').size).toBe(0);
});
