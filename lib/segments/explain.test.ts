// Why a profile is in a segment or not: condition by condition, with the evidence, now and at a past moment.
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApiKey } from '@/lib/accounts/api-keys';
import type { EventVersionId, OperationId, ProfileId, SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { changeProfileTags, createProfile } from '@/lib/profiles/commands';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  runToEnd,
  type TestAccount,
} from '@/testing/fixtures';
import {
  addEvent,
  allOf,
  anyOf,
  claimProfiles,
  created,
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
  mergeProfiles,
  noneOf,
  onAttribute,
  onTag,
  rulesOf,
  setAttributes,
  tagProfiles,
  valueOf,
} from '@/testing/segments';
import { openRules } from './definitions';
import { evaluateFor, explainFor, segmentsOfProfile, type Verdict } from './explain';
import type { AsOf } from './members';
import type { Comparison } from '@/lib/attributes/comparison';
import type { EventCondition, Period, RuleNode, TagCondition } from './schema';

const DAY = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * DAY);

let account: TestAccount;
let sectionId: SectionId;
let tagId: TagId;
let profile: ProfileId;
let other: ProfileId;
beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Why');
  tagId = await createTestTag(sectionId, 'VIP');
  [profile, other] = (await createTestProfiles(sectionId, 2)) as [ProfileId, ProfileId];
  await execute(pool(), sql`update profile set created_at = ${ago(365)} where section_id = ${sectionId}`);
});

async function explain(node: RuleNode, { of = profile, ...asOf }: AsOf & { of?: ProfileId } = {}): Promise<Verdict> {
  const rules = rulesOf(node);
  const opened = { rules, definitions: await openRules(pool(), sectionId, rules) };
  return (await explainFor(pool(), sectionId, opened, of, asOf))!;
}

/** The verdict on one condition. */
async function verdictOn(node: RuleNode, asOf: AsOf & { of?: ProfileId } = {}): Promise<Verdict> {
  return (await explain(allOf(node), asOf)).items[0]!;
}
const entry = (more: object) => ({ evidence: { kind: 'tag', entry: more } });

/** An operation that changed tags, as a worker would leave it. */
async function addOperation(kind: 'bulk_tag' | 'import', summary: string): Promise<OperationId> {
  const { id } = await one<{ id: OperationId }>(
    pool(),
    sql`insert into operation (section_id, kind, summary, input, status)
        values (${sectionId}, ${kind}, ${summary}, '{}', 'done') returning id`,
  );
  return id;
}

