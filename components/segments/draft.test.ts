// Rules and drafts convert into each other without loss; problems are reported at their fields; input is kept.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeType } from '@/lib/attributes/schema';
import type { AttributeId, ClaimHolderId, EventTypeId, KeyspaceId, SegmentId, TagId } from '@/lib/db/ids';
import { TESTS, type Comparison, type Test } from '@/lib/attributes/comparison';
import {
  CONDITIONS_MAX,
  DEPTH_MAX,
  MATCHES,
  RulesSchema,
  UNITS,
  conditionsOf,
  type Condition,
  type EventCondition,
  type Period,
  type RuleNode,
  type Rules,
} from '@/lib/segments/schema';
import { canonicalText } from '@/lib/text/canonical';
import { SOURCES, type Source } from '@/lib/tags/source';
import {
  allOf,
  created,
  did,
  hasKey,
  hasTag,
  inSegment,
  nested,
  onAttribute,
  onTag,
  rulesOf,
} from '@/testing/segments';
import { comparisonFor, type DraftComparison, type Problems } from '@/components/comparison/draft-comparison';
import {
  ANY_TIME,
  attributeCondition,
  checkCondition,
  completePart,
  draftOf,
  draftRoot,
  eventCondition,
  groupOf,
  profileCondition,
  isSameDraft,
  segmentCondition,
  tagCondition,
  type Draft,
  type DraftCondition,
  type DraftEvent,
  type DraftField,
  type DraftNode,
  type DraftPeriod,
  type DraftTag,
} from './draft';

const tagId = 7 as TagId;
const attributeId = 8 as AttributeId;
const eventTypeId = 9 as EventTypeId;
const ALL_TESTS = [...new Set(Object.values(TESTS).flat())];

/** As it is serialised for sending and for reloads. */
const sent = <Value>(value: Value) => JSON.parse(JSON.stringify(value)) as Value;

function keysOf(node: DraftNode): string[] {
  if (node.kind === 'group') return [node.key, ...node.items.flatMap(keysOf)];
  return node.kind === 'event' ? [node.key, ...node.fields.map(({ key }) => key)] : [node.key];
}

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

/** A comparison with this input, whatever was typed before. */
const comparing = (test: Test, typed: Partial<DraftComparison> = {}): DraftComparison => ({
  ...comparisonFor('text'),
  test,
  ...typed,
});
const comparingBy = (test: Test, typed?: Partial<DraftComparison>): DraftCondition => ({
  ...attributeCondition(attributeId, 'text'),
  compare: comparing(test, typed),
});
const during = (when: Partial<DraftPeriod>): DraftTag => ({
  ...tagCondition(tagId, 'got'),
  when: { ...ANY_TIME, ...when },
});
const field = (key: string, compare: DraftComparison): DraftField => ({ key, code: key, compare });

const problemsOf = (node: DraftCondition): Problems => {
  const checked = checkCondition(node);
  return checked.ok ? {} : checked.problems;
};
const conditionOf = (node: DraftCondition): Condition | undefined => {
  const checked = checkCondition(node);
  return checked.ok ? checked.condition : undefined;
};

const TEXT = { text: 'Enter some text.' };
const TEXTS = { texts: 'Enter at least one.' };
const NUMBER = { number: 'Enter a number.' };
const DATE = { date: 'Choose a date.' };
const DAYS = { days: 'Enter a whole number.' };
const NOTHING = {};
/** Messages for missing input, by the field of the comparison. */
const MISSING: Record<Test, Problems> = {
  ...{ is: TEXT, is_not: TEXT, contains: TEXT, not_contains: TEXT, starts: TEXT, one_of: TEXTS, none_of: TEXTS },
  ...{ equals: NUMBER, above: NUMBER, at_least: NUMBER, below: NUMBER, at_most: NUMBER },
  between: { from: 'Enter a number.', to: 'Enter a number.' },
  ...{ on: DATE, before: DATE, after: DATE },
  dates_between: { fromDate: 'Choose a date.', toDate: 'Choose a date.' },
  ...{ in_last: DAYS, in_next: DAYS, longer_ago: DAYS, further_ahead: DAYS },
  anniversary: { within: 'Enter a whole number of days, from 0 to 365.' },
  ...{ yes: NOTHING, no: NOTHING, empty: NOTHING, not_empty: NOTHING },
};

