// What everyone reads about tags: the table's order, and a tag's own page.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { mergeTags } from '@/lib/operations/merge-tag';
import { changeProfileTags } from '@/lib/profiles/commands';
import { createTag, hideTag } from '@/lib/tags/commands';
import { setFavouriteTag } from '@/lib/tags/favourites';
import { listTags } from '@/lib/tags/queries';
import { readTagsTogether } from '@/lib/tags/reads';
import { updateTag } from '@/lib/tags/update';
import { createTestAccount, createTestProfiles, createTestTag, runToEnd, type TestAccount } from '@/testing/fixtures';
import { readTagPage, readTagTable } from './reads';

let account: TestAccount;
let sectionId: SectionId;
let people: ProfileId[];
beforeAll(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  people = await createTestProfiles(sectionId, 4);
});

const change = async (profileId: ProfileId | undefined, tags: { apply?: TagId[]; remove?: TagId[] }) => {
  const result = await changeProfileTags(account.marketer, { sectionId, profileId, ...tags });
  if (!result.ok) throw new Error(result.refusal.message);
};

const pageOf = async (tagId: TagId) => {
  const page = await readTagPage(account.marketer, { sectionId, tagId: String(tagId) });
  if (!page.ok) throw new Error(page.refusal.message);
  return page.value;
};

describe('the table of tags', () => {
  it('has one’s favourites first, then groups, then tags without one, each by name', async () => {
    const made: Record<string, TagId> = {};
    for (const [name, group] of [
      ['Zulu', 'Alpha group'],
      ['Yankee', 'alpha Group'],
      ['Lime: Xray', ''],
      ['Whisky', ''],
      ['Victor', 'Zebra group'],
    ] as const) {
      const tag = await createTag(account.admin, { sectionId, name, group });
      if (!tag.ok) throw new Error(tag.refusal.message);
      made[name] = tag.value.id;
    }
    await setFavouriteTag(account.marketer, { sectionId, tagId: made.Victor, favourite: true });
    const names = async (userId: number) =>
      (await listTags(pool(), sectionId, { userId: userId as never })).map(({ name }) => name);
    expect(await names(account.marketer.userId)).toEqual(['Victor', 'Yankee', 'Zulu', 'Lime: Xray', 'Whisky']);
    expect(await names(account.admin.userId)).toEqual(['Yankee', 'Zulu', 'Lime: Xray', 'Victor', 'Whisky']);
  });

  it('is for everyone; the hidden tags are for Admins', async () => {
    expect(await readTagTable(account.marketer, { sectionId, hidden: false })).toMatchObject({ ok: true });
    expect(await readTagTable(account.admin, { sectionId, hidden: true })).toMatchObject({ ok: true });
    expect(await readTagTable(account.marketer, { sectionId, hidden: true })).toMatchObject({
      ok: false,
      refusal: { code: 'not_allowed' },
    });
  });
});

describe('the page of a tag', () => {
  it('lists who has it, by when they got it, with the source; not those who lost it', async () => {
    const tagId = await createTestTag(sectionId, 'Held');
    for (const profileId of people) await change(profileId, { apply: [tagId] });
    await change(people[1], { remove: [tagId] });
    await change(people[0], { remove: [tagId] });
    await change(people[0], { apply: [tagId] });
    const { holders, tag } = await pageOf(tagId);
    expect(tag.profiles).toBe(3);
    expect(holders.map(({ profileId }) => profileId)).toEqual([people[0], people[3], people[2]]);
    expect(holders[0]).toMatchObject({ source: 'By hand by Test user' });
  });

  it('says which tags its people have too, the most first, and none that is hidden', async () => {
    const [tagId, often, once, hidden] = [
      await createTestTag(sectionId, 'Centre'),
      await createTestTag(sectionId, 'Often'),
      await createTestTag(sectionId, 'Once'),
      await createTestTag(sectionId, 'Soon hidden'),
    ];
    for (const [index, profileId] of people.entries()) {
      await change(profileId, { apply: index < 3 ? [tagId, often, hidden] : [often] });
    }
    await change(people[2], { apply: [once] });
    await hideTag(account.admin, { sectionId, tagId: hidden });
    const found = await readTagsTogether(account.marketer, { sectionId, tagId: String(tagId) });
    expect(found).toMatchObject({ ok: true, value: { estimated: false } });
    const tags = found.ok ? found.value.tags.filter(({ name }) => name !== 'Held') : [];
    expect(tags).toMatchObject([
      { id: often, both: 3, share: 1 },
      { id: once, both: 1, share: 1 / 3 },
    ]);
  });

  it('tells what was done to it and by whom, merges into it included, the newest first', async () => {
    const made = await createTag(account.marketer, { sectionId, name: 'Storied' });
    if (!made.ok) throw new Error(made.refusal.message);
    const tagId = made.value.id;
    await updateTag(account.admin, {
      sectionId,
      tagId,
      name: 'Storied tag',
      description: 'About',
      ownerNote: '',
      colour: 'red',
    });
    const other = await createTestTag(sectionId, 'Swallowed');
    const merge = await mergeTags(account.owner, { sectionId, fromId: other, intoId: tagId });
    if (!merge.ok) throw new Error(merge.refusal.message);
    await runToEnd(sectionId, merge.value.operationId);
    const { history } = await pageOf(tagId);
    expect(history.map(({ summary, by }) => [summary, by])).toEqual([
      ['Merged “Swallowed” into this tag', 'Test owner'],
      ['Renamed the tag “Storied” to “Storied tag”, and edited it: description, colour', 'Test admin'],
      ['Created the tag “Storied”', 'Test user'],
    ]);
    expect((await pageOf(other)).history.at(-1)?.summary).toBe('Created the tag “Swallowed”');
    expect((await pageOf(other)).tag.hidden).toMatchObject({ by: 'Test owner', mergedInto: 'Storied tag' });
  });

  it('shows the first line of a long owner note in the table, and all of it on the page', async () => {
    const tagId = await createTestTag(sectionId, 'Owned');
    const note = `${'👨‍👩‍👧'.repeat(60)}\nsecond line`;
    await execute(pool(), sql`update tag set owner_note = ${note} where section_id = ${sectionId} and id = ${tagId}`);
    const { tag } = await pageOf(tagId);
    expect(tag.ownerNote).toBe(note);
    expect(tag.owner).not.toContain('second');
    expect([...tag.owner]).toHaveLength(120);
  });

  it('is not found for a tag that is not of the section', async () => {
    for (const tagId of ['999999', 'x', '-1']) {
      expect(await readTagPage(account.marketer, { sectionId, tagId })).toMatchObject({
        ok: false,
        refusal: { code: 'not_found' },
      });
    }
  });
});
