// Batched tag changes: each call gets the answer that it would get alone.
import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { causeOf, erase } from '@/lib/people/erase';
import { changeTags, wantedForOne } from '@/lib/tags/change';
import { describeOnBoth } from '@/testing/as-on-cluster';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { hold, untilWaiting } from '@/testing/races';
import { expectInvariants } from '@/testing/invariants';
import { changeTagsByKey, createByKey } from './one-profile';

type Change = { key: string; apply: string[]; remove: string[] };

let account: TestAccount;

beforeEach(async () => {
  account = await createTestAccount();
});

const KEYS = Array.from({ length: 12 }, (_, index) => `person${index}@example.com`);
/** Of these tags, D may not be written through email, E is hidden, and F was merged into A. */
const TAGS = ['A', 'B', 'C', 'D', 'E', 'F'];
const refOf = (name: string) => `usercreated.tags.${name.toLowerCase()}`;

/** A section with the first eight people, some of whom have tags, and all kinds of tags. */
async function openSection(name: string): Promise<{ sectionId: SectionId; tags: Map<string, TagId> }> {
  const sectionId = await createTestSection(account.accountId, name);
  const tags = new Map<string, TagId>();
  for (const tag of TAGS) {
    const { id } = await one<{ id: TagId }>(
      pool(),
      sql`insert into tag (section_id, name, name_key, discriminator)
          values (${sectionId}, ${tag}, ${tag.toLowerCase()}, ${refOf(tag)}) returning id`,
    );
    tags.set(tag, id);
  }
  const tag = (which: string) => tags.get(which)!;
  await execute(
    pool(),
    sql`insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
        values (${sectionId}, ${tag('D')}, ${account.keyspaces.email}, true, false)`,
  );
  for (const key of KEYS.slice(0, 8)) await createByKey(account.admin, { ...keyIn(sectionId), key });
  await change(sectionId, { key: KEYS[0]!, apply: [refOf('A'), refOf('B')], remove: [] });
  await change(sectionId, { key: KEYS[1]!, apply: [refOf('B')], remove: [] });
  await execute(pool(), sql`update tag set hidden_at = now() where section_id = ${sectionId} and id = ${tag('E')}`);
  await execute(
    pool(),
    sql`update tag set hidden_at = now(), merged_into = ${tag('A')} where section_id = ${sectionId} and id = ${tag('F')}`,
  );
  return { sectionId, tags };
}

const keyIn = (sectionId: SectionId) => ({ sectionId, keyspaceId: account.keyspaces.email });

const change = (sectionId: SectionId, call: Change) => changeTagsByKey(account.admin, { ...keyIn(sectionId), ...call });

/** An answer, with tags by name. */
function inNames(answer: Awaited<ReturnType<typeof change>>, tags: ReadonlyMap<string, TagId>) {
  if (!answer.ok) return answer.refusal.code;
  const names = [...tags].filter(([, id]) => answer.value.tagIds.includes(id)).map(([name]) => name);
  return { ...answer.value, tagIds: names };
}

function stateOf(sectionId: SectionId) {
  return rows(
    pool(),
    sql`
      select keyed.key, array_agg(tag.name order by tag.name) filter (where tag.name is not null) as tags
      from profile_key keyed
      left join profile_tag held on held.section_id = ${sectionId} and held.profile_id = keyed.profile_id
      left join tag on tag.section_id = ${sectionId} and tag.id = held.tag_id
      where keyed.section_id = ${sectionId}
      group by keyed.key
      order by keyed.key`,
  );
}

