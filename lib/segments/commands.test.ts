// What people do to segments: with bad input, concurrently, and with segments in segments.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeyspaceId, SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { maybeOne, one, rows, sql } from '@/lib/db/sql';
import { mergeTags } from '@/lib/operations/merge-tag';
import { hideTag } from '@/lib/tags/commands';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  runToEnd,
  type TestAccount,
} from '@/testing/fixtures';
import { itOnOneServer } from '@/testing/one-server';
import {
  allOf,
  anyOf,
  claimProfiles,
  did,
  hasKey,
  hasNotTag,
  hasTag,
  inSegment,
  makeAttribute,
  makeEventType,
  makeHolder,
  makeSegment,
  membersIn,
  nested,
  noneOf,
  onAttribute,
  onTag,
  rulesOf,
  tagProfiles,
  valueOf,
} from '@/testing/segments';
import { deleteSegment } from '@/lib/used-in/commands';
import { dependents, usersOfOne } from '@/lib/used-in/queries';
import type { UsedKind } from '@/lib/uses/schema';
import { createSegment, updateSegment } from './commands';
import { openSegment } from './definitions';
import { countMembers, listMembers } from './members';
import { getSegment, listSegments, segmentSizes } from './queries';
import type { Period, RuleNode } from './schema';
import { readTagsOfMembers } from './reads';
import { recordSize } from './sizes';
import { segmentsInMerge } from './tag-merge';

let account: TestAccount;
let sectionId: SectionId;
let tagId: TagId;
beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Segments');
  tagId = await createTestTag(sectionId, 'VIP');
});

const save = (name: string, node: RuleNode = hasTag(tagId), here = sectionId) =>
  createSegment(account.admin, { sectionId: here, name, rules: { root: node.kind === 'group' ? node : allOf(node) } });
const make = (node: RuleNode, name?: string) => makeSegment(account.admin, sectionId, node, name);
/** Which segments directly use the section's things of a kind, or one of these. */
const usersOf = async (kind: UsedKind, usedId?: number) =>
  (await dependents(pool(), sectionId, kind, usedId)).filter(({ direct }) => direct);
const stored = async (id: SegmentId, here = sectionId) => (await getSegment(pool(), here, id))!;

/** Saves other rules, as somebody who has just read the segment. */
async function change(id: SegmentId, node: RuleNode, more: object = {}) {
  const { name, changedAt } = await stored(id);
  const rules = { root: node.kind === 'group' ? node : allOf(node) };
  return updateSegment(account.admin, {
    sectionId,
    segmentId: id,
    name,
    rules,
    seen: changedAt.toISOString(),
    ...more,
  });
}

const containing = (text: string) => expect.stringContaining(text) as string;
const refused = (code: string, message: string, field?: string) => ({
  ok: false,
  refusal: { code, message: containing(message), ...(field !== undefined && { field }) },
});
const conditions = (count: number) => Array.from({ length: count }, () => hasTag(tagId));
const lastAudit = () =>
  one<{ command: string; summary: string; subject: string | null; actor_name: string; section_id: number }>(
    pool(),
    sql`select command, summary, subject, actor_name, section_id from audit_entry
        where account_id = ${account.accountId} order by id desc limit 1`,
  );