describe('a condition on a tag', () => {
  it('shows who applied it, when and how', async () => {
    await changeProfileTags(account.admin, { sectionId, profileId: profile, apply: [tagId] });
    const verdict = await verdictOn(hasTag(tagId));
    expect(verdict).toMatchObject({
      node: hasTag(tagId),
      holds: true,
      ...entry({ action: 'applied', source: 'user', by: 'Test admin', through: null }),
    });
    const { at } = (verdict.evidence as { entry: { at: string } }).entry;
    expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000);
    expect(await verdictOn(hasNotTag(tagId))).toMatchObject({ holds: false, ...entry({ action: 'applied' }) });
  });

  it('shows who removed it', async () => {
    await changeProfileTags(account.owner, { sectionId, profileId: profile, apply: [tagId] });
    await changeProfileTags(account.admin, { sectionId, profileId: profile, remove: [tagId] });
    const removed = entry({ action: 'removed', by: 'Test admin' });
    expect(await verdictOn(hasTag(tagId))).toMatchObject({ holds: false, ...removed });
    expect(await verdictOn(hasNotTag(tagId))).toMatchObject({ holds: true, ...removed });
    expect(await verdictOn(onTag(tagId, { test: 'got' }))).toMatchObject({
      holds: true,
      ...entry({ action: 'applied', by: 'Test owner' }),
    });
  });

  it('says that the ledger has no entry if the profile never had it', async () => {
    await tagProfiles(sectionId, [other], { apply: [tagId] });
    for (const test of ['has', 'has_not', 'got', 'lost', 'held_by'] as const) {
      expect(await verdictOn(onTag(tagId, { test }))).toMatchObject({
        holds: test === 'has_not',
        evidence: { kind: 'tag', entry: null },
      });
    }
  });

  it('names the file of an import, the operation of a bulk change, and the API key', async () => {
    const byImport = await addOperation('import', 'Import “leads.csv”');
    await execute(
      pool(),
      sql`insert into import (section_id, file_name, status, operation_id)
          values (${sectionId}, 'leads.csv', 'done', ${byImport})`,
    );
    await tagProfiles(sectionId, [profile], { apply: [tagId] }, { source: 'import', operationId: byImport });
    expect(await verdictOn(hasTag(tagId))).toMatchObject(entry({ source: 'import', through: 'leads.csv', by: null }));

    const bulk = { sectionId, selection: { kind: 'ids', ids: [profile] }, remove: [tagId] };
    const { operationId, summary } = valueOf(await bulkTag(account.admin, bulk));
    await runToEnd(sectionId, operationId);
    expect(await verdictOn(hasTag(tagId))).toMatchObject({
      holds: false,
      ...entry({ action: 'removed', source: 'bulk', through: summary, by: 'Test admin' }),
    });

    const key = { name: 'Web shop', sections: 'all', keyspaces: 'all', canWrite: true, expiresAt: null };
    const { id } = valueOf(await createApiKey(account.admin, key));
    await tagProfiles(sectionId, [profile], { apply: [tagId] }, { source: 'api', apiKeyId: id });
    expect(await verdictOn(hasTag(tagId))).toMatchObject(entry({ source: 'api', through: 'Web shop' }));
  });

  it('in a period shows the entry of that period, or else the nearest one', async () => {
    await tagProfiles(sectionId, [profile], { apply: [tagId] }, { at: ago(40) });
    await tagProfiles(sectionId, [profile], { remove: [tagId] }, { at: ago(30) });
    await tagProfiles(sectionId, [profile], { apply: [tagId] }, { at: ago(5), source: 'api' });
    const got = (when: Period, more: Partial<TagCondition> = {}) =>
      verdictOn(onTag(tagId, { test: 'got', when, ...more }));
    const week = { kind: 'last', count: 1, unit: 'weeks' } as const;
    const before = { kind: 'before_last', count: 10, unit: 'days' } as const;
    expect(await got(week)).toMatchObject({ holds: true, ...entry({ source: 'api' }) });
    expect(await got(before)).toMatchObject({ holds: true, ...entry({ source: 'user', action: 'applied' }) });
    expect(await got(week, { source: 'user' })).toMatchObject({ holds: false, ...entry({ action: 'applied' }) });
    expect(await got({ kind: 'last', count: 1, unit: 'days' })).toMatchObject({
      holds: false,
      ...entry({ source: 'api' }),
    });
    expect(await verdictOn(onTag(tagId, { test: 'lost', when: week }))).toMatchObject({
      holds: false,
      ...entry({ action: 'removed' }),
    });
    expect(
      await verdictOn(onTag(tagId, { test: 'lost', when: { kind: 'last', count: 2, unit: 'months' } })),
    ).toMatchObject({
      holds: true,
      ...entry({ action: 'removed' }),
    });
  });

  it('from a source uses the last application', async () => {
    await tagProfiles(sectionId, [profile], { apply: [tagId] }, { source: 'import', at: ago(9) });
    const from = (source: TagCondition['source']) => verdictOn(onTag(tagId, { source }));
    expect(await from('import')).toMatchObject({ holds: true, ...entry({ source: 'import' }) });
    await tagProfiles(sectionId, [profile], { remove: [tagId] });
    await tagProfiles(sectionId, [profile], { apply: [tagId] }, { source: 'api' });
    expect(await from('import')).toMatchObject({ holds: false, ...entry({ source: 'api' }) });
    expect(await from('api')).toMatchObject({ holds: true });
  });

  it('held by a list shows when that list claimed it, even if others hold it too', async () => {
    const holder = await makeHolder(sectionId, 'Trade show');
    const another = await makeHolder(sectionId, 'Another');
    await tagProfiles(sectionId, [profile], { apply: [tagId] }, { at: ago(20) });
    await claimProfiles(sectionId, [profile], { tagId, holderId: holder, at: ago(10) });
    const heldBy = (holderId: typeof holder | null) => verdictOn(onTag(tagId, { test: 'held_by', holderId }));
    expect(await heldBy(holder)).toMatchObject({ holds: true, ...entry({ action: 'applied', source: 'integration' }) });
    expect(await heldBy(another)).toMatchObject({ holds: false, evidence: { entry: null } });
    expect(await heldBy(null)).toMatchObject({ holds: true, ...entry({ action: 'applied', source: 'user' }) });
    await claimProfiles(sectionId, [profile], { tagId, holderId: holder, apply: false });
    expect(await heldBy(holder)).toMatchObject({ holds: false, ...entry({ action: 'removed' }) });
    expect(await verdictOn(hasTag(tagId))).toMatchObject({ holds: true, ...entry({ source: 'user' }) });
  });
});

