import { expect, it } from 'vitest';
import { problemsOf } from '@/lib/flows/problems';
import { FlowDocumentSchema, FlowSettingsSchema, StepsSchema } from '@/lib/flows/schema';
import { KIND_WORDS } from '@/lib/flows/words';
import { KINDS, newStep } from './step-kinds';

it('a new step has the values that the engine takes where nothing was chosen: one constant for both (case 50)', () => {
  for (const { kind } of KINDS) {
    const step = newStep(kind) as Record<string, unknown>;
    const untouched = JSON.parse(JSON.stringify(step)) as Record<string, unknown>;
    for (const name of Object.keys(untouched))
      if (!['id', 'kind', 'ways', 'otherwise'].includes(name)) delete untouched[name];
    expect(StepsSchema.parse([untouched])).toEqual([step]);
  }
});

it('every kind of step is offered once, and a new one is sound', () => {
  expect(KINDS.map(({ kind }) => kind).sort()).toEqual(Object.keys(KIND_WORDS).sort());
  for (const { kind } of KINDS) {
    const document = FlowDocumentSchema.parse({ trigger: { kind: 'none' }, steps: [newStep(kind)] });
    const words = problemsOf(document, FlowSettingsSchema.parse({})).map((problem) => problem.words);
    for (const each of words) expect(each).toMatch(/^(Choose|Enter|Say) /);
  }
});
