// A segment that refers to something hidden needs attention at once, and so do those that use it; none of them can be
// used.
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setAttributeHidden } from '@/lib/used-in/attributes';
import type { AttributeId, EventTypeId, SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { setEventTypeHidden, updateEventType } from '@/lib/events/commands';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { hideTag } from '@/lib/tags/commands';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import {
  allOf,
  anyOf,
  did,
  hasNotTag,
  hasTag,
  inSegment,
  makeAttribute,
  makeEventType,
  makeSegment,
  onAttribute,
  valueOf,
} from '@/testing/segments';
import { dependents } from '@/lib/used-in/queries';
import type { UsedKind } from '@/lib/uses/schema';
import { segmentsNeedingAttention } from './attention';
import { openSegment, openSegments } from './definitions';
import { segmentsOfProfile } from './explain';
import { readMatches } from './reads';
import { getSegment, listSegments, segmentOptions } from './queries';
import type { RuleNode } from './schema';

let account: TestAccount;
let sectionId: SectionId;
let tagId: TagId;
beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Attention');
  tagId = await createTestTag(sectionId, 'Fine');
});

const make = (node: RuleNode, name?: string) => makeSegment(account.admin, sectionId, node, name);
const inNeed = () => segmentsNeedingAttention(pool(), sectionId);
const open = (id: SegmentId) => openSegment(pool(), sectionId, id);
const today = () =>
  new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

const hideAttribute = async (attributeId: AttributeId, hidden = true) =>
  valueOf(await setAttributeHidden(account.owner, { sectionId, attributeId, hidden }));
const hideEvent = async (eventTypeId: EventTypeId, hidden = true) =>
  valueOf(await setEventTypeHidden(account.owner, { sectionId, eventTypeId, hidden }));