describe('saving a segment', () => {
  it('stores its rules unchanged, records who did it, and contains the right profiles at once', async () => {
    const [profile] = await createTestProfiles(sectionId, 2);
    await tagProfiles(sectionId, [profile!], { apply: [tagId] });
    const root = anyOf(hasTag(tagId), noneOf(hasNotTag(tagId)));
    const made = await createSegment(account.admin, {
      sectionId,
      name: '  Our   VIPs ',
      description: ' The best ',
      rules: { timeZone: 'Europe/Stockholm', root },
    });
    const id = valueOf(made).id;
    expect(await stored(id)).toMatchObject({
      name: 'Our VIPs',
      description: 'The best',
      discriminator: expect.stringMatching(/^usercreated\.segments\.our_vips-[a-z0-9]{10}$/) as string,
      rules: { timeZone: 'Europe/Stockholm', root },
      changedBy: 'Test admin',
      attention: [],
    });
    const opened = await openSegment(pool(), sectionId, id);
    expect((await listMembers(pool(), sectionId, opened)).profiles.map((member) => member.id)).toEqual([profile]);
  });

  it.each(['gold', 'GOLD ', ' Gold', 'Ｇｏｌｄ'])('refuses the name %j while “Gold” exists', async (name) => {
    await make(hasTag(tagId), 'Gold');
    expect(await save(name)).toMatchObject(refused('name_taken', '“Gold”', 'name'));
    expect(await listSegments(pool(), sectionId)).toHaveLength(1);
  });

  it('accepts the same name in another section', async () => {
    const other = await createTestSection(account.accountId, 'Other');
    const theirs = await createTestTag(other, 'VIP');
    await make(hasTag(tagId), 'Gold');
    expect(await save('Gold', hasTag(theirs), other)).toMatchObject({ ok: true });
  });

  it.each([
    ['', 'Enter a name.'],
    [' \n\t ', 'Enter a name.'],
    ['x'.repeat(101), 'at most 100 characters'],
  ])('refuses the name %j', async (name, message) => {
    expect(await save(name)).toMatchObject(refused('invalid', message, 'name'));
  });

  it.each(['\u200B', 'VIP\u0007', '\u202Edlog'])('refuses a deceptive name: %j', async (name) => {
    expect(await save(name)).toMatchObject({ ok: false, refusal: { code: 'invalid', field: 'name' } });
  });

  it('removes invisible characters from a name', async () => {
    expect(await save('Loyal\u200B fans')).toMatchObject({ ok: true });
    expect(await save('Loyal fans')).toMatchObject({ ok: false, refusal: { field: 'name' } });
  });

  it('accepts a name of 100 characters, however they are composed', async () => {
    expect(await save('x'.repeat(100))).toMatchObject({ ok: true });
    expect(await save('å'.repeat(100))).toMatchObject({ ok: true });
    expect(await save('x'.repeat(60) + ' '.repeat(90) + 'y')).toMatchObject({ ok: true });
  });

  it('refuses a text with NUL, with the reason', async () => {
    expect(await save('a\0b')).toMatchObject({ ok: false, refusal: { code: 'invalid' } });
    expect(
      await createSegment(account.admin, { sectionId, name: 'a', description: '\0', rules: rulesOf(hasTag(tagId)) }),
    ).toMatchObject({ ok: false, refusal: { code: 'invalid', message: containing('NUL') } });
  });

  it('saves one of two concurrent segments with the same name', async () => {
    const attempts = await Promise.all([1, 2, 3].map(() => save('Rush')));
    expect(attempts.filter(({ ok }) => ok)).toHaveLength(1);
    expect(attempts.filter((attempt) => !attempt.ok && attempt.refusal.code === 'name_taken')).toHaveLength(2);
  });

  it('saves one segment from a form that is sent twice', async () => {
    const send = () =>
      createSegment(
        account.admin,
        { sectionId, name: 'Twice', rules: rulesOf(hasTag(tagId)) },
        { requestId: 'the same request of the segments test' },
      );
    const [first, second] = [await send(), await send()];
    expect(first).toEqual(second);
    expect(await listSegments(pool(), sectionId)).toHaveLength(1);
  });

  it('is allowed for a marketer too', async () => {
    const theirs = await createTestTag(account.sectionId, 'Theirs');
    const made = await createSegment(account.marketer, {
      sectionId: account.sectionId,
      name: 'By a marketer',
      rules: rulesOf(hasTag(theirs)),
    });
    const { id } = valueOf(made);
    const { changedAt } = await stored(id, account.sectionId);
    const edited = await updateSegment(account.marketer, {
      sectionId: account.sectionId,
      segmentId: id,
      name: 'Renamed by a marketer',
      rules: rulesOf(hasNotTag(theirs)),
      seen: changedAt.toISOString(),
    });
    expect(edited).toMatchObject({ ok: true });
    expect(await deleteSegment(account.marketer, { sectionId: account.sectionId, segmentId: id })).toMatchObject({
      ok: true,
    });
  });
});

