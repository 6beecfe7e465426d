import { expect, it } from 'vitest';
import { isSameDocument } from './same-document';
import { documentFrom } from './templates';

it('is the same in another order of keys, and another one in another order of questions', () => {
  const document = documentFrom('lead', { attributes: [], topics: [] });
  const turned = Object.fromEntries(Object.entries(document).reverse()) as typeof document;
  expect(isSameDocument(document, turned)).toBe(true);
  const [step] = document.steps;
  const moved = { ...document, steps: [{ ...step!, elements: step!.elements.toReversed() }] };
  expect(isSameDocument(document, moved)).toBe(false);
});