describe('a tag that is hidden', () => {
  it('makes the segment that refers to it, and all that use that segment, need attention at once, with who, when and through what', async () => {
    const tag = await createTestTag(sectionId, 'Do not contact');
    const inner = await make(hasNotTag(tag), 'Inner');
    const outer = await make(allOf(hasTag(tagId), anyOf(inSegment(inner))), 'Outer');
    const outermost = await make(inSegment(outer, 'not_in'), 'Outermost');
    const well = await make(hasTag(tagId), 'Well');
    expect(await inNeed()).toEqual(new Map());
    valueOf(await hideTag(account.owner, { sectionId, tagId: tag }));

    const reason = `The tag “Do not contact” was hidden by Test owner on ${today()}.`;
    expect(await inNeed()).toEqual(
      new Map([
        [inner, [reason]],
        [outer, ['It uses the segment “Inner”, which needs attention.']],
        [outermost, ['It uses the segment “Outer”, which needs attention.']],
      ]),
    );
    for (const id of [inner, outer, outermost]) {
      await expect(open(id)).rejects.toMatchObject({
        code: 'hidden',
        message: expect.stringContaining(reason) as string,
      });
    }
    await expect(open(outermost)).rejects.toThrow(/The segment “Inner” needs attention: /);
    expect(await open(well)).toMatchObject({ name: 'Well' });
  });

  it('is reported wherever segments are shown', async () => {
    const tag = await createTestTag(sectionId, 'Gone');
    const inner = await make(hasTag(tag), 'Inner');
    const outer = await make(inSegment(inner), 'Outer');
    const well = await make(hasTag(tagId), 'Well');
    valueOf(await hideTag(account.owner, { sectionId, tagId: tag }));
    const listed = (await listSegments(pool(), sectionId)).map(({ id, attention }) => [id, attention.length]);
    expect(listed).toEqual([
      [inner, 1],
      [outer, 1],
      [well, 0],
    ]);
    expect((await getSegment(pool(), sectionId, outer))!.attention).toHaveLength(1);
    expect(await segmentOptions(pool(), sectionId)).toEqual([
      { id: inner, name: 'Inner', attention: true },
      { id: outer, name: 'Outer', attention: true },
      { id: well, name: 'Well', attention: false },
    ]);
    expect((await openSegments(pool(), sectionId)).opened.map(({ id }) => id)).toEqual([well]);
  });

  it('never drops an exclusion: such a segment counts, lists and tags nobody', async () => {
    const [profile] = await createTestProfiles(sectionId, 2);
    const tag = await createTestTag(sectionId, 'Do not contact');
    const inner = await make(hasNotTag(tag));
    const outer = await make(inSegment(inner));
    expect(await segmentsOfProfile(pool(), sectionId, profile!)).toHaveLength(2);
    const { rules } = await open(outer);
    valueOf(await hideTag(account.owner, { sectionId, tagId: tag }));
    const hidden = { code: 'hidden' };
    for (const segmentId of [inner, outer]) {
      const bulk = { sectionId, selection: { kind: 'segment', segmentId }, apply: [tagId] };
      expect(await bulkTag(account.admin, bulk)).toMatchObject({ ok: false, refusal: hidden });
    }
    expect(await readMatches(account.admin, { sectionId, rules })).toMatchObject({ ok: false, refusal: hidden });
    expect(await segmentsOfProfile(pool(), sectionId, profile!)).toEqual([]);
  });

  it('has each of several reasons reported once', async () => {
    const [first, second] = [await createTestTag(sectionId, 'One'), await createTestTag(sectionId, 'Two')];
    const inner = await make(allOf(hasTag(first), hasNotTag(second), hasNotTag(first)), 'Inner');
    const outer = await make(allOf(inSegment(inner), hasTag(first), inSegment(inner, 'not_in')), 'Outer');
    for (const tag of [first, second]) valueOf(await hideTag(account.admin, { sectionId, tagId: tag }));
    const reason = (name: string) => `The tag “${name}” was hidden by Test admin on ${today()}.`;
    expect(await inNeed()).toEqual(
      new Map([
        [inner, [reason('One'), reason('Two')]],
        [outer, [reason('One'), 'It uses the segment “Inner”, which needs attention.']],
      ]),
    );
  });

  it('affects, as announced before, direct and indirect users of every kind', async () => {
    const tag = await createTestTag(sectionId, 'Do not contact');
    const inner = await make(hasNotTag(tag), 'Inner');
    const outer = await make(allOf(hasTag(tagId), inSegment(inner)), 'Outer');
    const both = await make(anyOf(inSegment(outer), inSegment(inner), hasTag(tag)), 'Both');
    await make(hasTag(tagId), 'Well');
    const reached = await dependents(pool(), sectionId, 'tag', tag);
    expect(reached).toEqual([
      { usedId: tag, kind: 'segment', id: both, name: 'Both', direct: true },
      { usedId: tag, kind: 'segment', id: inner, name: 'Inner', direct: true },
      { usedId: tag, kind: 'segment', id: outer, name: 'Outer', direct: false },
    ]);
    valueOf(await hideTag(account.owner, { sectionId, tagId: tag }));
    expect([...(await inNeed()).keys()].sort()).toEqual(reached.map(({ id }) => id).sort());
    const all = await dependents(pool(), sectionId, 'tag');
    expect(all.filter(({ usedId }) => usedId === tag)).toEqual(reached);
    expect(all.filter(({ usedId }) => usedId === tagId).map(({ name }) => name)).toEqual(['Both', 'Outer', 'Well']);
  });

  it('of another section affects nothing here', async () => {
    const other = await createTestSection(account.accountId, 'Other');
    const theirs = await createTestTag(other, 'Fine');
    await make(hasTag(tagId));
    const there = await makeSegment(account.admin, other, hasTag(theirs));
    valueOf(await hideTag(account.owner, { sectionId: other, tagId: theirs }));
    expect(await inNeed()).toEqual(new Map());
    expect([...(await segmentsNeedingAttention(pool(), other)).keys()]).toEqual([there]);
    expect(await dependents(pool(), sectionId, 'tag', theirs)).toEqual([]);
  });
});

describe('an attribute or event', () => {
  it('that is hidden does the same, and showing it again restores the segment', async () => {
    const attribute = await makeAttribute(account.admin, sectionId, 'text', { name: 'Country' });
    const event = await makeEventType(account.admin, sectionId, {}, 'Opened');
    const byAttribute = await make(onAttribute(attribute.id, { test: 'is', text: 'Sweden' }), 'By attribute');
    const byEvent = await make(did(event.id, { test: 'did_not' }), 'By event');
    const both = await make(anyOf(inSegment(byAttribute), inSegment(byEvent, 'not_in')), 'Both');
    await hideAttribute(attribute.id);
    expect(await inNeed()).toEqual(
      new Map([
        [byAttribute, [`The attribute “Country” was hidden by Test owner on ${today()}.`]],
        [both, ['It uses the segment “By attribute”, which needs attention.']],
      ]),
    );
    await hideEvent(event.id);
    const needs = await inNeed();
    expect(needs.get(byEvent)).toEqual([`The event “Opened” was hidden by Test owner on ${today()}.`]);
    expect(needs.get(both)).toHaveLength(2);
    for (const id of [byAttribute, byEvent, both]) await expect(open(id)).rejects.toMatchObject({ code: 'hidden' });

    await hideAttribute(attribute.id, false);
    expect([...(await inNeed()).keys()].sort((left, right) => left - right)).toEqual([byEvent, both]);
    expect(await open(byAttribute)).toMatchObject({ name: 'By attribute' });
    await hideEvent(event.id, false);
    expect(await inNeed()).toEqual(new Map());
    expect(await open(both)).toMatchObject({ name: 'Both' });
  });

  it('whose field has changed leaves no segment that looks usable but is not', async () => {
    const event = await makeEventType(account.admin, sectionId, { amount: 'number' }, 'Ordered');
    const fields = [{ code: 'amount', compare: { test: 'at_least' as const, number: 100 } }];
    const id = await make(did(event.id, { fields }));
    const changed = await updateEventType(account.admin, {
      sectionId,
      eventTypeId: event.id,
      name: 'Ordered',
      description: '',
      fields: [{ code: 'amount', name: 'amount', type: 'text' }],
    });
    valueOf(changed);
    const usable = await open(id).then(
      () => true,
      () => false,
    );
    expect((await inNeed()).has(id)).toBe(!usable);
  });
});

