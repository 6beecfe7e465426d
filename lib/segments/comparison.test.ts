// Comparisons are literal: no character in a text is a pattern or SQL.
import { beforeAll, describe, expect, it } from 'vitest';
import type { AttributeId, EventTypeId, EventVersionId, ProfileId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { updateEventType } from '@/lib/events/commands';
import { createTestAccount, createTestProfiles, createTestSection, type TestAccount } from '@/testing/fixtures';
import {
  addEvent,
  allOf,
  anyOf,
  did,
  makeAttribute,
  makeEventType,
  makeSegment,
  membersIn,
  onAttribute,
  rulesOf,
  setAttributes,
  valueOf,
} from '@/testing/segments';
import { createSegment } from './commands';
import { openRules, openSegment } from './definitions';
import { explainFor } from './explain';
import { exportMembers } from './export';
import { countMembers, listMembers } from './members';
import { getSegment } from './queries';
import type { Comparison } from '@/lib/attributes/comparison';

/** Each is on a separate profile; LIKE, SIMILAR TO, regular expressions or SQL would interpret it. */
const NASTY = [
  '%',
  '_',
  '%%',
  'a%b',
  'aXb',
  'a_b',
  '\\',
  '\\%',
  '\\_',
  '.*',
  '^a',
  '(a|b)',
  '[a-z]+',
  'a{2}',
  '$1',
  '$$',
  ':name',
  '?',
  "'",
  "''",
  '"',
  "'; drop table profile; --",
  "' or '1'='1",
  "x') or true) --",
  '/* comment */',
  '{"a": 1}',
  '[1]',
  'null',
  'true',
  '0',
  '1e400',
  '-Infinity',
  'NaN',
  '${1+1}',
  '{{1+1}}',
  '<script>alert(1)</script>',
  '=cmd()',
  ' leading',
  'trailing ',
  'tab\there',
  'line\nbreak',
  '\u{1F600}',
  'é',
  'ﬁ',
];

let account: TestAccount;
let sectionId: SectionId;
let attribute: { id: AttributeId; code: string };
let event: { id: EventTypeId; versionId: EventVersionId };
let people: Map<string, ProfileId>;

beforeAll(async () => {
  account = await createTestAccount();
  sectionId = await createTestSection(account.accountId, 'Texts');
  attribute = await makeAttribute(account.admin, sectionId, 'text');
  event = await makeEventType(account.admin, sectionId, { said: 'text' });
  const ids = await createTestProfiles(sectionId, NASTY.length + 1);
  people = new Map(NASTY.map((text, nth) => [text, ids[nth]!]));
  for (const [text, id] of people) {
    await setAttributes(sectionId, id, { [attribute.code]: text });
    await addEvent(sectionId, id, event.versionId, { data: { said: text } });
  }
});

/** The profiles for which the test is true, by a plain evaluation. */
const having = (test: (text: string) => boolean) => NASTY.filter(test).map((text) => people.get(text)!);
const membersWhere = (compare: Comparison) => membersIn(sectionId, rulesOf(onAttribute(attribute.id, compare)));
const membersMatching = (compare: Comparison) =>
  membersIn(sectionId, rulesOf(did(event.id, { fields: [{ code: 'said', compare }] })));

async function expectTablesThere(): Promise<void> {
  const found = await one<{ profiles: number; tables: number }>(
    pool(),
    sql`
      select (select count(*) from profile where section_id = ${sectionId}) as profiles,
        (select count(*) from information_schema.tables where table_name in ('profile', 'segment', 'tag', 'profile_tag')) as tables`,
  );
  expect(found).toEqual({ profiles: NASTY.length + 1, tables: 4 });
}

describe('a text', () => {
  it.each(NASTY)('is taken literally by every test of a value and of an event: %j', async (text) => {
    const low = text.toLowerCase();
    const is = (other: string) => other.toLowerCase() === low;
    const cases: [Comparison, (other: string) => boolean][] = [
      [{ test: 'is', text }, is],
      [{ test: 'contains', text }, (other) => other.toLowerCase().includes(low)],
      [{ test: 'starts', text }, (other) => other.toLowerCase().startsWith(low)],
      [{ test: 'one_of', texts: [text, 'nobody has this'] }, is],
    ];
    for (const [compare, test] of cases) {
      expect({ compare, members: await membersWhere(compare) }).toEqual({ compare, members: having(test) });
      expect({ compare, members: await membersMatching(compare) }).toEqual({ compare, members: having(test) });
    }
    const others = [...having((other) => !is(other)), Math.max(...people.values()) + 1];
    expect(await membersWhere({ test: 'is_not', text })).toEqual(others);
    expect(await membersWhere({ test: 'none_of', texts: [text] })).toEqual(others);
  });

  it.each(NASTY)('is saved, counted, listed, explained and exported unchanged: %j', async (text) => {
    const root = anyOf(
      onAttribute(attribute.id, { test: 'is', text }),
      did(event.id, { fields: [{ code: 'said', compare: { test: 'one_of', texts: [text] } }] }),
    );
    const made = await createSegment(account.admin, {
      sectionId,
      name: `Says ${text} ${people.get(text)}`.replace(/[\t\n]/g, ' '),
      description: text,
      rules: { root },
    });
    const { id } = valueOf(made);
    expect((await getSegment(pool(), sectionId, id))!.rules.root).toEqual(root);
    const opened = await openSegment(pool(), sectionId, id);
    const profile = people.get(text)!;
    expect(await countMembers(pool(), sectionId, opened)).toBe(1);
    expect((await listMembers(pool(), sectionId, opened)).profiles.map((item) => item.id)).toEqual([profile]);
    expect(await explainFor(pool(), sectionId, opened, profile)).toMatchObject({
      holds: true,
      items: [{ evidence: { kind: 'value', value: text } }, { evidence: { kind: 'event', times: 1 } }],
    });
    let lines = 0;
    for await (const part of await exportMembers({ actor: account.admin, sectionId }, opened, { columns: ['added'] }))
      lines += part.split('\r\n').length - 1;
    expect(lines).toBe(2);
    await expectTablesThere();
  });

  it('that names a field, column or code other than the event’s fields is refused, not run', async () => {
    for (const code of ["said'; drop table profile; --", 'said" --', "said' or true", '', 'data']) {
      const root = allOf(did(event.id, { fields: [{ code, compare: { test: 'not_empty' } }] }));
      const result = await createSegment(account.admin, { sectionId, name: `Field ${code}`, rules: { root } });
      expect(result).toMatchObject({ ok: false, refusal: { code: 'not_found', field: 'rules.root.items.0' } });
    }
    await expectTablesThere();
  });

  it('with half a character is refused with the reason', async () => {
    const rules = { root: allOf(onAttribute(attribute.id, { test: 'is', text: 'cut \uD83D' })) };
    const saving = createSegment(account.admin, { sectionId, name: 'Half', rules });
    expect(await saving).toMatchObject({ ok: false, refusal: { code: 'invalid' } });
  });
});

describe('a number', () => {
  it('is compared exactly, however large or small', async () => {
    const number = await makeAttribute(account.admin, sectionId, 'number');
    const values = [-1.7e308, -5e-324, 0, 5e-324, 0.1 + 0.2, 9_007_199_254_740_992, 1.7e308];
    const chosen = [...people.values()].slice(0, values.length);
    for (const [nth, id] of chosen.entries()) await setAttributes(sectionId, id, { [number.code]: values[nth]! });
    const where = (compare: Comparison) => membersIn(sectionId, rulesOf(onAttribute(number.id, compare)));
    const holding = (test: (value: number) => boolean) => chosen.filter((_id, nth) => test(values[nth]!));
    for (const bound of [...values, 1, -1]) {
      expect(await where({ test: 'equals', number: bound })).toEqual(holding((value) => value === bound));
      expect(await where({ test: 'above', number: bound })).toEqual(holding((value) => value > bound));
      expect(await where({ test: 'at_most', number: bound })).toEqual(holding((value) => value <= bound));
    }
    expect(await where({ test: 'above', number: -Number.MAX_VALUE })).toEqual(chosen);
    expect(await where({ test: 'below', number: Number.MAX_VALUE })).toEqual(chosen);
  });

  it('does not match text that only looks like a number', async () => {
    const other = await createTestSection(account.accountId, 'Odd data');
    const number = await makeAttribute(account.admin, other, 'number');
    const odd = ['12', true, null, [12], { a: 12 }, ''];
    const ids = await createTestProfiles(other, odd.length + 1);
    for (const [nth, value] of odd.entries()) await setAttributes(other, ids[nth]!, { [number.code]: value });
    await setAttributes(other, ids.at(-1)!, { [number.code]: 12 });
    const where = (compare: Comparison) => membersIn(other, rulesOf(onAttribute(number.id, compare)));
    const cases: Comparison[] = [
      { test: 'equals', number: 12 },
      { test: 'above', number: -1e300 },
      { test: 'at_least', number: 12 },
      { test: 'below', number: 1e300 },
      { test: 'at_most', number: 12 },
      { test: 'between', from: -1e300, to: 1e300 },
    ];
    for (const compare of cases) expect({ compare, in: await where(compare) }).toEqual({ compare, in: [ids.at(-1)] });
  });
});

describe('a date with a time in an event', () => {
  let when: { id: EventTypeId; versionId: EventVersionId };
  let profile: ProfileId;
  let place: SectionId;
  beforeAll(async () => {
    place = await createTestSection(account.accountId, 'Times');
    when = await makeEventType(account.admin, place, { due: 'date' });
    [profile] = (await createTestProfiles(place, 1)) as [ProfileId];
    await addEvent(place, profile, when.versionId, { data: { due: '2026-11-24T10:30:00Z' } });
  });

  it.each<[boolean, Comparison]>([
    [true, { test: 'on', date: '2026-11-24' }],
    [false, { test: 'on', date: '2026-11-25' }],
    [false, { test: 'after', date: '2026-11-24' }],
    [true, { test: 'after', date: '2026-11-23' }],
    [true, { test: 'before', date: '2026-11-25' }],
    [false, { test: 'before', date: '2026-11-24' }],
    [true, { test: 'dates_between', fromDate: '2026-11-20', toDate: '2026-11-24' }],
    [true, { test: 'dates_between', fromDate: '2026-11-24', toDate: '2026-11-30' }],
  ])('is the day that it says (%s): %j', async (expected, compare) => {
    const node = did(when.id, { fields: [{ code: 'due', compare }] });
    expect(await membersIn(place, rulesOf(node))).toEqual(expected ? [profile] : []);
  });

  it('is today according to the time zone', async () => {
    const now = new Date('2026-11-24T12:00:00Z');
    for (const compare of [
      { test: 'in_last', days: 1 },
      { test: 'in_next', days: 1 },
      { test: 'anniversary', within: 0 },
    ] satisfies Comparison[]) {
      const node = did(when.id, { fields: [{ code: 'due', compare }] });
      expect({ compare, in: await membersIn(place, rulesOf(node), { now }) }).toEqual({ compare, in: [profile] });
    }
  });
});

describe('an event’s field that became a date', () => {
  const DATES = ['2026-11-24', '2026-11-24T10:30:00Z'];
  const OTHERS = ['soon', '12 May', '0', '20/05/2026', ' 2026-11-24', '2026-1-2', '', 20261124, -1, true, false];

  it('is compared as a date only if it is one: not if it was recorded as text, number or boolean', async () => {
    const place = await createTestSection(account.accountId, 'Became dates');
    const due = await makeEventType(account.admin, place, { due: 'text' });
    const ids = await createTestProfiles(place, DATES.length + OTHERS.length);
    for (const [nth, value] of [...DATES, ...OTHERS].entries()) {
      await addEvent(place, ids[nth]!, due.versionId, { data: { due: value } });
    }
    const fields = [{ code: 'due', name: 'due', type: 'date' }];
    const changed = { sectionId: place, eventTypeId: due.id, name: 'Due', description: '', fields };
    valueOf(await updateEventType(account.admin, changed));
    const now = new Date('2026-11-30T12:00:00Z');
    const cases: Comparison[] = [
      { test: 'on', date: '2026-11-24' },
      { test: 'before', date: '9999-12-31' },
      { test: 'after', date: '1000-01-01' },
      { test: 'dates_between', fromDate: '1000-01-01', toDate: '9999-12-31' },
      { test: 'in_last', days: 10_000 },
      { test: 'longer_ago', days: 2 },
      // From November into the next year, so any month and day before the end.
      { test: 'anniversary', within: 365 },
      { test: 'anniversary', within: 364 },
    ];
    for (const compare of cases) {
      const node = did(due.id, { fields: [{ code: 'due', compare }] });
      expect({ compare, in: await membersIn(place, rulesOf(node), { now }) }).toEqual({ compare, in: ids.slice(0, 2) });
      const opened = { rules: rulesOf(node), definitions: await openRules(pool(), place, rulesOf(node)) };
      expect(await explainFor(pool(), place, opened, ids[2]!, { now })).toMatchObject({
        holds: false,
        items: [{ evidence: { times: 0 } }],
      });
    }
    for (const test of ['further_ahead', 'in_next'] as const) {
      const node = did(due.id, { fields: [{ code: 'due', compare: { test, days: 1 } }] });
      expect(await membersIn(place, rulesOf(node), { now })).toEqual([]);
    }
  });
});

describe('rules of the maximum size', () => {
  it('are counted and explained: conditions on events with twenty fields each, including nested segments', async () => {
    const codes = Array.from({ length: 20 }, (_, nth) => `f${nth}`);
    const large = await makeEventType(
      account.admin,
      sectionId,
      Object.fromEntries(codes.map((code) => [code, 'number' as const])),
    );
    const fields = codes.map((code) => ({ code, compare: { test: 'above' as const, number: 1 } }));
    const conditions = Array.from({ length: 9 }, () => did(large.id, { fields }));
    const inner = await makeSegment(account.admin, sectionId, anyOf(...conditions));
    const five = anyOf(
      ...Array.from({ length: 5 }, () => ({ kind: 'segment' as const, segmentId: inner, test: 'in' as const })),
    );
    const outer = await makeSegment(account.admin, sectionId, five);
    const opened = await openSegment(pool(), sectionId, outer);
    expect(await countMembers(pool(), sectionId, opened)).toBe(0);
    const verdict = await explainFor(pool(), sectionId, opened, [...people.values()][0]!);
    expect(verdict).toMatchObject({ holds: false });
    // Twice as many would exceed what one statement can hold.
    const tooMany = anyOf(
      ...[outer, outer].map((segmentId) => ({ kind: 'segment' as const, segmentId, test: 'in' as const })),
    );
    await expect(makeSegment(account.admin, sectionId, tooMany)).rejects.toThrow(/1,890 conditions.*at most 1,000/);
  });
});