describe('a marketer of another section', () => {
  it('is refused every command, and nothing changes', async () => {
    const id = await make(hasTag(tagId), 'Not theirs');
    const before = await stored(id);
    const input = { sectionId, name: 'Mine now', rules: rulesOf(hasNotTag(tagId)) };
    const none = refused('not_found', 'not have access to this section');
    expect(await createSegment(account.marketer, input)).toMatchObject(none);
    const seen = before.changedAt.toISOString();
    expect(await updateSegment(account.marketer, { ...input, segmentId: id, seen })).toMatchObject(none);
    expect(await deleteSegment(account.marketer, { sectionId, segmentId: id })).toMatchObject(none);
    expect(await listSegments(pool(), sectionId)).toHaveLength(1);
    expect(await stored(id)).toEqual(before);
  });

  it('cannot reach a segment by its id through a section of their own', async () => {
    const id = await make(hasTag(tagId), 'Out of reach');
    const before = await stored(id);
    const own = await createTestTag(account.sectionId, 'Own');
    const here = { sectionId: account.sectionId, segmentId: id };
    const none = refused('not_found', 'This segment does not exist');
    expect(await deleteSegment(account.marketer, here)).toMatchObject(none);
    expect(
      await updateSegment(account.marketer, {
        ...here,
        name: 'Stolen',
        rules: rulesOf(hasTag(own)),
        seen: before.changedAt.toISOString(),
      }),
    ).toMatchObject(none);
    await expect(openSegment(pool(), account.sectionId, id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await stored(id)).toEqual(before);
  });
});

describe("another section's things", () => {
  let other: SectionId;
  beforeEach(async () => {
    other = await createTestSection(account.accountId, 'Other');
  });

  it('are refused at their condition: a tag, an attribute, an event, a segment, a list, a keyspace', async () => {
    const tag = await createTestTag(other, 'Theirs');
    const attribute = await makeAttribute(account.admin, other, 'text');
    const event = await makeEventType(account.admin, other);
    const segment = await makeSegment(account.admin, other, hasTag(tag));
    const list = await makeHolder(other);
    const strangers = await createTestAccount();
    const theirs: [string, RuleNode][] = [
      ['This tag does not exist', hasTag(tag)],
      ['This attribute does not exist', onAttribute(attribute.id, { test: 'not_empty' })],
      ['This event does not exist', did(event.id)],
      ['This segment does not exist', inSegment(segment)],
      ['This list does not exist', onTag(tagId, { test: 'held_by', holderId: list })],
      ['This keyspace does not exist', hasKey(strangers.keyspaces.email)],
    ];
    for (const [message, condition] of theirs) {
      const result = await save('Across', allOf(hasTag(tagId), anyOf(hasNotTag(tagId), condition)));
      expect(result).toMatchObject(refused('not_found', message, 'rules.root.items.1.items.1'));
    }
    expect(await listSegments(pool(), sectionId)).toEqual([]);
  });

  it('are refused in a change too, and the segment stays unchanged', async () => {
    const id = await make(hasTag(tagId));
    const before = await stored(id);
    const theirs = await createTestTag(other, 'Theirs');
    expect(await change(id, hasTag(theirs))).toMatchObject(
      refused('not_found', 'This tag does not exist', 'rules.root.items.0'),
    );
    expect(await stored(id)).toEqual(before);
  });

  it('are refused by the database if written around the commands', async () => {
    const theirs = await createTestTag(other, 'Theirs');
    const id = await make(hasTag(tagId));
    const attack = one(
      pool(),
      sql`insert into use (section_id, user_kind, user_id, used_kind, used_id)
          values (${sectionId}, 'segment', ${id}, 'tag', ${theirs}) returning used_id`,
    );
    await expect(attack).rejects.toThrow(/foreign key/);
  });

  it('that never existed are refused', async () => {
    const nothing = 2_147_483_647;
    expect(await save('None', hasTag(nothing as TagId))).toMatchObject(refused('not_found', 'This tag does not exist'));
    expect(await save('None', hasKey(nothing as KeyspaceId))).toMatchObject(
      refused('not_found', 'This keyspace does not exist'),
    );
    expect(await save('None', hasTag((nothing + 1) as TagId))).toMatchObject({ ok: false });
  });
});

describe('hidden things', () => {
  it('cannot be saved in a segment: the condition’s error says who hid it and when', async () => {
    const hidden = await createTestTag(sectionId, 'Gone');
    await hideTag(account.owner, { sectionId, tagId: hidden });
    const result = await save('Late', allOf(hasTag(tagId), hasTag(hidden)));
    expect(result).toMatchObject(
      refused('hidden', 'The tag “Gone” was hidden by Test owner on ', 'rules.root.items.1'),
    );
  });

  it('leave a segment that can be fixed', async () => {
    const hidden = await createTestTag(sectionId, 'Gone');
    const id = await make(allOf(hasTag(tagId), hasNotTag(hidden)));
    await hideTag(account.owner, { sectionId, tagId: hidden });
    expect((await stored(id)).attention).toHaveLength(1);
    expect(await change(id, allOf(hasTag(tagId), hasNotTag(hidden)))).toMatchObject({
      ok: false,
      refusal: { code: 'hidden' },
    });
    expect(await change(id, hasTag(tagId))).toMatchObject({ ok: true });
    expect((await stored(id)).attention).toEqual([]);
  });
});

describe('groups', () => {
  it('that are empty are refused at their place', async () => {
    const message = 'This group is empty: add a condition, or remove the group.';
    expect(await save('Empty', allOf())).toMatchObject(refused('invalid', message, 'rules.root.items'));
    expect(await save('Empty', allOf(hasTag(tagId), anyOf(noneOf())))).toMatchObject(
      refused('invalid', message, 'rules.root.items.1.items.0.items'),
    );
  });

  const slow = 'its planner takes minutes for 200 conditions of one group';
  itOnOneServer(slow, 'may have 200 conditions, which are counted and listed; 201 are refused', async () => {
    const [one1, two] = await createTestProfiles(sectionId, 3);
    await tagProfiles(sectionId, [one1!, two!], { apply: [tagId] });
    for (const group of [allOf, anyOf]) {
      const id = await make(group(...conditions(200)));
      const opened = await openSegment(pool(), sectionId, id);
      expect(await countMembers(pool(), sectionId, opened)).toBe(2);
      expect((await listMembers(pool(), sectionId, opened)).profiles.map((member) => member.id)).toEqual([two, one1]);
    }
    const many = refused('invalid', 'at most 200 conditions', 'rules.root');
    expect(await save('Too many', anyOf(...conditions(201)))).toMatchObject(many);
    const spread = anyOf(...Array.from({ length: 3 }, () => allOf(...conditions(67))));
    expect(await save('Too many in all', spread)).toMatchObject(many);
  });

  it('may be nested 12 levels deep, and keep their meaning; 13 are refused', async () => {
    const [tagged, other] = await createTestProfiles(sectionId, 2);
    await tagProfiles(sectionId, [tagged!], { apply: [tagId] });
    expect(await membersIn(sectionId, rulesOf(nested(hasTag(tagId), 12)))).toEqual([tagged]);
    // An odd number of negations is a negation.
    const denied = (node: RuleNode, times: number): RuleNode => (times === 0 ? node : noneOf(denied(node, times - 1)));
    expect(await membersIn(sectionId, rulesOf(denied(hasTag(tagId), 12)))).toEqual([tagged]);
    expect(await membersIn(sectionId, rulesOf(denied(hasTag(tagId), 11)))).toEqual([other]);
    const id = await make(nested(hasTag(tagId), 12));
    expect(await countMembers(pool(), sectionId, await openSegment(pool(), sectionId, id))).toBe(1);
    expect(await save('Too deep', nested(hasTag(tagId), 13))).toMatchObject(
      refused('invalid', '12 levels deep', 'rules.root'),
    );
  });

  it('that are a hundred thousand deep or wide are refused without a crash', async () => {
    let deep: unknown = hasTag(tagId);
    for (let level = 0; level < 100_000; level++) deep = { kind: 'group', match: 'all', items: [deep] };
    const wide = { kind: 'group', match: 'all', items: new Array(100_000).fill(hasTag(tagId)) };
    for (const root of [deep, wide, 'text', null, 7, [], { kind: 'group' }, { kind: 'group', items: 'x' }]) {
      const result = await createSegment(account.admin, { sectionId, name: 'Odd', rules: { root } });
      expect(result).toMatchObject({ ok: false, refusal: { code: 'invalid' } });
    }
  });
});

describe('a segment in a segment', () => {
  it('cannot be itself', async () => {
    const id = await make(hasTag(tagId));
    expect(await change(id, anyOf(hasTag(tagId), allOf(inSegment(id, 'not_in'))))).toMatchObject(
      refused('invalid', 'cannot contain itself', 'rules.root.items.1.items.0'),
    );
  });

  it('cannot be itself through two others', async () => {
    const first = await make(hasTag(tagId), 'First');
    const second = await make(inSegment(first), 'Second');
    const third = await make(allOf(hasTag(tagId), inSegment(second, 'not_in')), 'Third');
    const before = await stored(first);
    expect(await change(first, allOf(hasTag(tagId), inSegment(third)))).toMatchObject(
      refused('invalid', '“Third” uses this segment', 'rules.root.items.1'),
    );
    expect(await stored(first)).toEqual(before);
  });

  it('cannot become a cycle by two concurrent saves', async () => {
    for (let round = 0; round < 5; round++) {
      const [left, right] = [await make(hasTag(tagId)), await make(hasTag(tagId))];
      const results = await Promise.all([change(left, inSegment(right)), change(right, inSegment(left))]);
      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
      expect(results.find(({ ok }) => !ok)).toMatchObject(
        refused('invalid', 'depend on each other', 'rules.root.items.0'),
      );
    }
  });

  it('contains the other’s members, and follows its changes', async () => {
    const [tagged, other] = await createTestProfiles(sectionId, 2);
    await tagProfiles(sectionId, [tagged!], { apply: [tagId] });
    const inner = await make(hasTag(tagId), 'Inner');
    const outer = await make(inSegment(inner, 'not_in'), 'Outer');
    const members = async () => {
      const page = await listMembers(pool(), sectionId, await openSegment(pool(), sectionId, outer));
      return page.profiles.map((member) => member.id);
    };
    expect(await members()).toEqual([other]);
    expect(await usersOfOne(pool(), sectionId, { kind: 'segment', id: inner })).toEqual([
      { kind: 'segment', id: outer, name: 'Outer' },
    ]);
    valueOf(await change(inner, hasNotTag(tagId)));
    expect(await members()).toEqual([tagged]);
  });

  it('cannot multiply endlessly: the total number of conditions is limited', async () => {
    const laugh = await make(anyOf(...conditions(200)), 'Laugh');
    const fivefold = anyOf(...Array.from({ length: 5 }, () => inSegment(laugh)));
    const five = await make(fivefold, 'Five');
    expect(await countMembers(pool(), sectionId, await openSegment(pool(), sectionId, five))).toBe(0);
    expect(await save('Six', anyOf(...fivefold.items, inSegment(laugh)))).toMatchObject(
      refused('invalid', '1,200 conditions, including those of the segments it uses', 'rules.root'),
    );
    expect(await save('Billion', anyOf(...Array.from({ length: 200 }, () => inSegment(five))))).toMatchObject(
      refused('invalid', '200,000 conditions', 'rules.root'),
    );
    const deep = await make(nested(hasTag(tagId), 12), 'Deep');
    const deeper = await make(nested(inSegment(deep), 12), 'Deeper');
    expect(await save('Deepest', nested(inSegment(deeper), 7))).toMatchObject(
      refused('invalid', '31 levels deep, and at most 30', 'rules.root'),
    );
    const deepest = await make(nested(inSegment(deeper), 6), 'Deepest');
    expect(await countMembers(pool(), sectionId, await openSegment(pool(), sectionId, deepest))).toBe(0);
  });

  it('cannot grow so that a direct or indirect user becomes too large', async () => {
    const small = await make(anyOf(...conditions(10)), 'Small');
    const between = await make(anyOf(...Array.from({ length: 10 }, () => inSegment(small))), 'Between');
    await make(anyOf(...Array.from({ length: 10 }, () => inSegment(between))), 'Large');
    const before = await stored(small);
    expect(await change(small, anyOf(...conditions(11)))).toMatchObject(
      refused('invalid', '“Large” uses this segment, and would become too large', 'rules.root'),
    );
    expect(await stored(small)).toEqual(before);
    expect(await usersOf('tag', tagId)).toHaveLength(1);
    expect(await change(small, anyOf(...conditions(9)))).toMatchObject({ ok: true });
  });
});

describe('changing a segment', () => {
  it('is refused if somebody has changed it since, and says who', async () => {
    const id = await make(hasTag(tagId), 'Shared');
    const seen = (await stored(id)).changedAt.toISOString();
    const mine = { sectionId, segmentId: id, name: 'Mine', rules: rulesOf(hasNotTag(tagId)), seen };
    const first = await updateSegment(account.owner, { ...mine, name: 'Theirs' });
    expect(first).toMatchObject({ ok: true, value: { before: 'Shared' } });
    expect(await updateSegment(account.admin, mine)).toMatchObject(refused('conflict', 'Test owner has changed this'));
    expect(await stored(id)).toMatchObject({ name: 'Theirs', changedBy: 'Test owner' });
    // The person who saved continues with the time that the save returned.
    const next = { ...mine, seen: valueOf(first).changedAt };
    expect(await updateSegment(account.owner, next)).toMatchObject({ ok: true });
  });

  it('accepts one of two concurrent saves', async () => {
    const id = await make(hasTag(tagId));
    const results = await Promise.all([1, 2].map((nth) => change(id, hasNotTag(tagId), { name: `Edit ${nth}` })));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.find(({ ok }) => !ok)).toMatchObject({ refusal: { code: 'conflict' } });
  });

  it('may keep its own name, even in another case, but not take that of another', async () => {
    const id = await make(hasTag(tagId), 'Gold');
    await make(hasTag(tagId), 'Silver');
    expect(await change(id, hasTag(tagId), { name: 'GOLD' })).toMatchObject({ ok: true });
    expect(await change(id, hasTag(tagId), { name: 'silver' })).toMatchObject(
      refused('name_taken', '“Silver”', 'name'),
    );
  });

  it('requires the last change that was seen', async () => {
    const id = await make(hasTag(tagId));
    expect(await change(id, hasTag(tagId), { seen: 'yesterday' })).toMatchObject({
      ok: false,
      refusal: { code: 'invalid', field: 'seen' },
    });
  });

  it('records what it refers to now, each once, and drops earlier references', async () => {
    const [other, attribute, event] = [
      await createTestTag(sectionId, 'Other'),
      await makeAttribute(account.admin, sectionId, 'text'),
      await makeEventType(account.admin, sectionId),
    ];
    const id = await make(allOf(hasTag(tagId), anyOf(hasTag(tagId), hasNotTag(other))));
    const uses = async () => ({
      tag: (await usersOf('tag')).map(({ usedId }) => usedId).sort((a, b) => a - b),
      attribute: (await usersOf('attribute')).map(({ usedId }) => usedId),
      event: (await usersOf('event')).map(({ usedId }) => usedId),
    });
    expect(await uses()).toEqual({ tag: [tagId, other], attribute: [], event: [] });
    valueOf(await change(id, allOf(onAttribute(attribute.id, { test: 'empty' }), did(event.id))));
    expect(await uses()).toEqual({ tag: [], attribute: [attribute.id], event: [event.id] });
  });
});

