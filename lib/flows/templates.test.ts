import { describe, expect, it } from 'vitest';
import type { AttributeId } from '@/lib/db/ids';
import { problemsOf } from './problems';
import { allSteps } from './schema';
import { flowFrom, TEMPLATES } from './templates';

const attributes = [
  { id: 1 as AttributeId, name: 'City', code: 'city', type: 'text' as const },
  { id: 2 as AttributeId, name: 'Date of birth', code: 'date_of_birth', type: 'date' as const },
];

describe('every template', () => {
  it.each(TEMPLATES)('%s is sound, and only choices are missing', (template) => {
    const { document, settings } = flowFrom(template, { attributes: [] });
    const missing = problemsOf(document, settings).filter(({ must }) => must);
    if (template === 'empty') return expect(allSteps(document.steps)).toEqual([]);
    expect(allSteps(document.steps).length).toBeGreaterThan(0);
    expect(missing.length).toBeGreaterThan(0);
    for (const { words } of missing) expect(words).toMatch(/^(Choose|Enter|Say) /);
  });
});

it('a birthday is found by its name, and may come again every year', () => {
  const { document, settings } = flowFrom('birthday', { attributes });
  expect(document.trigger).toMatchObject({ kind: 'date', attributeId: 2, yearly: true });
  expect(problemsOf(document, settings).map(({ words }) => words)).toEqual(['Choose the message.']);
});
