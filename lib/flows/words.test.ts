import { describe, expect, it } from 'vitest';
import type { AttributeId, EventTypeId, FlowId, FormId, MessageId, SegmentId, TagId } from '@/lib/db/ids';
import { FlowDocumentSchema, type Step } from './schema';
import { filterInWords, stepInWords, stepName, triggerInWords, waysOf, type FlowNames } from './words';

const names: FlowNames = {
  tag: (id) => ({ 1: 'VIP', 2: 'Lead', 3: 'Newsletter' })[id as number] ?? '?',
  attribute: (id) => ({ 1: 'Birthday', 2: 'City' })[id as number] ?? '?',
  event: () => 'Order placed',
  field: () => 'Amount',
  value: (_, _code, value) => value,
  segment: () => 'Actives',
  keyspace: () => 'Email',
  holder: () => 'A list',
  message: () => 'Welcome',
  form: () => 'Trade show',
  flow: () => 'Onboarding',
};
const has = (tagId: number) => ({
  timeZone: 'UTC',
  root: { kind: 'group', match: 'all', items: [{ kind: 'tag', tagId, test: 'has' }] },
});
/** As the schema completes it. */
const stepOf = (step: object): Step => FlowDocumentSchema.parse({ steps: [{ id: 'step', ...step }] }).steps[0]!;
const words = (step: object) => stepInWords(stepOf(step), names);
const trigger = (given: object) => triggerInWords(FlowDocumentSchema.parse({ trigger: given }).trigger, names);

describe('what lets people in', () => {
  it('is said by kind', () => {
    expect(triggerInWords(null, names)).toBe('Choose what lets people in');
    expect(trigger({ kind: 'tag_applied', tagId: 3 as TagId })).toBe('When Newsletter is applied');
    expect(trigger({ kind: 'tag_applied', tagId: 3, sources: ['import', 'form'] })).toBe(
      'When Newsletter is applied by imports or forms',
    );
    expect(trigger({ kind: 'tag_removed', tagId: 1 })).toBe('When VIP is removed');
    expect(trigger({ kind: 'form', formId: 1 as FormId })).toBe('When “Trade show” is submitted');
    expect(
      trigger({
        kind: 'event',
        eventTypeId: 1 as EventTypeId,
        fields: [{ code: 'amount', compare: { test: 'at_least', number: 100 } }],
      }),
    ).toBe('When Order placed happens where Amount is at least 100');
    expect(trigger({ kind: 'segment', segmentId: 1 as SegmentId, becomes: 'out' })).toBe(
      'When they leave the segment Actives',
    );
    expect(trigger({ kind: 'date', attributeId: 1 as AttributeId, yearly: true })).toBe(
      'On Birthday at 09:00, every year',
    );
    expect(trigger({ kind: 'date', attributeId: 1, days: -3 })).toBe('3 days before Birthday, at 09:00');
    expect(trigger({ kind: 'none' })).toBe('By hand, from a segment or by the API');
  });

  it('says what is not chosen yet', () => {
    expect(trigger({ kind: 'tag_applied' })).toBe('When a tag is applied');
    expect(trigger({ kind: 'form' })).toBe('When a form is submitted');
    expect(trigger({ kind: 'event' })).toBe('When an event happens');
    expect(trigger({ kind: 'segment' })).toBe('When they enter a segment');
    expect(trigger({ kind: 'date' })).toBe('On a date at 09:00');
  });

  it('says whom it is for', () => {
    const { filter } = FlowDocumentSchema.parse({ filter: has(1) });
    expect(filterInWords(filter!, names)).toBe('Only somebody who has VIP');
  });
});

