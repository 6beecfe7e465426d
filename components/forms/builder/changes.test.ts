import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormDocumentSchema, type Element, type Step } from '@/lib/forms/schema';
import {
  codeProblem,
  copyOf,
  findElement,
  insertElement,
  mergeStep,
  moveElement,
  placeOf,
  renameElement,
  shiftElement,
  shiftStep,
  splitStep,
} from './changes';

const heading = (id: string): Element => ({ id, shownIf: null, kind: 'heading', text: id });
const steps: Step[] = [
  { id: 'one', title: '', elements: ['a', 'b'].map(heading) },
  { id: 'two', title: '', elements: ['c'].map(heading) },
];
const order = (of: readonly Step[]) => of.map(({ elements }) => elements.map(({ id }) => id).join(''));

describe('moving an element', () => {
  it('goes up and down in its step, and on into the next one', () => {
    expect(order(shiftElement(steps, 'a', 1))).toEqual(['ba', 'c']);
    expect(order(shiftElement(steps, 'b', 1))).toEqual(['a', 'bc']);
    expect(order(shiftElement(steps, 'c', -1))).toEqual(['abc', '']);
    expect(shiftElement(steps, 'a', -1)).toBe(steps);
    expect(shiftElement(steps, 'c', 1)).toBe(steps);
  });

  it('puts it before what stands at the place', () => {
    expect(order(moveElement(steps, 'a', { step: 0, index: 2 }))).toEqual(['ba', 'c']);
    expect(order(moveElement(steps, 'a', { step: 1, index: 1 }))).toEqual(['b', 'ca']);
    expect(moveElement(steps, 'a', { step: 0, index: 1 })).toBe(steps);
  });

  it('never loses or doubles one', () => {
    const place = fc.record({ step: fc.constantFrom(0, 1), index: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), place)), (moves) => {
        const after = moves.reduce<readonly Step[]>((now, [id, to]) => moveElement(now, id, to), steps);
        expect(order(after).join('').split('').sort()).toEqual(['a', 'b', 'c']);
      }),
    );
  });
});

describe('steps', () => {
  it('are divided, moved and put together again', () => {
    expect(order(splitStep(steps, { step: 0, index: 1 }, 'new'))).toEqual(['a', 'b', 'c']);
    expect(order(shiftStep(steps, 0, 1))).toEqual(['c', 'ab']);
    expect(shiftStep(steps, 1, 1)).toBe(steps);
    expect(order(mergeStep(steps, 1))).toEqual(['abc']);
    expect(order(mergeStep(steps, 0))).toEqual(['abc']);
    expect(mergeStep(steps.slice(0, 1), 0)).toEqual(steps.slice(0, 1));
  });
});

describe('the code of a question', () => {
  const document = FormDocumentSchema.parse({
    steps: [
      {
        id: 'one',
        elements: [
          { id: 'email', kind: 'input', type: 'email', label: 'Email' },
          { id: 'e1', kind: 'input', type: 'yesno', label: 'Call me?' },
          { id: 'e2', kind: 'input', type: 'text', label: 'When?', shownIf: { elementId: 'e1', values: ['yes'] } },
        ],
      },
    ],
    after: {
      kind: 'address',
      address: 'https://example.org',
      parameters: [
        { name: 'call', elementId: 'e1' },
        { name: 'when', elementId: 'e2' },
      ],
    },
  });

  it('is changed wherever the form refers to it, and nothing else is', () => {
    const renamed = renameElement(document, 'e1', 'callme');
    expect(FormDocumentSchema.parse(renamed)).toEqual(renamed);
    expect(renamed.steps[0]!.elements.map(({ id, shownIf }) => [id, shownIf?.elementId])).toEqual([
      ['email', undefined],
      ['callme', undefined],
      ['e2', 'callme'],
    ]);
    expect(renamed.after).toMatchObject({ parameters: [{ elementId: 'callme' }, { elementId: 'e2' }] });
    expect(renamed.steps[0]!.elements[0]).toBe(document.steps[0]!.elements[0]);
    expect(renameElement(renamed, 'callme', 'e1')).toEqual(document);
  });

  it('is short, plain, and nobody else’s', () => {
    const problem = (code: string) => codeProblem(document, 'e1', code);
    expect([problem('e1'), problem('callme2')]).toEqual([null, null]);
    for (const wrong of ['', 'Call', 'call me', 'a'.repeat(21), 'email', 'one', 'x0123abcd'])
      expect(problem(wrong)).not.toBeNull();
  });
});

it('a copy fills no attribute', () => {
  const hidden = {
    id: 'h',
    shownIf: null,
    kind: 'hidden',
    parameter: 'p',
    attributeId: 3,
    allowed: [],
  } as unknown as Element;
  const added = insertElement(steps, { step: 1, index: 0 }, copyOf(hidden, 'copy'));
  expect(findElement(added, 'copy')).toMatchObject({ attributeId: null, parameter: 'p' });
  expect(placeOf(added, 'copy')).toEqual({ step: 1, index: 0 });
});