describe('a condition on a tag, after a merge of profiles,', () => {
  const merge = () => mergeProfiles(account, sectionId, { into: profile, from: other });

  it('shows how the merged profile got the other’s tag: nobody lost it', async () => {
    await tagProfiles(sectionId, [other], { apply: [tagId] }, { source: 'import', at: ago(10) });
    await merge();
    const merged = entry({ action: 'applied', source: 'merge', through: 'Web shop' });
    expect(await verdictOn(hasTag(tagId))).toMatchObject({ holds: true, ...merged });
    expect(await verdictOn(hasNotTag(tagId))).toMatchObject({ holds: false, ...merged });
    expect(await verdictOn(onTag(tagId, { test: 'got' }))).toMatchObject({ holds: true, ...merged });
    expect(await verdictOn(onTag(tagId, { test: 'lost' }))).toMatchObject({ holds: false, evidence: { entry: null } });
    expect(await verdictOn(hasTag(tagId), { at: ago(5) })).toMatchObject({
      holds: true,
      ...entry({ action: 'applied', source: 'import' }),
    });
  });

  it('shows why it has its earlier tag, whatever happened to the other', async () => {
    await tagProfiles(sectionId, [profile], { apply: [tagId] }, { source: 'import', at: ago(20) });
    await tagProfiles(sectionId, [other], { apply: [tagId] }, { source: 'api', at: ago(15) });
    await tagProfiles(sectionId, [other], { remove: [tagId] }, { at: ago(5) });
    await merge();
    expect(await verdictOn(hasTag(tagId))).toMatchObject({
      holds: true,
      ...entry({ action: 'applied', source: 'import' }),
    });
    expect(await verdictOn(hasTag(tagId), { at: ago(10) })).toMatchObject(entry({ source: 'api' }));
    expect(await verdictOn(onTag(tagId, { test: 'lost' }))).toMatchObject({
      holds: true,
      ...entry({ action: 'removed', source: 'user' }),
    });
    await tagProfiles(sectionId, [profile], { remove: [tagId] }, { source: 'bulk' });
    expect(await verdictOn(hasTag(tagId))).toMatchObject({
      holds: false,
      ...entry({ action: 'removed', source: 'bulk' }),
    });
  });

  it('shows which claim of a list was moved', async () => {
    const holder = await makeHolder(sectionId);
    await claimProfiles(sectionId, [other], { tagId, holderId: holder, at: ago(10) });
    await merge();
    expect(await verdictOn(onTag(tagId, { test: 'held_by', holderId: holder }))).toMatchObject({
      holds: true,
      ...entry({ action: 'applied', source: 'merge' }),
    });
  });
});