describe('what a step does', () => {
  it('is said by kind', () => {
    expect(words({ kind: 'wait', time: { count: 2, unit: 'days' } })).toBe('Wait 2 days');
    expect(words({ kind: 'wait', time: { count: 1, unit: 'hours' } })).toBe('Wait 1 hour');
    expect(words({ kind: 'wait', at: '08:00' })).toBe('Wait 1 day, then until 08:00');
    expect(words({ kind: 'wait', time: { count: 0, unit: 'days' }, at: '08:00' })).toBe('Wait until 08:00');
    expect(words({ kind: 'wait', time: { count: 0, unit: 'days' } })).toBe('Wait no time at all');
    expect(words({ kind: 'wait_hours' })).toBe('Wait until it is between 09:00 and 17:00, from Monday to Friday');
    const [mon, ...others] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    expect(words({ kind: 'wait_hours', days: ['sun', mon] })).toBe(
      'Wait until it is between 09:00 and 17:00, on Monday or Sunday',
    );
    expect(words({ kind: 'wait_hours', days: [mon, ...others] })).toBe('Wait until it is between 09:00 and 17:00');
    expect(words({ kind: 'wait_hours', from: '08:00', to: '08:00', days: ['sat'] })).toBe('Wait until it is Saturday');
    expect(words({ kind: 'wait_hours', from: '08:00', to: '08:00', days: [mon, ...others] })).toBe(
      'Wait no time at all',
    );
    expect(words({ kind: 'wait_date', attributeId: 1 })).toBe('Wait until Birthday at 09:00');
    expect(words({ kind: 'wait_date', attributeId: 1, days: 1 })).toBe('Wait until 1 day after Birthday, at 09:00');
    expect(words({ kind: 'tags', apply: [1, 3], remove: [2] })).toBe('Apply VIP and Newsletter, remove Lead');
    expect(words({ kind: 'tags', remove: [2] })).toBe('Remove Lead');
    expect(words({ kind: 'attribute', attributeId: 2, value: 'Berlin' })).toBe('Set City to “Berlin”');
    expect(words({ kind: 'attribute', attributeId: 2, value: true })).toBe('Set City to yes');
    expect(words({ kind: 'attribute', attributeId: 2 })).toBe('Set City');
    expect(words({ kind: 'email', messageId: 1 as MessageId })).toBe('Send “Welcome”');
    expect(words({ kind: 'sms', messageId: 1 })).toBe('Send “Welcome” by SMS');
    expect(words({ kind: 'notify', to: ['mia@example.com', 'bo@example.com'], subject: 'New lead' })).toBe(
      'Tell mia@example.com and 1 other: New lead',
    );
    expect(words({ kind: 'webhook', address: 'https://hooks.example.com/in' })).toBe('Call hooks.example.com');
    expect(words({ kind: 'enter', flowId: 1 as FlowId })).toBe('Go into the flow “Onboarding”');
    expect(words({ kind: 'leave' })).toBe('Leave the flow');
  });

  it('is the author’s own name if it has one', () => {
    expect(stepName(stepOf({ kind: 'wait', name: 'A breath' }), names)).toBe('A breath');
    expect(stepName(stepOf({ kind: 'wait' }), names)).toBe('Wait 1 day');
  });
});

describe('blocks and their ways', () => {
  const heads = (step: object) => {
    const block = stepOf(step);
    return 'ways' in block ? waysOf(block, names).map((way) => way.words) : [];
  };

  it('a branch asks, or takes the first that fits', () => {
    const one = { kind: 'branch', ways: [{ id: 'way1', rules: has(1), steps: [] }], otherwise: [] };
    expect(words(one)).toBe('Is it somebody who has VIP?');
    expect(heads(one)).toEqual(['Yes', 'No']);
    const two = { ...one, ways: [...one.ways, { id: 'way2', name: 'Leads', rules: has(2), steps: [] }] };
    expect(words(two)).toBe('The first of 2 conditions that fits');
    expect(heads(two)).toEqual(['Who has VIP', 'Leads', 'Everybody else']);
    expect(words({ ...one, ways: [{ id: 'way1', steps: [] }] })).toBe('Does somebody fit a condition?');
  });

  it('a split has shares', () => {
    const split = {
      kind: 'split',
      ways: [
        { id: 'way1', percent: 33.5, steps: [] },
        { id: 'way2', percent: 66.5, steps: [] },
      ],
    };
    expect(words(split)).toBe('Split 33.5 % and 66.5 %');
    expect(heads(split)).toEqual(['A · 33.5 %', 'B · 66.5 %']);
  });

  it('a wait says what ends it, and how long it takes at most', () => {
    const wait = {
      kind: 'wait_for',
      ways: [
        { id: 'way1', what: { kind: 'tag_applied', tagId: 3 }, steps: [] },
        { id: 'way2', what: { kind: 'form', formId: 1 }, steps: [] },
      ],
      otherwise: [],
    };
    expect(words({ ...wait, ways: wait.ways.slice(0, 1) })).toBe('Wait until Newsletter is applied, at most 7 days');
    expect(words(wait)).toBe('Wait until Newsletter is applied or “Trade show” is submitted, at most 7 days');
    expect(heads(wait)).toEqual(['Newsletter is applied', '“Trade show” is submitted', 'Not within 7 days']);
  });
});
