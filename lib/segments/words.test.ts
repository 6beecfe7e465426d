// Rules as a sentence: each kind of condition, and unambiguous groups.
import { describe, expect, it } from 'vitest';
import type { AttributeId, ClaimHolderId, EventTypeId, KeyspaceId, SegmentId, TagId } from '@/lib/db/ids';
import {
  allOf,
  anyOf,
  created,
  did,
  hasKey,
  hasNotTag,
  hasTag,
  inSegment,
  noneOf,
  onAttribute,
  onTag,
  rulesOf,
} from '@/testing/segments';
import type { Comparison } from '@/lib/attributes/comparison';
import type { EventCondition, Period, RuleNode, TagCondition } from './schema';
import { comparisonInWords } from '@/lib/attributes/comparison-words';
import { nodeInWords, periodInWords, rulesInWords, type Names } from './words';

const VIP = 1 as TagId;
const PARTNER = 2 as TagId;
const LEAD = 3 as TagId;
const COUNTRY = 1 as AttributeId;
const ORDERED = 1 as EventTypeId;

const names: Names = {
  value: (_id, _code, value) => value,
  tag: (id) => ['', 'VIP', 'Partner', 'Lead'][id]!,
  attribute: () => 'Country',
  event: () => 'Ordered',
  field: (_id, code) => code.charAt(0).toUpperCase() + code.slice(1),
  segment: () => 'Swedes',
  keyspace: () => 'Email',
  holder: () => 'Trade show 2026',
};
const sentence = (node: RuleNode) => rulesInWords(rulesOf(node), names);
const words = (node: RuleNode) => nodeInWords(node, names);
const isIn = (text: string) => onAttribute(COUNTRY, { test: 'is', text });

describe('a condition in words', () => {
  const day: Period = { kind: 'between', from: '2026-05-03', to: '2026-05-03' };
  const held: Partial<TagCondition> = { test: 'held_by' };

  it.each<[string, RuleNode]>([
    ['who has VIP', hasTag(VIP)],
    ['who has VIP from imports', onTag(VIP, { source: 'import' })],
    ['who does not have VIP', hasNotTag(VIP)],
    ['who does not have VIP from the API', onTag(VIP, { test: 'has_not', source: 'api' })],
    ['who got VIP at any time', onTag(VIP, { test: 'got' })],
    [
      'who got VIP from forms in the last 7 days',
      onTag(VIP, { test: 'got', source: 'form', when: { kind: 'last', count: 7, unit: 'days' } }),
    ],
    ['who lost VIP at any time', onTag(VIP, { test: 'lost' })],
    ['who lost VIP by bulk changes on 3 May 2026', onTag(VIP, { test: 'lost', source: 'bulk', when: day })],
    ['who has VIP set here, by people, imports or the API', onTag(VIP, held)],
    ['who has VIP by the list Trade show 2026', onTag(VIP, { ...held, holderId: 7 as ClaimHolderId })],
    ['whose Country is “Sweden”', isIn('Sweden')],
    ['whose Country has a value', onAttribute(COUNTRY, { test: 'not_empty' })],
    ['who has the event Ordered', did(ORDERED)],
    ['who does not have the event Ordered at any time', did(ORDERED, { test: 'did_not' })],
    ['who does not have the event Ordered on 3 May 2026', did(ORDERED, { test: 'did_not', when: day })],
    ['whose profile was added on 3 May 2026', created(day)],
    ['whose profile was added at any time', created({ kind: 'ever' })],
    ['who has a key in Email', hasKey(1 as KeyspaceId)],
    ['who has no key in Email', { kind: 'profile', test: 'has_no_key', keyspaceId: 1 as KeyspaceId }],
    ['who has any tag', { kind: 'profile', test: 'has_tag' }],
    ['who has no tag at all', { kind: 'profile', test: 'has_no_tag' }],
    ['who is in the segment Swedes', inSegment(1 as SegmentId)],
    ['who is not in the segment Swedes', inSegment(1 as SegmentId, 'not_in')],
  ])('reads: %s', (expected, condition) => {
    expect(words(condition)).toBe(expected);
    expect(sentence(condition)).toBe(`Everyone ${expected}.`);
  });

  it.each<[string, EventCondition['times']]>([
    ['who has the event Ordered at least 3 times', { is: 'at_least', count: 3 }],
    ['who has the event Ordered exactly 1 time', { is: 'exactly', count: 1 }],
    ['who has the event Ordered at most 2 times', { is: 'at_most', count: 2 }],
  ])('reads: %s', (expected, times) => {
    expect(words(did(ORDERED, { times }))).toBe(expected);
  });

  it('says which events count, how often and when', () => {
    const fields = [
      { code: 'price', compare: { test: 'above', number: 99.5 } as Comparison },
      { code: 'colour', compare: { test: 'is', text: 'red' } as Comparison },
    ];
    const when: Period = { kind: 'last', count: 90, unit: 'days' };
    expect(words(did(ORDERED, { fields, times: { is: 'at_least', count: 2 }, when }))).toBe(
      'who has the event Ordered where Price is more than 99.5 and Colour is “red” at least 2 times in the last 90 days',
    );
    expect(words(did(ORDERED, { test: 'did_not', fields, when }))).toBe(
      'who does not have the event Ordered where Price is more than 99.5 and Colour is “red” in the last 90 days',
    );
  });
});