describe('as of a past moment', () => {
  it('a tag is judged by the entry that was valid then', async () => {
    await tagProfiles(sectionId, [profile], { apply: [tagId] }, { at: ago(40), source: 'import' });
    await tagProfiles(sectionId, [profile], { remove: [tagId] }, { at: ago(20), userId: account.admin.userId });
    const then = (days: number) => verdictOn(hasTag(tagId), { at: ago(days) });
    expect(await then(50)).toMatchObject({ holds: false, evidence: { entry: null } });
    expect(await then(30)).toMatchObject({ holds: true, ...entry({ action: 'applied', source: 'import' }) });
    expect(await then(10)).toMatchObject({ holds: false, ...entry({ action: 'removed', by: 'Test admin' }) });
  });

  it('only earlier events count, and periods count back from then', async () => {
    const event = await makeEventType(account.admin, sectionId);
    for (const days of [30, 20, 10]) await addEvent(sectionId, profile, event.versionId, { at: ago(days) });
    const week = did(event.id, { when: { kind: 'last', count: 1, unit: 'weeks' } });
    expect(await verdictOn(week)).toMatchObject({ holds: false, evidence: { times: 0, last: null } });
    expect(await verdictOn(week, { at: ago(15) })).toMatchObject({
      holds: true,
      evidence: { kind: 'event', times: 1 },
    });
    const ever = await verdictOn(did(event.id), { at: ago(15) });
    expect(ever).toMatchObject({ holds: true, evidence: { times: 2 } });
    const { lastEver } = ever.evidence as { lastEver: string };
    expect(Date.parse(lastEver)).toBeLessThan(ago(15).getTime());
  });

  it('profiles created later are not in the segment', async () => {
    await execute(pool(), sql`update profile set created_at = ${ago(2)} where section_id = ${sectionId}`);
    for (const node of [hasNotTag(tagId), noneOf(hasTag(tagId)), anyOf(hasNotTag(tagId), created({ kind: 'ever' }))]) {
      const at = ago(30);
      expect(await membersIn(sectionId, rulesOf(node), { at })).toEqual([]);
      const rules = rulesOf(node);
      const opened = { rules, definitions: await openRules(pool(), sectionId, rules) };
      const verdict = await explainFor(pool(), sectionId, opened, profile, { at });
      expect(verdict?.holds ?? false).toBe(false);
    }
  });
});

describe('other conditions', () => {
  it('show the value that decided', async () => {
    const text = await makeAttribute(account.admin, sectionId, 'text');
    const number = await makeAttribute(account.admin, sectionId, 'number');
    const boolean = await makeAttribute(account.admin, sectionId, 'boolean');
    await setAttributes(sectionId, profile, { [text.code]: 'Sweden', [number.code]: 7.5, [boolean.code]: false });
    const cases: [RuleNode, boolean, unknown][] = [
      [onAttribute(text.id, { test: 'is', text: 'sweden' }), true, 'Sweden'],
      [onAttribute(text.id, { test: 'starts', text: 'Nor' }), false, 'Sweden'],
      [onAttribute(number.id, { test: 'above', number: 7 }), true, 7.5],
      [onAttribute(boolean.id, { test: 'yes' }), false, false],
    ];
    for (const [node, holds, value] of cases) {
      expect(await verdictOn(node)).toMatchObject({ holds, evidence: { kind: 'value', value } });
      expect(await verdictOn(node, { of: other })).toMatchObject({ holds: false, evidence: { value: null } });
    }
    expect(await verdictOn(onAttribute(text.id, { test: 'is_not', text: 'x' }), { of: other })).toMatchObject({
      holds: true,
      evidence: { kind: 'value', value: null },
    });
  });

  it('count the matching events, and show when the last one was', async () => {
    const event = await makeEventType(account.admin, sectionId, { price: 'number' });
    for (const [days, price] of [
      [3, 10],
      [2, 200],
      [1, 300],
      [0.5, 5],
    ] as const) {
      await addEvent(sectionId, profile, event.versionId, { at: ago(days), data: { price } });
    }
    const dear = { fields: [{ code: 'price', compare: { test: 'above', number: 100 } as Comparison }] };
    const times = (is: EventCondition['times']['is'], count: number) =>
      verdictOn(did(event.id, { ...dear, times: { is, count } }));
    const verdict = await times('at_least', 2);
    expect(verdict).toMatchObject({ holds: true, evidence: { kind: 'event', times: 2 } });
    const { last, lastEver } = verdict.evidence as { last: string; lastEver: string };
    expect(Math.abs(Date.parse(last) - ago(1).getTime())).toBeLessThan(60_000);
    expect(Math.abs(Date.parse(lastEver) - ago(0.5).getTime())).toBeLessThan(60_000);
    expect((await times('at_least', 3)).holds).toBe(false);
    expect((await times('exactly', 2)).holds).toBe(true);
    expect((await times('at_most', 1)).holds).toBe(false);
    expect((await times('at_most', 2)).holds).toBe(true);
    const never = await verdictOn(did(event.id, { test: 'did_not' }), { of: other });
    expect(never).toMatchObject({ holds: true, evidence: { times: 0, last: null, lastEver: null } });
  });

  it('show when the profile was added, and its key', async () => {
    const email = 'anna@example.com';
    const keys = [{ keyspaceId: account.keyspaces.email, key: email }];
    const { id } = valueOf(await createProfile(account.admin, { sectionId, keys, attributes: {} }));
    expect(await verdictOn(hasKey(account.keyspaces.email), { of: id })).toMatchObject({
      holds: true,
      evidence: { kind: 'key', key: email },
    });
    expect(await verdictOn(hasKey(account.keyspaces.mobile), { of: id })).toMatchObject({
      holds: false,
      evidence: { kind: 'key', key: null },
    });
    const recent = created({ kind: 'last', count: 1, unit: 'days' });
    expect(await verdictOn(recent, { of: id })).toMatchObject({ holds: true, evidence: { kind: 'created' } });
    expect(await verdictOn(recent)).toMatchObject({ holds: false, evidence: { kind: 'created' } });
  });
});