describe('deleting a segment', () => {
  it('is refused while others use it, and says where', async () => {
    const used = await make(hasTag(tagId), 'Used');
    const [beta, alpha] = [await make(inSegment(used), 'Beta'), await make(inSegment(used, 'not_in'), 'Alpha')];
    expect(await deleteSegment(account.admin, { sectionId, segmentId: used })).toMatchObject({
      ok: false,
      refusal: {
        code: 'in_use',
        message: '“Alpha”, “Beta” use this segment. Remove it there first.',
        details: {
          users: [
            { id: alpha, name: 'Alpha' },
            { id: beta, name: 'Beta' },
          ],
        },
      },
    });
    expect(await stored(used)).toMatchObject({ name: 'Used' });
    valueOf(await deleteSegment(account.admin, { sectionId, segmentId: alpha }));
    valueOf(await change(beta, hasTag(tagId)));
    expect(await deleteSegment(account.admin, { sectionId, segmentId: used })).toMatchObject({ ok: true });
    expect((await listSegments(pool(), sectionId)).map(({ name }) => name)).toEqual(['Beta']);
  });

  it('is refused if another segment that uses it is saved concurrently', async () => {
    for (let round = 0; round < 5; round++) {
      const used = await make(hasTag(tagId));
      const [saved, deleted] = await Promise.all([
        save(`User ${round}`, inSegment(used)),
        deleteSegment(account.admin, { sectionId, segmentId: used }),
      ]);
      expect([saved.ok, deleted.ok].filter(Boolean)).toHaveLength(1);
    }
  });

  it('deletes its sizes, and later requests are refused with the reason', async () => {
    const id = await make(hasTag(tagId));
    await recordSize(sectionId, id);
    const input = { sectionId, segmentId: id };
    valueOf(await deleteSegment(account.admin, input));
    expect(await segmentSizes(pool(), sectionId, id)).toEqual([]);
    expect(await deleteSegment(account.owner, input)).toMatchObject(refused('not_found', 'may have been deleted'));
  });
});