// ── Random graphs ───────────────────────────────────────────────────────────────────────────────────────────────────

const TAGS = 3;
const ATTRIBUTES = 2;
const EVENTS = 2;

/** Each segment: what it refers to, and which earlier segments it uses. */
const anyGraph = fc.array(
  fc.record({
    tags: fc.subarray([0, 1, 2]),
    attributes: fc.subarray([0, 1], { maxLength: 1 }),
    events: fc.subarray([0, 1], { maxLength: 1 }),
    uses: fc.array(fc.nat(6), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 7 },
);
const anyHidden = fc.record({
  tags: fc.subarray([0, 1, 2], { maxLength: 1 }),
  attributes: fc.subarray([0, 1], { maxLength: 1 }),
  events: fc.subarray([0, 1], { maxLength: 1 }),
});

describe('random segments', () => {
  it('are reported, even beforehand, as needing attention exactly if they cannot be opened; all others are opened together', async () => {
    await fc.assert(
      fc.asyncProperty(anyGraph, anyHidden, async (graph, hidden) => {
        sectionId = await createTestSection(account.accountId, 'Graph');
        const times = <T>(count: number, one: (nth: number) => Promise<T>) =>
          Promise.all(Array.from({ length: count }, (_, nth) => one(nth)));
        const [well, ...tags] = await times(TAGS + 1, (nth) => createTestTag(sectionId, `Tag ${nth}`));
        const attributes = await times(ATTRIBUTES, () => makeAttribute(account.admin, sectionId, 'text'));
        const events = await times(EVENTS, () => makeEventType(account.admin, sectionId));
        const ids: SegmentId[] = [];
        const needy: boolean[] = [];
        for (const [nth, { uses, ...refers }] of graph.entries()) {
          const used = uses.filter((other) => other < nth);
          const items: RuleNode[] = [
            hasTag(well!),
            ...refers.tags.map((item) => hasNotTag(tags[item]!)),
            ...refers.attributes.map((item) => onAttribute(attributes[item]!.id, { test: 'not_empty' })),
            ...refers.events.map((item) => anyOf(did(events[item]!.id))),
            ...used.map((item) => inSegment(ids[item]!)),
          ];
          ids.push(await make(anyOf(...items)));
          needy.push(
            (['tags', 'attributes', 'events'] as const).some((kind) =>
              refers[kind].some((item) => hidden[kind].includes(item)),
            ) || used.some((item) => needy[item]),
          );
        }
        const reached = new Set<SegmentId>();
        const reach = async (kind: UsedKind, id: number) => {
          for (const segment of await dependents(pool(), sectionId, kind, id)) {
            reached.add(segment.id as SegmentId);
          }
        };
        for (const one of hidden.tags) await reach('tag', tags[one]!);
        for (const one of hidden.attributes) await reach('attribute', attributes[one]!.id);
        for (const one of hidden.events) await reach('event', events[one]!.id);
        expect(ids.map((id) => reached.has(id))).toEqual(needy);
        for (const one of hidden.tags) valueOf(await hideTag(account.owner, { sectionId, tagId: tags[one]! }));
        for (const one of hidden.attributes) await hideAttribute(attributes[one]!.id);
        for (const one of hidden.events) await hideEvent(events[one]!.id);

        const named = await inNeed();
        expect(ids.map((id) => named.has(id))).toEqual(needy);
        for (const reasons of named.values()) expect(new Set(reasons).size).toBe(reasons.length);
        const opened = await Promise.all(
          ids.map((id) =>
            open(id).then(
              () => 'open',
              (refusal: { code: string }) => refusal.code,
            ),
          ),
        );
        expect(opened).toEqual(needy.map((needs) => (needs ? 'hidden' : 'open')));
        const together = new Set((await openSegments(pool(), sectionId)).opened.map(({ id }) => id));
        expect(ids.map((id) => together.has(id))).toEqual(needy.map((needs) => !needs));
      }),
      { numRuns: 25 },
    );
  });
});