describe('groups and segments in segments', () => {
  it('are evaluated from the inside, and contain their own verdicts', async () => {
    await tagProfiles(sectionId, [profile], { apply: [tagId] });
    const vips = await makeSegment(account.admin, sectionId, anyOf(hasTag(tagId)), 'VIPs');
    const root = allOf(anyOf(hasNotTag(tagId), inSegment(vips)), noneOf(inSegment(vips, 'not_in'), hasNotTag(tagId)));
    expect(await explain(root)).toMatchObject({
      holds: true,
      evidence: null,
      items: [
        {
          node: { match: 'any' },
          holds: true,
          items: [
            { holds: false, items: [] },
            {
              node: inSegment(vips),
              holds: true,
              evidence: null,
              items: [
                { node: { match: 'any' }, holds: true, items: [{ holds: true, ...entry({ action: 'applied' }) }] },
              ],
            },
          ],
        },
        { node: { match: 'none' }, holds: true, items: [{ holds: false }, { holds: false }] },
      ],
    });
    expect(await explain(root, { of: other })).toMatchObject({ holds: false });
  });

  it('is explained with as many conditions as a segment may have', async () => {
    await tagProfiles(sectionId, [profile], { apply: [tagId] });
    const verdict = await explain(allOf(...Array.from({ length: 200 }, () => hasTag(tagId))));
    expect(verdict.holds).toBe(true);
    expect(verdict.items).toHaveLength(200);
    expect(verdict.items.every(({ holds, evidence }) => holds && evidence !== null)).toBe(true);
  });

  it('is undefined for a missing profile or one of another section', async () => {
    const elsewhere = await createTestSection(account.accountId, 'Elsewhere');
    const [theirs] = await createTestProfiles(elsewhere, 1);
    expect(await explain(hasNotTag(tagId), { of: theirs })).toBeUndefined();
    expect(await explain(hasNotTag(tagId), { of: 999_999_999 as ProfileId })).toBeUndefined();
  });
});