describe('a merge of tags', () => {
  async function mergeToEnd(fromId: TagId, intoId: TagId): Promise<void> {
    const { operationId } = valueOf(await mergeTags(account.admin, { sectionId, fromId, intoId }));
    await runToEnd(sectionId, operationId);
  }

  it('updates the tag in segments, even deep in groups, and hides the old tag without breaking them', async () => {
    const into = await createTestTag(sectionId, 'Partner');
    const [old, both, other] = await createTestProfiles(sectionId, 3);
    await tagProfiles(sectionId, [old!, both!], { apply: [tagId] });
    await tagProfiles(sectionId, [both!], { apply: [into] });
    const having = await make(anyOf(hasTag(into), allOf(noneOf(hasNotTag(tagId)))), 'Having');
    const lacking = await make(hasNotTag(tagId), 'Lacking');
    const untouched = await make(hasTag(into), 'Untouched');
    const before = await stored(untouched);
    await mergeToEnd(tagId, into);

    expect((await stored(having)).rules.root).toEqual(anyOf(hasTag(into), allOf(noneOf(hasNotTag(into)))));
    expect((await stored(lacking)).rules.root).toEqual(allOf(hasNotTag(into)));
    expect(await stored(untouched)).toEqual(before);
    expect(await usersOf('tag', tagId)).toEqual([]);
    expect(await usersOf('tag', into)).toHaveLength(3);
    for (const { attention } of await listSegments(pool(), sectionId)) expect(attention).toEqual([]);
    const members = async (id: SegmentId) => membersIn(sectionId, (await stored(id)).rules);
    expect(await members(having)).toEqual([old, both]);
    expect(await members(lacking)).toEqual([other]);
  });

  it('keeps conditions on how a tag was applied on the old tag: those segments need attention, and never exclude fewer people', async () => {
    const into = await createTestTag(sectionId, 'Partner');
    const list = await makeHolder(sectionId);
    const profiles = await createTestProfiles(sectionId, 3);
    await tagProfiles(sectionId, profiles.slice(0, 2), { apply: [tagId] }, { source: 'import' });
    await claimProfiles(sectionId, profiles.slice(1), { tagId, holderId: list });
    const week: Period = { kind: 'last', count: 7, unit: 'days' };
    const stuck: Record<string, RuleNode> = {
      'By list': allOf(hasTag(into), noneOf(onTag(tagId, { test: 'held_by', holderId: list }))),
      'By hand': noneOf(onTag(tagId, { test: 'held_by' })),
      'From imports': anyOf(onTag(tagId, { source: 'import' })),
      'Got lately': anyOf(onTag(tagId, { test: 'got', when: week })),
      'Lost ever': noneOf(onTag(tagId, { test: 'lost' })),
      'Not from imports': allOf(onTag(tagId, { test: 'has_not', source: 'import' })),
    };
    const ids = new Map<string, SegmentId>();
    for (const [name, node] of Object.entries(stuck)) ids.set(name, await make(node, name));
    const mixed = await make(allOf(hasTag(tagId), noneOf(onTag(tagId, { source: 'import' }))), 'Mixed');
    const plain = await make(allOf(hasTag(tagId), inSegment(ids.get('By list')!)), 'Uses by list');
    const well = await make(hasNotTag(tagId), 'Well');
    const before = await Promise.all([...ids.values()].map((id) => stored(id)));
    const needy = [...ids.keys(), 'Mixed', 'Uses by list'].sort();
    expect(await segmentsInMerge(pool(), sectionId, tagId)).toEqual({ moved: ['Well'], lost: needy });

    await mergeToEnd(tagId, into);
    const reason = containing('The tag “VIP” was hidden by Test admin on ');
    const now = await Promise.all([...ids.values()].map((id) => stored(id)));
    expect(now).toEqual(before.map((segment) => ({ ...segment, attention: [reason] })));
    const moved = allOf(hasTag(into), noneOf(onTag(tagId, { source: 'import' })));
    expect(await stored(mixed)).toMatchObject({ rules: { root: moved }, attention: [reason] });
    expect(await stored(plain)).toMatchObject({
      rules: { root: allOf(hasTag(into), inSegment(ids.get('By list')!)) },
      attention: [containing('It uses the segment “By list”')],
    });
    expect(await stored(well)).toMatchObject({ rules: { root: allOf(hasNotTag(into)) }, attention: [] });
    for (const id of [...ids.values(), mixed, plain]) {
      await expect(openSegment(pool(), sectionId, id)).rejects.toMatchObject({ code: 'hidden' });
    }
    const using = async (id: TagId) => (await usersOf('tag', id)).map(({ name }) => name);
    expect(await using(tagId)).toEqual([...ids.keys(), 'Mixed'].sort());
    expect(await using(into)).toEqual(['By list', 'Mixed', 'Uses by list', 'Well']);
  });

  it('records new sizes of the segments whose rules it changed', async () => {
    const into = await createTestTag(sectionId, 'Partner');
    const event = await makeEventType(account.admin, sectionId);
    const inner = await make(hasTag(into));
    const moved = [
      await make(anyOf(hasTag(tagId), did(event.id), inSegment(inner))),
      await make(allOf(hasTag(tagId), hasNotTag(tagId))),
    ];
    const stuck = await make(onTag(tagId, { test: 'lost' }));
    await rows(pool(), sql`delete from graphile_worker._private_jobs`);
    await mergeToEnd(tagId, into);
    const jobs = await rows<{ key: string }>(
      pool(),
      sql`select key from graphile_worker.jobs where task_identifier = 'note_segment_size' order by id`,
    );
    expect(jobs.map(({ key }) => key).sort()).toEqual(moved.map((id) => `segment-size:${sectionId}:${id}`).sort());
    expect((await usersOf('event')).map(({ id }) => id)).toEqual([moved[0]]);
    expect(await usersOf('segment', inner)).toMatchObject([{ id: moved[0] }]);
    expect((await usersOf('tag', tagId)).map(({ id }) => id)).toEqual([stuck]);
  });

  it('is reported to an editor who had the segment open, without naming a person', async () => {
    const into = await createTestTag(sectionId, 'Partner');
    const id = await make(hasTag(tagId));
    const seen = (await stored(id)).changedAt.toISOString();
    const { operationId } = valueOf(await mergeTags(account.owner, { sectionId, fromId: tagId, intoId: into }));
    await runToEnd(sectionId, operationId);
    const late = await change(id, hasTag(into), { seen });
    expect(late).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
    // The last editor was the reader: the change that they do not know about is the merge by somebody else.
    expect(late).not.toMatchObject({ refusal: { message: containing('Test admin') } });
  });

  it('and a concurrent save never leave a segment with the old tag', async () => {
    for (let round = 0; round < 3; round++) {
      const [from, into] = [
        await createTestTag(sectionId, `From ${round}`),
        await createTestTag(sectionId, `Into ${round}`),
      ];
      const { operationId } = valueOf(await mergeTags(account.admin, { sectionId, fromId: from, intoId: into }));
      const [saved] = await Promise.all([save(`At once ${round}`, hasTag(from)), runToEnd(sectionId, operationId)]);
      if (!saved.ok) expect(saved.refusal).toMatchObject({ code: 'hidden' });
      expect(await usersOf('tag', from)).toEqual([]);
    }
  });
});

