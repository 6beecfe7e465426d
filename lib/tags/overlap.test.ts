// The overlap of tags against a plain evaluation of random data.
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import { claimProfiles, makeHolder, tagProfiles } from '@/testing/segments';
import { hideTag } from './commands';
import { COMBINATIONS_MAX, largestTags, OVERLAP_MAX, OverlapTagsSchema, tagOverlap } from './overlap';

const PROFILES = 40;

let account: TestAccount;
let sectionId: SectionId;
let tags: TagId[];
let profiles: ProfileId[];
beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  await world(8);
});

async function world(count: number): Promise<void> {
  sectionId = await createTestSection(account.accountId, 'Overlap');
  profiles = await createTestProfiles(sectionId, PROFILES);
  tags = [];
  for (let nth = 0; nth < count; nth++)
    tags.push(await createTestTag(sectionId, `Tag ${String(nth).padStart(2, '0')}`));
}

const overlap = (wanted: readonly TagId[]) => transaction((tx) => tagOverlap(tx, sectionId, wanted));

/** Who has which tag, according to the tables. */
async function held(): Promise<Map<ProfileId, Set<TagId>>> {
  const found = await rows<{ id: ProfileId; tagIds: TagId[] }>(
    pool(),
    sql`select profile_id as id, array_agg(tag_id) as "tagIds" from profile_tag
        where section_id = ${sectionId} group by profile_id`,
  );
  return new Map(found.map(({ id, tagIds }) => [id, new Set(tagIds)]));
}

async function expectRight(wanted: readonly TagId[]): Promise<void> {
  const people = [...(await held()).values()];
  const both = (left: TagId, right: TagId) => people.filter((own) => own.has(left) && own.has(right)).length;
  const found = await overlap(wanted);
  const order = [...new Set(wanted)];
  expect(found.everyone).toBe(PROFILES);
  expect(found.tags.map(({ id }) => id)).toEqual(order);
  expect(found.tags.map(({ profiles: own }) => own)).toEqual(order.map((id) => both(id, id)));
  expect(found.pairs).toEqual(order.map((left) => order.map((right) => both(left, right))));
  if (order.length > COMBINATIONS_MAX) {
    expect(found.combinations).toBeNull();
    return;
  }
  const expected = new Map<string, number>();
  for (const own of people) {
    const combination = order.filter((id) => own.has(id)).join();
    if (combination !== '') expected.set(combination, (expected.get(combination) ?? 0) + 1);
  }
  expect(new Map(found.combinations!.map((one) => [one.tagIds.join(), one.profiles]))).toEqual(expected);
  // The most frequent first, then the fewer tags, then in the order of the tags: never in the order that the database happens to give.
  const ranks = found.combinations!.map((one) => [
    PROFILES - one.profiles,
    one.tagIds.length,
    ...one.tagIds.map((id) => order.indexOf(id)),
  ]);
  const rankOf = (rank: readonly number[]) => rank.map((part) => String(part).padStart(3, '0')).join();
  expect(ranks.map(rankOf)).toEqual(ranks.map(rankOf).toSorted());
}

describe('the overlap of tags', () => {
  it('agrees with a plain count: single tags, pairs, and exact combinations', async () => {
    const anyone = fc.array(fc.subarray(Array.from({ length: PROFILES }, (_, nth) => nth)), {
      minLength: 8,
      maxLength: 8,
    });
    const chosen = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(anyone, chosen, async (having, wanted) => {
        for (const [nth, places] of having.entries()) {
          const tagged = places.map((place) => profiles[place]!);
          const rest = profiles.filter((id) => !tagged.includes(id));
          await tagProfiles(sectionId, tagged, { apply: [tags[nth]!] });
          await tagProfiles(sectionId, rest, { remove: [tags[nth]!] });
        }
        await expectRight(wanted.map((nth) => tags[nth]!));
      }),
      { numRuns: 20 },
    );
  });

  it('counts a profile once, even if a list also claims the tag', async () => {
    const [left, right] = [await makeHolder(sectionId), await makeHolder(sectionId)];
    await tagProfiles(sectionId, profiles.slice(0, 3), { apply: [tags[0]!] });
    for (const holderId of [left, right]) {
      await claimProfiles(sectionId, profiles.slice(2, 6), { tagId: tags[0]!, holderId });
    }
    await expectRight(tags.slice(0, 2));
    expect((await overlap([tags[0]!])).tags).toMatchObject([{ profiles: 6 }]);
  });

  it('is exact for the maximum number of tags, including the last one', async () => {
    await world(OVERLAP_MAX);
    for (const [nth, tagId] of tags.entries()) {
      await tagProfiles(sectionId, profiles.slice(nth % 7, nth + 3), { apply: [tagId] });
    }
    await expectRight(tags);
    await expectRight([...tags].reverse());
  });

  it('counts a tag that is named twice once, and has no combination of no tags', async () => {
    await tagProfiles(sectionId, profiles.slice(0, 2), { apply: [tags[0]!] });
    await expectRight([tags[0]!, tags[1]!, tags[0]!]);
    expect((await overlap([tags[5]!])).combinations).toEqual([]);
  });

  it('refuses hidden tags, and those of another section', async () => {
    await execute(pool(), sql`update tag set hidden_at = now() where id = ${tags[3]}`);
    await expect(overlap([tags[0]!, tags[3]!])).rejects.toMatchObject({
      code: 'hidden',
      message: expect.stringContaining('“Tag 03” has been hidden') as string,
    });
    const other = await createTestSection(account.accountId, 'Other');
    const theirs = await createTestTag(other, 'Theirs');
    await expect(overlap([tags[0]!, theirs])).rejects.toMatchObject({ code: 'not_found' });
  });

  it('can be read twice in one transaction', async () => {
    await tagProfiles(sectionId, profiles.slice(0, 2), { apply: [tags[0]!] });
    await transaction(async (tx) => {
      const first = await tagOverlap(tx, sectionId, tags.slice(0, 2));
      expect(await tagOverlap(tx, sectionId, tags.slice(0, 2))).toEqual(first);
    });
  });

  it('refuses no tags and too many tags, with a reason', () => {
    const problem = (ids: unknown) => OverlapTagsSchema.safeParse(ids).error?.issues[0]?.message;
    expect(problem([])).toBe('Choose at least one tag.');
    expect(problem(Array.from({ length: OVERLAP_MAX + 1 }, (_, nth) => nth + 1))).toBe('Choose at most 30 tags.');
    expect(problem(Array.from({ length: OVERLAP_MAX }, (_, nth) => nth + 1))).toBeUndefined();
  });
});

describe('the largest tags', () => {
  it('are the visible ones with the most profiles, largest first, without empty ones', async () => {
    for (const [nth, count] of [3, 9, 0, 5, 7].entries()) {
      await tagProfiles(sectionId, profiles.slice(0, count), { apply: [tags[nth]!] });
    }
    await tagProfiles(sectionId, profiles.slice(0, 4), { apply: [tags[2]!] });
    await tagProfiles(sectionId, profiles.slice(0, 4), { remove: [tags[2]!] });
    const hidden = await hideTag(account.admin, { sectionId, tagId: tags[1]! });
    expect(hidden.ok).toBe(true);
    await transaction(async (tx) => {
      expect(await largestTags(tx, sectionId, 10)).toEqual([tags[4], tags[3], tags[0]]);
      expect(await largestTags(tx, sectionId, 2)).toEqual([tags[4], tags[3]]);
    });
  });
});