describe('the segments that a profile is in', () => {
  it('are those that contain it, by name', async () => {
    await tagProfiles(sectionId, [profile], { apply: [tagId] });
    const having = await makeSegment(account.admin, sectionId, hasTag(tagId), 'b');
    const lacking = await makeSegment(account.admin, sectionId, hasNotTag(tagId), 'a');
    const either = await makeSegment(account.admin, sectionId, anyOf(inSegment(having), inSegment(lacking)), 'C');
    const names = async (id: ProfileId) => (await segmentsOfProfile(pool(), sectionId, id)).map(({ name }) => name);
    expect(await names(profile)).toEqual(['b', 'C']);
    expect(await names(other)).toEqual(['a', 'C']);
    expect(await segmentsOfProfile(pool(), sectionId, profile)).toContainEqual({ id: either, name: 'C' });
  });

  it('are found among more than a hundred', async () => {
    await tagProfiles(sectionId, [profile], { apply: [tagId] });
    const rules = JSON.stringify(rulesOf(hasTag(tagId)));
    await execute(
      pool(),
      sql`
        insert into segment (section_id, discriminator, name, name_key, rules)
        select ${sectionId}::int, 'd' || nth, 'Segment ' || nth, 'segment ' || nth, ${rules}::jsonb
        from generate_series(1, 450) nth`,
    );
    expect(await segmentsOfProfile(pool(), sectionId, profile)).toHaveLength(450);
    expect(await segmentsOfProfile(pool(), sectionId, other)).toEqual([]);
  });

  it('are found even if they exceed one statement', async () => {
    await tagProfiles(sectionId, [profile], { apply: [tagId] });
    const when: Period = { kind: 'between', from: '2020-01-01', to: '2099-12-31' };
    const got = onTag(tagId, { test: 'got', when });
    const [some, none] = [rulesOf(anyOf(...Array<RuleNode>(30).fill(got))), rulesOf(noneOf(got))];
    await execute(
      pool(),
      sql`
        insert into segment (section_id, discriminator, name, name_key, rules)
        select ${sectionId}::int, 'd' || nth, 'Segment ' || nth, 'segment ' || to_char(nth, '000'),
          case when nth % 4 = 0 then ${JSON.stringify(none)}::jsonb else ${JSON.stringify(some)}::jsonb end
        from generate_series(1, 280) nth`,
    );
    const names = Array.from({ length: 280 }, (_, index) => index + 1);
    const found = await segmentsOfProfile(pool(), sectionId, profile);
    expect(found.map(({ name }) => name)).toEqual(names.filter((nth) => nth % 4 !== 0).map((nth) => `Segment ${nth}`));
  });
});

// ── A small world: why is as true as who ────────────────────────────────────────────────────────────────────────────