describe('a comparison in words', () => {
  it.each<[string, Comparison]>([
    ['is “a % b”', { test: 'is', text: 'a % b' }],
    ['is not “a”', { test: 'is_not', text: 'a' }],
    ['contains “a”', { test: 'contains', text: 'a' }],
    ['does not contain “a”', { test: 'not_contains', text: 'a' }],
    ['starts with “a”', { test: 'starts', text: 'a' }],
    ['is one of “a”', { test: 'one_of', texts: ['a'] }],
    ['is one of “a” or “b”', { test: 'one_of', texts: ['a', 'b'] }],
    ['is none of “a”, “b” or “c”', { test: 'none_of', texts: ['a', 'b', 'c'] }],
    ['is one of “1”, “2”, “3”, “4”, “5” or “6”', { test: 'one_of', texts: ['1', '2', '3', '4', '5', '6'] }],
    ['is one of “1”, “2”, “3”, “4”, “5” or 2 others', { test: 'one_of', texts: ['1', '2', '3', '4', '5', '6', '7'] }],
    ['is exactly 1,000', { test: 'equals', number: 1_000 }],
    ['is more than 0.1', { test: 'above', number: 0.1 }],
    ['is at least -2.5', { test: 'at_least', number: -2.5 }],
    ['is less than 3', { test: 'below', number: 3 }],
    ['is at most 3', { test: 'at_most', number: 3 }],
    ['is between 1 and 2', { test: 'between', from: 1, to: 2 }],
    ['is on 28 Feb 2026', { test: 'on', date: '2026-02-28' }],
    ['is before 1 Jan 2026', { test: 'before', date: '2026-01-01' }],
    ['is after 31 Dec 1000', { test: 'after', date: '1000-12-31' }],
    ['is between 1 May 2026 and 3 May 2026', { test: 'dates_between', fromDate: '2026-05-01', toDate: '2026-05-03' }],
    ['is in the last 1 day', { test: 'in_last', days: 1 }],
    ['is in the next 30 days', { test: 'in_next', days: 30 }],
    ['is longer ago than 1,500 days', { test: 'longer_ago', days: 1_500 }],
    ['is further ahead than 2 days', { test: 'further_ahead', days: 2 }],
    ['has its anniversary today', { test: 'anniversary', within: 0 }],
    ['has its anniversary within 14 days', { test: 'anniversary', within: 14 }],
    ['is yes', { test: 'yes' }],
    ['is no', { test: 'no' }],
    ['is empty', { test: 'empty' }],
    ['has a value', { test: 'not_empty' }],
  ])('reads: %s', (expected, compare) => {
    expect(comparisonInWords(compare)).toBe(expected);
  });
});

describe('a period in words', () => {
  it.each<[string, Period]>([
    ['at any time', { kind: 'ever' }],
    ['in the last hour', { kind: 'last', count: 1, unit: 'hours' }],
    ['in the last 2 weeks', { kind: 'last', count: 2, unit: 'weeks' }],
    ['in the last 1,200 days', { kind: 'last', count: 1_200, unit: 'days' }],
    ['more than 3 months ago', { kind: 'before_last', count: 3, unit: 'months' }],
    ['more than a month ago', { kind: 'before_last', count: 1, unit: 'months' }],
    ['more than a day ago', { kind: 'before_last', count: 1, unit: 'days' }],
    ['since 1 May 2026', { kind: 'between', from: '2026-05-01', to: null }],
    ['up to 3 May 2026', { kind: 'between', from: null, to: '2026-05-03' }],
    ['from 1 May 2026 to 3 May 2026', { kind: 'between', from: '2026-05-01', to: '2026-05-03' }],
    ['on 29 Feb 2028', { kind: 'between', from: '2028-02-29', to: '2028-02-29' }],
  ])('reads: %s', (expected, when) => {
    expect(periodInWords(when)).toBe(expected);
  });
});