describe('the members of a segment', () => {
  it('have their most frequent tags counted, beside everyone who has each', async () => {
    const newsTag = await createTestTag(sectionId, 'News');
    const people = await createTestProfiles(sectionId, 4);
    await tagProfiles(sectionId, people.slice(0, 2), { apply: [tagId] });
    await tagProfiles(sectionId, people, { apply: [newsTag] });
    const segmentId = await make(hasTag(tagId));
    expect(await readTagsOfMembers(account.admin, { sectionId, segmentId })).toMatchObject({
      ok: true,
      value: [
        { name: 'News', members: 2, everyone: 4 },
        { name: 'VIP', members: 2, everyone: 2 },
      ],
    });
  });
});

describe('the audit log', () => {
  it('has who created, changed, renamed and deleted a segment', async () => {
    const id = await make(hasTag(tagId), 'Noted');
    const by = { actor_name: 'Test admin', section_id: sectionId, subject: `segment:${id}` };
    expect(await lastAudit()).toEqual({ ...by, command: 'segments.create', summary: 'Created the segment “Noted”' });
    valueOf(await change(id, hasNotTag(tagId)));
    expect(await lastAudit()).toEqual({ ...by, command: 'segments.update', summary: 'Changed the segment “Noted”' });
    valueOf(await change(id, hasNotTag(tagId), { name: 'Renamed' }));
    expect(await lastAudit()).toMatchObject({ summary: 'Changed the segment “Noted”, now “Renamed”' });
    valueOf(await deleteSegment(account.admin, { sectionId, segmentId: id }));
    expect(await lastAudit()).toEqual({ ...by, command: 'segments.delete', summary: 'Deleted the segment “Renamed”' });
    const before = await lastAudit();
    await deleteSegment(account.admin, { sectionId, segmentId: id });
    expect(await lastAudit()).toEqual(before);
  });
});