describe('any rules', () => {
  let world: SectionId;
  let tags: TagId[];
  let people: ProfileId[];
  let text: Awaited<ReturnType<typeof makeAttribute>>;
  let event: { id: EventCondition['eventTypeId']; versionId: EventVersionId };
  let holder: Awaited<ReturnType<typeof makeHolder>>;
  let segment: SegmentId;

  beforeAll(async () => {
    world = await createTestSection(account.accountId, 'World');
    tags = [await createTestTag(world, 'A'), await createTestTag(world, 'B')];
    people = await createTestProfiles(world, 8);
    await execute(pool(), sql`update profile set created_at = ${ago(100)} where section_id = ${world}`);
    text = await makeAttribute(account.admin, world, 'text');
    event = await makeEventType(account.admin, world, { size: 'number' });
    holder = await makeHolder(world);
    for (const [nth, source] of (['user', 'import', 'api', 'user'] as const).entries()) {
      const some = people.filter((_id, index) => (index * 3 + nth) % 4 < 2);
      const change = nth === 2 ? { remove: [tags[0]!] } : { apply: [tags[nth % 2]!] };
      await tagProfiles(world, some, change, { source, at: ago(40 - nth * 10) });
    }
    await claimProfiles(world, people.slice(2, 6), { tagId: tags[1]!, holderId: holder, at: ago(12) });
    for (const [index, id] of people.entries()) {
      if (index % 3 > 0) await setAttributes(world, id, { [text.code]: index % 2 ? 'Oslo' : 'Åre' });
      for (let nth = 0; nth < index % 4; nth++) {
        await addEvent(world, id, event.versionId, { at: ago(nth * 9 + index), data: { size: nth } });
      }
    }
    segment = await makeSegment(account.admin, world, anyOf(hasNotTag(tags[0]!), did(event.id)));
    await mergeProfiles(account, world, { into: people[0]!, from: people[7]! });
    await mergeProfiles(account, world, { into: people[3]!, from: people[6]! });
    people = people.slice(0, 6);
  });

  const anyPeriod = fc.constantFrom<Period>(
    { kind: 'ever' },
    { kind: 'last', count: 3, unit: 'weeks' },
    { kind: 'before_last', count: 20, unit: 'days' },
    { kind: 'between', from: ago(35).toISOString().slice(0, 10), to: ago(11).toISOString().slice(0, 10) },
  );
  const anyCondition: fc.Arbitrary<() => RuleNode> = fc.oneof(
    fc
      .record({
        nth: fc.nat(1),
        test: fc.constantFrom<TagCondition['test']>('has', 'has_not', 'got', 'lost', 'held_by'),
        source: fc.constantFrom<TagCondition['source']>(null, null, 'user', 'import', 'integration'),
        when: anyPeriod,
        list: fc.boolean(),
      })
      .map(
        ({ nth, list, ...more }) =>
          () =>
            onTag(tags[nth]!, { ...more, holderId: list ? holder : null }),
      ),
    fc
      .constantFrom<Comparison>({ test: 'is', text: 'oslo' }, { test: 'not_contains', text: 'r' }, { test: 'empty' })
      .map((compare) => () => onAttribute(text.id, compare)),
    fc
      .record({
        test: fc.constantFrom<EventCondition['test']>('did', 'did_not'),
        times: fc.record({
          is: fc.constantFrom('at_least' as const, 'exactly' as const, 'at_most' as const),
          count: fc.integer({ min: 1, max: 3 }),
        }),
        when: anyPeriod,
      })
      .map((more) => () => did(event.id, more)),
    anyPeriod.map((when) => () => created(when)),
    fc.constantFrom('in' as const, 'not_in' as const).map((test) => () => inSegment(segment, test)),
  );
  const { node: anyNode } = fc.letrec<{ node: () => RuleNode; group: () => RuleNode }>((tie) => ({
    node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, anyCondition, tie('group')),
    group: fc
      .record({
        make: fc.constantFrom(allOf, anyOf, noneOf),
        items: fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
      })
      .map(
        ({ make, items }) =>
          () =>
            make(...items.map((item) => item())),
      ),
  }));

  /** The evidence for a tag: for a profile that has it, its application; otherwise its removal, or nothing. */
  function expectEvidence({ node, holds, evidence, items }: Verdict): void {
    items.forEach(expectEvidence);
    if (node.kind !== 'tag' || node.source !== null || evidence?.kind !== 'tag') return;
    const { test } = node;
    const shown = evidence.entry?.action;
    if (test === 'has' || test === 'has_not' || test === 'held_by') {
      expect({ node, has: shown === 'applied' }).toEqual({ node, has: holds === (test !== 'has_not') });
    } else if (holds) expect({ node, shown }).toEqual({ node, shown: test === 'got' ? 'applied' : 'removed' });
  }

  it('are explained in agreement with their evaluation, for every profile, now and at a past moment', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyNode,
        fc.option(fc.integer({ min: 1, max: 60 }), { freq: 1 }),
        fc.nat(5),
        async (make, days, nth) => {
          const rules = rulesOf(make());
          const opened = { rules, definitions: await openRules(pool(), world, rules) };
          const asOf: AsOf = days === null ? { now: new Date() } : { at: ago(days) };
          const members = await membersIn(world, rules, asOf);
          const id = people[nth]!;
          const verdict = await explainFor(pool(), world, opened, id, asOf);
          expect(verdict!.holds).toBe(members.includes(id));
          expectEvidence(verdict!);
          if (days === null) expect(await evaluateFor(pool(), world, id, [opened])).toEqual([members.includes(id)]);
        },
      ),
      { numRuns: 120 },
    );
  });
});