describe('groups in words', () => {
  it.each<[string, RuleNode]>([
    ['Everyone who has both VIP and Partner.', allOf(hasTag(VIP), hasTag(PARTNER))],
    ['Everyone who has any of VIP, Partner or Lead.', anyOf(hasTag(VIP), hasTag(PARTNER), hasTag(LEAD))],
    ['Everyone who has neither VIP nor Partner.', noneOf(hasTag(VIP), hasTag(PARTNER))],
    ['Everyone who has VIP and whose Country is “Sweden”.', allOf(hasTag(VIP), isIn('Sweden'))],
    [
      'Everyone who has either VIP or Partner, who does not have Lead and whose Country is “Sweden”.',
      allOf(anyOf(hasTag(VIP), hasTag(PARTNER)), hasNotTag(LEAD), isIn('Sweden')),
    ],
    [
      'Everyone (whose Country is “Sweden” or whose Country is “Norway”), who does not have Lead and who has VIP.',
      allOf(anyOf(isIn('Sweden'), isIn('Norway')), hasNotTag(LEAD), hasTag(VIP)),
    ],
    [
      'Everyone who has VIP or (whose Country is “Sweden” and who does not have Lead).',
      anyOf(hasTag(VIP), allOf(isIn('Sweden'), hasNotTag(LEAD))),
    ],
    [
      'Everyone for whom none of this is true: whose Country is “Sweden” or who does not have VIP.',
      noneOf(isIn('Sweden'), hasNotTag(VIP)),
    ],
    ['Everyone who has VIP.', allOf(anyOf(allOf(hasTag(VIP))))],
  ])('read: %s', (expected, node) => {
    expect(sentence(node)).toBe(expected);
  });

  it.each<[string, RuleNode, RuleNode]>([
    [
      'none of one thing, or another; and none of both',
      anyOf(noneOf(isIn('A')), isIn('B')),
      noneOf(isIn('A'), isIn('B')),
    ],
    [
      'none of one thing among others',
      anyOf(isIn('A'), noneOf(isIn('B')), isIn('C')),
      anyOf(isIn('A'), noneOf(isIn('B'), isIn('C'))),
    ],
    [
      'either and a third, in a group of one',
      allOf(allOf(anyOf(isIn('A'), isIn('B'))), isIn('C')),
      anyOf(isIn('A'), allOf(anyOf(isIn('B')), isIn('C'))),
    ],
    [
      'any in all; and all in any',
      allOf(anyOf(isIn('A'), isIn('B')), isIn('C')),
      anyOf(isIn('A'), allOf(isIn('B'), isIn('C'))),
    ],
    ['all of two, denied; and each denied', noneOf(allOf(isIn('A'), isIn('B'))), noneOf(isIn('A'), isIn('B'))],
    ['a denial of a denial', noneOf(noneOf(isIn('A')), isIn('B')), noneOf(noneOf(isIn('A'), isIn('B')))],
    [
      'a source, and none',
      allOf(onTag(VIP, { source: 'import' }), hasTag(PARTNER)),
      allOf(hasTag(VIP), hasTag(PARTNER)),
    ],
  ])('that mean different things read differently: %s', (_name, one, other) => {
    expect(sentence(one)).not.toBe(sentence(other));
  });

  it.each<[string, RuleNode]>([
    ['either in a group of one, with a third', allOf(allOf(anyOf(isIn('A'), isIn('B'))), isIn('C'))],
    ['either in a denial of one, with a third', allOf(noneOf(anyOf(isIn('A'), isIn('B'))), isIn('C'))],
    ['a denial of one, with another', anyOf(noneOf(isIn('A')), isIn('B'))],
  ])('keep what belongs together in brackets: %s', (_name, node) => {
    expect(sentence(node)).toMatch(/^Everyone \(.*\) (and|or) whose Country is “[BC]”\.$/);
  });
});