describeOnBoth('batched tag changes', () => {
  it('concurrent calls get the same answers as sequential calls', async () => {
    const someTags = fc.uniqueArray(fc.constantFrom(...TAGS, 'unknown').map(refOf), { maxLength: 3 });
    const calls = fc
      .uniqueArray(fc.constantFrom(...KEYS), { minLength: 2, maxLength: KEYS.length })
      .chain((keys) =>
        fc.tuple(...keys.map((key) => fc.record({ key: fc.constant(key), apply: someTags, remove: someTags }))),
      );
    await fc.assert(
      fc.asyncProperty(calls, async (changes) => {
        const together = await openSection('Together');
        const apart = await openSection('Apart');
        const answers = await Promise.all(changes.map((call) => change(together.sectionId, call)));
        const expected = [];
        for (const call of changes) expected.push(await change(apart.sectionId, call));
        expect(answers.map((answer) => inNames(answer, together.tags))).toEqual(
          expected.map((answer) => inNames(answer, apart.tags)),
        );
        expect(await stateOf(together.sectionId)).toEqual(await stateOf(apart.sectionId));
      }),
      { numRuns: 6 },
    );
    await expectInvariants();
  });

  it('concurrent calls share a few statements', async () => {
    const { sectionId, tags } = await openSection('Sweden');
    const answers = await Promise.all(
      KEYS.slice(0, 8).map((key) => change(sectionId, { key, apply: [refOf('C')], remove: [] })),
    );
    expect(answers.every((answer) => answer.ok && answer.value.applied === 1)).toBe(true);
    // Rows of one transaction have the same timestamp.
    const { transactions } = await one<{ transactions: number }>(
      pool(),
      sql`select count(distinct at) as transactions from tag_change
        where section_id = ${sectionId} and tag_id = ${tags.get('C')}`,
    );
    expect(transactions).toBeLessThanOrEqual(3);
  });

  it('concurrent changes of one person are all made', async () => {
    const { sectionId } = await openSection('Sweden');
    const calls = ['A', 'B', 'C'].map((tag) => change(sectionId, { key: KEYS[2]!, apply: [refOf(tag)], remove: [] }));
    const answers = await Promise.all([
      ...calls,
      change(sectionId, { key: KEYS[0]!, apply: [], remove: [refOf('A')] }),
    ]);
    expect(answers.map((answer) => answer.ok && [answer.value.applied, answer.value.removed])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
      [0, 1],
    ]);
    expect(await stateOf(sectionId)).toContainEqual({ key: KEYS[2], tags: ['A', 'B', 'C'] });
  });

  it('a call that waits for a lock does not hold up the others of its batch', async () => {
    const { sectionId, tags } = await openSection('Sweden');
    const cause = { sectionId, source: 'user' as const, userId: account.admin.userId };
    const first = await profileOf(sectionId, KEYS[0]!);
    const writing = await hold((tx) =>
      changeTags(tx, cause, wantedForOne(first, { apply: [tags.get('C')!], remove: [] })),
    );
    const waits = change(sectionId, { key: KEYS[0]!, apply: [refOf('C')], remove: [] });
    const others = KEYS.slice(1, 8).map((key) => change(sectionId, { key, apply: [refOf('C')], remove: [] }));
    expect(await Promise.all(others)).toEqual(
      others.map(() => ({ ok: true, value: { applied: 1, removed: 0, tagIds: [tags.get('C')] } })),
    );
    await writing.commit();
    expect(await waits).toMatchObject({ ok: true, value: { applied: 0 } });
    await expectInvariants();
  });

  it('a person who is erased during the call is created again, and other calls are not affected', async () => {
    const { sectionId } = await openSection('Sweden');
    const erased = await profileOf(sectionId, KEYS[3]!);
    const erasing = await hold((tx) => erase(tx, causeOf(account.admin, sectionId), [erased]));
    const answers = KEYS.slice(2, 6).map((key) => change(sectionId, { key, apply: [refOf('C')], remove: [] }));
    await untilWaiting();
    await erasing.commit();
    expect((await Promise.all(answers)).map((answer) => answer.ok && answer.value.applied)).toEqual([1, 1, 1, 1]);
    expect(await profileOf(sectionId, KEYS[3]!)).not.toBe(erased);
    await expectInvariants();
  });
});

async function profileOf(sectionId: SectionId, key: string): Promise<ProfileId> {
  const { id } = await one<{ id: ProfileId }>(
    pool(),
    sql`select profile_id as id from profile_key
        where section_id = ${sectionId} and keyspace_id = ${account.keyspaces.email} and key = ${key}`,
  );
  return id;
}
