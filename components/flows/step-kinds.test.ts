import { expect, it } from 'vitest';
import { problemsOf } from '@/lib/flows/problems';
import { FlowDocumentSchema, FlowSettingsSchema } from '@/lib/flows/schema';
import { KIND_WORDS } from '@/lib/flows/words';
import { KINDS, newStep } from './step-kinds';

it('every kind of step is offered once, and a new one is sound', () => {
  expect(KINDS.map(({ kind }) => kind).sort()).toEqual(Object.keys(KIND_WORDS).sort());
  for (const { kind } of KINDS) {
    const document = FlowDocumentSchema.parse({ trigger: { kind: 'none' }, steps: [newStep(kind)] });
    const words = problemsOf(document, FlowSettingsSchema.parse({})).map((problem) => problem.words);
    for (const each of words) expect(each).toMatch(/^(Choose|Enter|Say) /);
  }
});