describe('sizes', () => {
  const job = (id: SegmentId) =>
    maybeOne<{ task_identifier: string }>(
      pool(),
      sql`select task_identifier from graphile_worker.jobs where key = ${`segment-size:${sectionId}:${id}`}`,
    );

  it('are queued when a segment is saved or changed, only once however often', async () => {
    const id = await make(hasTag(tagId));
    expect(await job(id)).toEqual({ task_identifier: 'note_segment_size' });
    await rows(pool(), sql`delete from graphile_worker._private_jobs`);
    valueOf(await change(id, hasNotTag(tagId)));
    valueOf(await change(id, hasTag(tagId)));
    const jobs = await rows(
      pool(),
      sql`select from graphile_worker.jobs where key = ${`segment-size:${sectionId}:${id}`}`,
    );
    expect(jobs).toHaveLength(1);
  });

  it('are not queued if the save is refused', async () => {
    await rows(pool(), sql`delete from graphile_worker._private_jobs`);
    await save('', hasTag(tagId));
    await save('Deep', nested(hasTag(tagId), 13));
    expect(await rows(pool(), sql`select from graphile_worker.jobs`)).toEqual([]);
  });

  it('are recorded with the time, oldest first', async () => {
    const [profile] = await createTestProfiles(sectionId, 2);
    const id = await make(hasNotTag(tagId));
    await recordSize(sectionId, id);
    await tagProfiles(sectionId, [profile!], { apply: [tagId] });
    await recordSize(sectionId, id);
    const sizes = await segmentSizes(pool(), sectionId, id);
    expect(sizes.map(({ profiles }) => profiles)).toEqual([2, 1]);
    expect(sizes[0]!.at.getTime()).toBeLessThan(sizes[1]!.at.getTime());
    expect((await stored(id)).sizes.map(({ profiles }) => profiles)).toEqual([2, 1]);
  });

  it('are skipped without failure for a segment that is deleted or needs attention', async () => {
    const id = await make(hasTag(tagId));
    await hideTag(account.admin, { sectionId, tagId });
    await recordSize(sectionId, id);
    expect(await segmentSizes(pool(), sectionId, id)).toEqual([]);
    valueOf(await deleteSegment(account.admin, { sectionId, segmentId: id }));
    await recordSize(sectionId, id);
  });
});