// ── Random rules ────────────────────────────────────────────────────────────────────────────────────────────────────

const anyId = fc.integer({ min: 1, max: 2_147_483_647 });
const anyCount = fc.integer({ min: 1, max: 10_000 });
const anyText = fc
  .oneof(
    fc.constantFrom(' spaces around ', 'two\nlines', '1,5', '', '%', "o'neil", 'Åsa', '\u{1F600}'),
    fc.string({ unit: 'binary', maxLength: 12 }),
  )
  // Rules are stored in canonical spelling.
  .map(canonicalText)
  .filter((text) => text !== '' && !text.includes('\0'));
/** Lists have one value per line: they cannot contain line breaks or surrounding spaces. */
const anyLine = anyText.map((text) => text.replace(/\r?\n/g, '').trim()).filter((text) => text !== '');
/** JSON has no negative zero. */
const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0);
const twoNumbers = fc.tuple(anyNumber, anyNumber).map((both) => both.sort((left, right) => left - right));
const anyDay = fc
  .date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const twoDays = fc.tuple(anyDay, anyDay).map((days) => days.sort());

const anyPeriod: fc.Arbitrary<Period> = fc.oneof(
  fc.constant({ kind: 'ever' as const }),
  fc.record({
    kind: fc.constantFrom('last' as const, 'before_last' as const),
    count: anyCount,
    unit: fc.constantFrom(...UNITS),
  }),
  twoDays.map(([from, to]) => ({ kind: 'between' as const, from, to })),
  anyDay.map((from) => ({ kind: 'between' as const, from, to: null })),
  anyDay.map((to) => ({ kind: 'between' as const, from: null, to })),
);

function comparisonWith(test: Test): fc.Arbitrary<Comparison> {
  switch (test) {
    case 'is':
    case 'is_not':
    case 'contains':
    case 'not_contains':
    case 'starts':
      return anyText.map((text) => ({ test, text }));
    case 'one_of':
    case 'none_of':
      return fc.array(anyLine, { minLength: 1, maxLength: 4 }).map((texts) => ({ test, texts }));
    case 'equals':
    case 'above':
    case 'at_least':
    case 'below':
    case 'at_most':
      return anyNumber.map((number) => ({ test, number }));
    case 'between':
      return twoNumbers.map(([from, to]) => ({ test, from, to }));
    case 'on':
    case 'before':
    case 'after':
      return anyDay.map((date) => ({ test, date }));
    case 'dates_between':
      return twoDays.map(([fromDate, toDate]) => ({ test, fromDate, toDate }));
    case 'in_last':
    case 'in_next':
    case 'longer_ago':
    case 'further_ahead':
      return anyCount.map((days) => ({ test, days }));
    case 'anniversary':
      return fc.integer({ min: 0, max: 365 }).map((within) => ({ test, within }));
    case 'yes':
    case 'no':
    case 'empty':
    case 'not_empty':
      return fc.constant({ test });
  }
}
const anyComparison = fc.constantFrom(...ALL_TESTS).chain(comparisonWith);

const anyTagId = anyId.map((id) => id as TagId);
const anySource = fc.option(fc.constantFrom(...(Object.keys(SOURCES) as Source[])));
const anyTimes: fc.Arbitrary<EventCondition['times']> = fc.record({
  is: fc.constantFrom('at_least', 'exactly', 'at_most'),
  count: anyCount,
});
const anyFields = fc.array(fc.record({ code: fc.string({ maxLength: 60 }), compare: anyComparison }), { maxLength: 3 });

