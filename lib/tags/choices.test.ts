// What pickers offer: the database finds what a search through all names finds, in one section, with the person's favourites first.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { nameKey } from '@/lib/naming/names';
import { matchScore, searchable } from '@/lib/naming/word-search';
import { createTestAccount, createTestSection, createTestTag, type TestAccount } from '@/testing/fixtures';
import { FIRST_CHOICES, firstChoices, matchingChoices } from './choices';
import { setFavouriteTag } from './favourites';
import { readTagLabels } from './reads';

let account: TestAccount;
beforeAll(async () => {
  account = await createTestAccount();
});

async function addTags(sectionId: SectionId, names: readonly string[]): Promise<void> {
  await execute(
    pool(),
    sql`insert into tag (section_id, discriminator, name, name_key)
        select ${sectionId}, 'test.' || place, name, key
        from unnest(${names}::text[], ${names.map(nameKey)}::text[]) with ordinality as given (name, key, place)`,
  );
}

const word = fc.oneof(
  fc.constantFrom('lead', 'trade', 'show', 'web', 'shop', 'webinar', 'participant', 'Malmö', 'Ünïcode', '2024', '007'),
  fc.constantFrom('VIP', 'लखनऊ', 'לָקוֹחַ', 'عَميل', 'Ёлка', 'が', '👍', '%', '_', '.*', "O'Brien", '(a|b)', '\\d'),
  fc.string({ unit: fc.constantFrom(...'aabcdeé'), minLength: 3, maxLength: 7 }),
);
const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));

/** A text as people type it: a piece of a name, words in another order, a letter changed, left out or too many. */
const typed = (names: readonly string[]) =>
  fc
    .record({
      name: fc.constantFrom(...names),
      from: fc.nat(8),
      length: fc.integer({ min: 1, max: 14 }),
      turned: fc.boolean(),
      at: fc.nat(9),
      fault: fc.constantFrom('none', 'wrong', 'left out', 'too many', 'swapped', 'joined'),
    })
    .map(({ name, from, length, turned, at, fault }) => {
      const words = turned ? name.split(' ').toReversed().join(' ') : name;
      const piece = words.slice(from, from + length);
      const [before, after] = [piece.slice(0, at), piece.slice(at + 1)];
      const letter = piece.slice(at, at + 1);
      if (fault === 'wrong') return `${before}x${after}`;
      if (fault === 'left out') return before + after;
      if (fault === 'too many') return `${before}q${letter}${after}`;
      if (fault === 'swapped') return `${before}${after.slice(0, 1)}${letter}${after.slice(1)}`;
      return fault === 'joined' ? piece.replaceAll(' ', '') : piece;
    });

describe('the search of pickers', () => {
  it('finds in the database what a search through all names finds, ranked alike', async () => {
    const sectionId = await createTestSection(account.accountId, 'Many');
    const made = fc.sample(name, 160);
    const names = [...new Map(made.map((each) => [nameKey(each), each])).values()];
    await addTags(sectionId, names);
    await addTags(account.sectionId, ['lead of another section']);
    const keys = await rows<{ name: string; key: string; joined: string }>(
      pool(),
      sql`select name, search_key as key, search_joined as joined from tag where section_id = ${sectionId}`,
    );
    for (const { name, key, joined } of keys) expect(searchable(name)).toMatchObject({ key, joined });

    await fc.assert(
      fc.asyncProperty(typed(names), async (text) => {
        const wanted = searchable(text);
        // Half of an emoji is nothing that a browser could send.
        if (wanted.key === '' || /\p{Surrogate}/u.test(text)) return;
        const score = (each: string) => matchScore(wanted, searchable(each));
        const byScore = (left: string, right: string) => score(right) - score(left) || (left < right ? -1 : 1);
        const found = await matchingChoices(pool(), sectionId, { text, userId: null });
        const matching = found.map((tag) => tag.name).filter((each) => score(each) > 0);
        expect(matching.map(score)).toEqual(matching.map(score).toSorted((left, right) => right - left));
        const expected = names.filter((each) => score(each) > 0);
        if (found.length < 50) expect(matching.toSorted(byScore)).toEqual(expected.toSorted(byScore));
      }),
      { numRuns: 60 },
    );
  });

  it('offers favourites first: of all tags by name, or of the largest where there are too many', async () => {
    const sectionId = await createTestSection(account.accountId, 'Favourites');
    const ids = [];
    for (const each of ['Alpha', 'Beta', 'Gamma']) ids.push(await createTestTag(sectionId, each));
    await setFavouriteTag(account.admin, { sectionId, tagId: ids[1]!, favourite: true });
    const of = { userId: account.admin.userId };
    const few = await firstChoices(pool(), sectionId, of);
    expect(few.tags.map((tag) => tag.name)).toEqual(['Beta', 'Alpha', 'Gamma']);
    expect(few.tags.map(({ favourite }) => favourite)).toEqual([true, false, false]);
    const nobodys = await firstChoices(pool(), sectionId, { userId: null });
    expect(nobodys.tags.map((tag) => tag.name)).toEqual(['Alpha', 'Beta', 'Gamma']);

    await addTags(
      sectionId,
      Array.from({ length: FIRST_CHOICES }, (_, number) => `A ${number}`),
    );
    await execute(
      pool(),
      sql`insert into tag_count (section_id, tag_id, slot, profiles) values (${sectionId}, ${ids[2]}, 1, 7)`,
    );
    const many = await firstChoices(pool(), sectionId, of);
    expect(many.total).toBe(FIRST_CHOICES + 3);
    expect(many.tags).toHaveLength(FIRST_CHOICES);
    expect(many.tags.slice(0, 3).map(({ name, profiles }) => [name, profiles])).toEqual([
      ['Beta', 0],
      ['Gamma', 7],
      ['A 0', 0],
    ]);
    const found = await matchingChoices(pool(), sectionId, { ...of, text: 'a' });
    expect(found.slice(0, 3).map((tag) => tag.name)).toEqual(['A 0', 'A 1', 'A 10']);
    const matching = await matchingChoices(pool(), sectionId, { ...of, text: 'ta' });
    expect(matching.map((tag) => tag.name)).toEqual(['Beta']);
  });

  it('names tags by id, without what is hidden, of another section, or no id at all', async () => {
    const sectionId = await createTestSection(account.accountId, 'Labels');
    const here = await createTestTag(sectionId, 'Here');
    const there = await createTestTag(account.sectionId, 'There');
    const found = await readTagLabels(account.admin, { sectionId, tagIds: [here, there, '0', 'x', 2 ** 40] });
    expect(found).toMatchObject({ ok: true, value: [{ id: here, name: 'Here' }] });
  });
});
