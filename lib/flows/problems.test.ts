import { describe, expect, it } from 'vitest';
import { problemsOf } from './problems';
import { FlowDocumentSchema, FlowSettingsSchema } from './schema';

const settings = FlowSettingsSchema.parse({});
const tag = { kind: 'tag_applied', tagId: 1 };
const has = (tagId: number) => ({
  ...{ timeZone: 'UTC', root: { kind: 'group', match: 'all', items: [{ kind: 'tag', tagId, test: 'has' }] } },
});
const wait = { id: 'wait', kind: 'wait' };
const problems = (document: object) => problemsOf(FlowDocumentSchema.parse(document), settings);
const ofStep = (step: object) =>
  problems({ trigger: tag, steps: [{ id: 'step', ...step }] }).map(({ stepId, words }) => `${stepId}: ${words}`);

describe('what lets people in', () => {
  it('has to be chosen', () => {
    expect(problems({}).map(({ place, words }) => `${place}: ${words}`)).toEqual([
      'trigger: Choose what lets people in.',
      'steps: Add a step: this flow does nothing yet.',
    ]);
    expect(problems({ trigger: { kind: 'form' }, steps: [wait] }).map(({ words }) => words)).toEqual([
      'Choose the form.',
    ]);
    expect(problems({ trigger: tag, steps: [wait] })).toEqual([]);
  });

  it('compares events with what is written there, not with another event (case 117)', () => {
    const fields = [{ code: 'order', compare: { test: 'is', text: '{{ order }}' } }];
    const event = { kind: 'event', eventTypeId: 1, fields };
    const words = 'An event cannot be compared with the data of another one: enter a value.';
    expect(problems({ trigger: event, steps: [wait] })).toMatchObject([{ place: 'trigger', words, must: true }]);
    const waits = { kind: 'wait_for', ways: [{ id: 'way1', what: event, steps: [] }], otherwise: [] };
    expect(ofStep(waits)).toEqual([`way1: ${words}`]);
  });

  it('that comes every year should let people in again (case 55)', () => {
    const [found] = problems({ trigger: { kind: 'date', attributeId: 1, yearly: true }, steps: [wait] });
    expect(found).toMatchObject({ place: 'settings', must: false });
  });
});

describe('a step', () => {
  it.each([
    { kind: 'wait' },
    { kind: 'wait_date', attributeId: 1 },
    { kind: 'tags', apply: [1], remove: [2] },
    { kind: 'attribute', attributeId: 2, value: 0 },
    { kind: 'email', messageId: 1 },
    { kind: 'notify', to: ['mia@example.com'], subject: 'New lead' },
    { kind: 'webhook', address: 'https://example.com/hook' },
    { kind: 'enter', flowId: 8 },
    { kind: 'leave' },
  ])('that is complete has no problem: $kind', (step) => {
    expect(ofStep(step)).toEqual([]);
  });

  it('says at its way what the way lacks', () => {
    expect(ofStep({ kind: 'branch', ways: [{ id: 'way1', steps: [] }], otherwise: [] })).toEqual([
      'way1: Say who goes this way.',
    ]);
    const waits = { kind: 'wait_for', ways: [{ id: 'way1', what: { kind: 'form' }, steps: [] }], otherwise: [] };
    expect(ofStep(waits)).toEqual(['way1: Choose the form.']);
  });

  it('that nobody reaches is told, also where all ways of a step leave', () => {
    const leave = (id: string) => ({ id, kind: 'leave' });
    const both = {
      ...{ id: 'branch', kind: 'branch', ways: [{ id: 'way1', rules: has(1), steps: [leave('gone1')] }] },
      otherwise: [leave('gone2')],
    };
    expect(problems({ trigger: tag, steps: [both, wait] })).toEqual([
      { stepId: 'wait', place: 'steps', must: false, words: 'Nobody comes here: everybody has left before.' },
    ]);
    expect(problems({ trigger: tag, steps: [{ ...both, otherwise: [] }, wait] })).toEqual([]);
  });
});