/** Conditions with exactly the fields that their tests use. */
const anyCondition: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(anyTagId, fc.constantFrom('has' as const, 'has_not' as const), anySource)
    .map(([id, test, source]) => onTag(id, { test, source })),
  fc
    .tuple(anyTagId, fc.constantFrom('got' as const, 'lost' as const), anySource, anyPeriod)
    .map(([id, test, source, when]) => onTag(id, { test, source, when })),
  fc
    .tuple(anyTagId, fc.option(anyId))
    .map(([id, holder]) => onTag(id, { test: 'held_by', holderId: holder as ClaimHolderId | null })),
  fc.tuple(anyId, anyComparison).map(([id, compare]) => onAttribute(id as AttributeId, compare)),
  fc
    .tuple(anyId, anyTimes, anyPeriod, anyFields)
    .map(([id, times, when, fields]) => did(id as EventTypeId, { times, when, fields })),
  fc
    .tuple(anyId, anyPeriod, anyFields)
    .map(([id, when, fields]) => did(id as EventTypeId, { test: 'did_not', when, fields })),
  anyPeriod.map(created),
  fc
    .tuple(anyId, fc.constantFrom('has_key' as const, 'has_no_key' as const))
    .map(([id, test]) => ({ kind: 'profile' as const, test, keyspaceId: id as KeyspaceId })),
  fc.constantFrom('has_tag' as const, 'has_no_tag' as const).map((test) => ({ kind: 'profile' as const, test })),
  fc
    .tuple(anyId, fc.constantFrom('in' as const, 'not_in' as const))
    .map(([id, test]) => inSegment(id as SegmentId, test)),
);

const groupWith = (items: fc.Arbitrary<RuleNode>) =>
  fc
    .tuple(fc.constantFrom(...MATCHES), fc.array(items, { minLength: 1, maxLength: 3 }))
    .map(([match, parts]) => ({ kind: 'group' as const, match, items: parts }));
const { node: anyNode } = fc.letrec<{ node: RuleNode; group: RuleNode }>((tie) => ({
  node: fc.oneof({ maxDepth: 3, depthSize: 'small', withCrossShrink: true }, anyCondition, tie('group')),
  group: groupWith(tie('node')),
}));
const anyRules: fc.Arbitrary<Rules> = groupWith(anyNode).map((root) => ({ timeZone: 'UTC', root }));

// ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

describe('rules', () => {
  it('survive conversion to a draft and back, also over a reload', () => {
    fc.assert(
      fc.property(anyRules, (rules) => {
        expect(RulesSchema.parse(rules)).toEqual(rules);
        const root = draftRoot(rules);
        expect(completePart(root)).toEqual({ node: rules.root, incomplete: 0 });
        expect(completePart(sent(root))).toEqual({ node: rules.root, incomplete: 0 });
        const keys = keysOf(root);
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 300 },
    );
  });

  it('equal others exactly if their content is equal, whatever the keys of their nodes', () => {
    const draft = (rules: Rules): Draft => ({
      base: null,
      name: '',
      description: '',
      timeZone: 'UTC',
      root: draftRoot(rules),
    });
    fc.assert(
      fc.property(anyRules, anyRules, (left, right) => {
        expect(isSameDraft(draft(left), { ...draft(left), base: 'later' })).toBe(true);
        expect(isSameDraft(draft(left), draft(right))).toBe(JSON.stringify(left) === JSON.stringify(right));
        expect(isSameDraft(draft(left), { ...draft(left), name: 'VIP' })).toBe(false);
      }),
    );
  });

  it('of the largest size survive too', () => {
    const many = Array.from({ length: CONDITIONS_MAX }, (_, nth) => hasTag((nth + 1) as TagId));
    for (const rules of [rulesOf(allOf(...many)), rulesOf(nested(hasTag(tagId), DEPTH_MAX))]) {
      expect(completePart(draftRoot(rules)).node).toEqual(rules.root);
    }
  });
});

describe('input that a test does not use', () => {
  const when: Period = { kind: 'last', count: 3, unit: 'weeks' };

  it('is not in the rules of a tag, and returns when a test uses it', () => {
    const got = onTag(tagId, { test: 'got', source: 'import', when });
    const draft = draftOf(got) as DraftTag;
    expect(conditionOf({ ...draft, test: 'has' })).toEqual(onTag(tagId, { source: 'import' }));
    expect(conditionOf({ ...draft, test: 'held_by', holderId: 5 as ClaimHolderId })).toEqual(
      onTag(tagId, { test: 'held_by', holderId: 5 as ClaimHolderId }),
    );
    expect(conditionOf({ ...draft, holderId: 5 as ClaimHolderId })).toEqual(got);
  });

  it('is not in the rules of an event, and returns when a test uses it', () => {
    const thrice = did(eventTypeId, { times: { is: 'exactly', count: 3 }, when });
    const draft = draftOf(thrice) as DraftEvent;
    const not: DraftEvent = { ...draft, test: 'did_not' };
    expect(conditionOf(not)).toEqual(did(eventTypeId, { test: 'did_not', when }));
    expect(conditionOf({ ...not, test: 'did' })).toEqual(thrice);
  });

  it('does not matter, however it is filled in', () => {
    const wrong: DraftPeriod = { ...ANY_TIME, kind: 'last', count: 'soon' };
    expect(problemsOf({ ...tagCondition(tagId), when: wrong })).toEqual({});
    expect(problemsOf({ ...eventCondition(eventTypeId), test: 'did_not', times: 'often' })).toEqual({});
    expect(problemsOf(during({ kind: 'ever', count: '', from: 'x', to: 'y' }))).toEqual({});
    expect(problemsOf(comparingBy('not_empty', { number: 'x', days: '' }))).toEqual({});
  });
});

describe('input for one test', () => {
  it.each<[Comparison, Partial<DraftComparison>, Comparison]>([
    [{ test: 'is', text: ' Åsa' }, { test: 'starts' }, { test: 'starts', text: ' Åsa' }],
    [{ test: 'one_of', texts: ['a', 'b c'] }, { test: 'none_of' }, { test: 'none_of', texts: ['a', 'b c'] }],
    [{ test: 'at_least', number: 1.5 }, { test: 'below' }, { test: 'below', number: 1.5 }],
    [
      { test: 'above', number: 2 },
      { test: 'between', toNumber: '10' },
      { test: 'between', from: 2, to: 10 },
    ],
    [{ test: 'between', from: 2, to: 10 }, { test: 'equals' }, { test: 'equals', number: 2 }],
    [
      { test: 'after', date: '2026-01-31' },
      { test: 'dates_between', toDate: '2026-02-01' },
      { test: 'dates_between', fromDate: '2026-01-31', toDate: '2026-02-01' },
    ],
    [
      { test: 'dates_between', fromDate: '2026-01-31', toDate: '2026-02-01' },
      { test: 'on' },
      { test: 'on', date: '2026-01-31' },
    ],
    [{ test: 'in_last', days: 14 }, { test: 'further_ahead' }, { test: 'further_ahead', days: 14 }],
    [{ test: 'anniversary', within: 14 }, { test: 'longer_ago' }, { test: 'longer_ago', days: 14 }],
  ])('is reused by another: %j', (before, typed, after) => {
    const draft = draftOf(onAttribute(attributeId, before)) as DraftCondition & { kind: 'attribute' };
    const changed = { ...draft, compare: { ...draft.compare, ...typed } };
    expect(conditionOf(changed)).toEqual(onAttribute(attributeId, after));
  });
});

describe('a condition that was just added', () => {
  const last = (count: number): Period => ({ kind: 'last', count, unit: 'days' });

  it.each<[DraftCondition, Condition]>([
    [tagCondition(tagId), hasTag(tagId)],
    [attributeCondition(attributeId, 'boolean'), onAttribute(attributeId, { test: 'yes' })],
    [eventCondition(eventTypeId), did(eventTypeId, { when: last(90) })],
    [profileCondition('created', null), created(last(30))],
    [profileCondition('has_key', 3 as KeyspaceId), hasKey(3 as KeyspaceId)],
    [profileCondition('has_no_tag', null), { kind: 'profile', test: 'has_no_tag' }],
    [segmentCondition(4 as SegmentId), inSegment(4 as SegmentId)],
  ])('is counted at once if it needs no input: $kind', (draft, condition) => {
    expect(checkCondition(draft)).toEqual({ ok: true, condition });
  });

  it.each<[AttributeType, Problems]>([
    ['text', { 'compare.text': 'Enter some text.' }],
    ['choice', { 'compare.text': 'Enter some text.' }],
    ['number', { 'compare.number': 'Enter a number.' }],
    ['date', { 'compare.date': 'Choose a date.' }],
  ])('says what is required: %s', (type, problems) => {
    expect(problemsOf(attributeCondition(attributeId, type))).toEqual(problems);
  });
});

describe('missing input', () => {
  const at = (path: string, problems: Problems): Problems =>
    Object.fromEntries(Object.entries(problems).map(([name, message]) => [`${path}.${name}`, message]));

  it.each(ALL_TESTS)('is reported at its field, for attributes and event data: %s', (test) => {
    expect(problemsOf(comparingBy(test, { days: '' }))).toEqual(at('compare', MISSING[test]));
    const fields = [field('whole', comparing('yes')), field('blank', comparing(test, { days: ' ' }))];
    expect(problemsOf({ ...eventCondition(eventTypeId), fields })).toEqual(at('fields.1.compare', MISSING[test]));
  });

  it.each<[string, DraftCondition, Problems]>([
    ['a count', during({ kind: 'last', count: '' }), { 'when.count': 'Enter a whole number.' }],
    ['a date', during({ kind: 'between' }), { 'when.from': 'Choose at least one date.' }],
    ['how often', { ...eventCondition(eventTypeId), times: '' }, { 'times.count': 'Enter a whole number.' }],
    ['a keyspace', profileCondition('has_no_key', null), { keyspaceId: 'Choose a keyspace.' }],
  ])('is reported at its field: %s', (_name, draft, problems) => {
    expect(problemsOf(draft)).toEqual(problems);
  });
});

describe('invalid input', () => {
  it.each<[string, DraftCondition, Problems]>([
    ['a word for a number', comparingBy('above', { number: 'ten' }), { 'compare.number': 'Enter a number.' }],
    [
      'a number that can be two',
      comparingBy('above', { number: '1,234' }),
      { 'compare.number': 'Enter 1234 or 1.234: “1,234” can be both.' },
    ],
    [
      'a number that no computer has',
      comparingBy('above', { number: '1e400' }),
      { 'compare.number': 'Enter a number.' },
    ],
    [
      'numbers the wrong way round',
      comparingBy('between', { number: '10', toNumber: '9' }),
      { 'compare.to': 'The second number is smaller than the first.' },
    ],
    [
      'a day that February has not',
      comparingBy('on', { date: '2026-02-30' }),
      { 'compare.date': 'There is no date “2026-02-30”.' },
    ],
    [
      'days the wrong way round',
      comparingBy('dates_between', { date: '2026-02-02', toDate: '2026-02-01' }),
      { 'compare.toDate': 'The second date is before the first.' },
    ],
    ['half a day', comparingBy('in_next', { days: '1.5' }), { 'compare.days': 'Enter a whole number.' }],
    [
      'more days than a year has',
      comparingBy('anniversary', { days: '366' }),
      { 'compare.within': 'Enter a whole number of days, from 0 to 365.' },
    ],
    [
      'a list of blank lines',
      comparingBy('one_of', { texts: ' \n\r\n\t' }),
      { 'compare.texts': 'Enter at least one.' },
    ],
    [
      'a text that is wrong in two ways, the first of them',
      comparingBy('is', { text: '\0'.repeat(501) }),
      { 'compare.text': 'Use at most 500 characters.' },
    ],
    ['a word for a count', during({ kind: 'last', count: 'soon' }), { 'when.count': 'Enter a whole number.' }],
    ['a count of none', during({ kind: 'before_last', count: '0' }), { 'when.count': 'Enter 1 or more.' }],
    [
      'a period the wrong way round',
      during({ kind: 'between', from: '2026-02-02', to: '2026-02-01' }),
      { 'when.to': 'The second date is before the first.' },
    ],
    [
      'a month that no year has',
      during({ kind: 'between', to: '2026-13-01' }),
      { 'when.to': 'There is no date “2026-13-01”.' },
    ],
    ['too often', { ...eventCondition(eventTypeId), times: '20000' }, { 'times.count': 'Enter a smaller number.' }],
  ])('is reported at its field: %s', (_name, draft, problems) => {
    expect(problemsOf(draft)).toEqual(problems);
  });

  it('is reported for all fields at once', () => {
    const draft: DraftEvent = {
      ...eventCondition(eventTypeId),
      times: '0',
      when: { ...ANY_TIME, kind: 'last', count: 'x' },
      fields: [field('price', comparing('between', { number: '1' })), field('plan', comparing('is'))],
    };
    expect(problemsOf(draft)).toEqual({
      'times.count': 'Enter 1 or more.',
      'when.count': 'Enter a whole number.',
      'fields.0.compare.to': 'Enter a number.',
      'fields.1.compare.text': 'Enter some text.',
    });
  });

  it('is reported at a field of its test, or is a condition that survives conversion to a draft and back', () => {
    const anyTyped = fc.oneof(
      fc.constantFrom('', '0', '1,5', ' 12 ', '1e9', '2026-02-28', 'a\r\n b \n\n'),
      fc.string(),
    );
    const anyDraft = fc.record({
      test: fc.constantFrom(...ALL_TESTS),
      ...{ text: anyTyped, texts: anyTyped, number: anyTyped, toNumber: anyTyped },
      ...{ date: anyTyped, toDate: anyTyped, days: anyTyped },
    });
    fc.assert(
      fc.property(anyDraft, (compare) => {
        const draft = comparingBy(compare.test, compare);
        const condition = conditionOf(draft);
        if (condition) expect(sent(conditionOf(draftOf(condition) as DraftCondition))).toEqual(sent(condition));
        for (const [path, message] of Object.entries(problemsOf(draft))) {
          expect(Object.keys(MISSING[compare.test])).toContain(path.split('.')[1]);
          expect(message).toMatch(/^(Enter|Choose|The|There|Use) .*\.$/s);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('typed input', () => {
  it('is parsed as people write it', () => {
    const number = (typed: string) => conditionOf(comparingBy('equals', { number: typed }));
    expect(number(' 1 234,5 ')).toEqual(onAttribute(attributeId, { test: 'equals', number: 1234.5 }));
    expect(number('-0.25')).toEqual(onAttribute(attributeId, { test: 'equals', number: -0.25 }));
    expect(conditionOf(comparingBy('one_of', { texts: ' Stockholm \r\n\n  Malmö, Lund\n' }))).toEqual(
      onAttribute(attributeId, { test: 'one_of', texts: ['Stockholm', 'Malmö, Lund'] }),
    );
    expect(conditionOf(comparingBy('is', { text: ' as it is ' }))).toEqual(
      onAttribute(attributeId, { test: 'is', text: ' as it is ' }),
    );
  });
});

// ── The complete part ───────────────────────────────────────────────────────────────────────────────────────────────

const { node: anyDraftNode } = fc.letrec<{ node: DraftNode; group: DraftNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    anyId.map((id) => tagCondition(id as TagId)),
    fc.constant(comparingBy('above', { number: 'ten' })),
    tie('group'),
  ),
  group: fc
    .tuple(fc.constantFrom(...MATCHES), fc.array(tie('node'), { maxLength: 4 }))
    .map(([match, items]) => groupOf(match, items)),
}));

/** Each tag in the rules, with the groups around it: 'all any 7'. */
function linesOf(node: RuleNode | DraftNode): string[] {
  if (node.kind === 'group') return node.items.flatMap(linesOf).map((line) => `${node.match} ${line}`);
  return node.kind === 'tag' ? [String(node.tagId)] : [];
}

function countIncomplete(node: DraftNode): number {
  if (node.kind !== 'group') return node.kind === 'tag' ? 0 : 1;
  return node.items.length === 0 ? 1 : node.items.reduce((sum, item) => sum + countIncomplete(item), 0);
}

describe('the complete part of a draft', () => {
  it('has every complete condition in its group, in order, and counts what is left out', () => {
    fc.assert(
      fc.property(
        fc.array(anyDraftNode, { maxLength: 4 }).map((items) => frozen(groupOf('all', items))),
        (root) => {
          const { node, incomplete } = completePart(root);
          expect(node ? linesOf(node) : []).toEqual(linesOf(root));
          expect(incomplete).toBe(countIncomplete(root));
          expect(node === null).toBe(linesOf(root).length === 0);
          if (node) expect(RulesSchema.parse({ timeZone: 'UTC', root: node }).root).toEqual(node);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is complete again when the missing input is typed', () => {
    const half = comparingBy('above', { number: '' });
    const draft = (condition: DraftCondition) => groupOf('all', [tagCondition(tagId), groupOf('none', [condition])]);
    expect(completePart(draft(half))).toEqual({ node: allOf(hasTag(tagId)), incomplete: 1 });
    const { node, incomplete } = completePart(draft({ ...half, ...comparingBy('above', { number: '3' }) }));
    expect(incomplete).toBe(0);
    expect(conditionsOf(node!)).toEqual([hasTag(tagId), onAttribute(attributeId, { test: 'above', number: 3 })]);
  });
});
