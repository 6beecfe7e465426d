// The filter against a plain evaluation in memory, and paging that shows each profile once.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OperationId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { changeTags, wantedFor, wantedPairs } from '@/lib/tags/change';
import { SOURCES } from '@/lib/tags/source';
import { createTestAccount, createTestTag, recountProfiles, type TestAccount } from '@/testing/fixtures';
import { matchingProfiles } from './filter';
import { countProfiles, listProfiles } from './queries';
import { ProfileFilterSchema, type AttributeFilter, type OperationEffect, type ProfileFilter } from './schema';

const WORDS = ['anna', 'Annika', 'per_', 'p%r', 'back\\slash', "o'neil", 'Åsa', ''];
const PROFILES = 130;

type Person = { id: ProfileId; firstname: string; lastname: string; email: string; tags: Set<TagId> };

let account: TestAccount;
let sectionId: SectionId;
let tags: TagId[];
let people: Person[];

beforeAll(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  tags = [
    await createTestTag(sectionId, 'A'),
    await createTestTag(sectionId, 'B'),
    await createTestTag(sectionId, 'C'),
  ];
  const made = Array.from({ length: PROFILES }, (_, index) => ({
    firstname: WORDS[index % WORDS.length]!,
    lastname: WORDS[(index * 3 + 1) % WORDS.length]!,
    email: `${index % 7 === 0 ? 'a_b' : 'axb'}${index}@example.com`,
  }));
  const inserted = await rows<{ id: ProfileId; attributes: Omit<Person, 'id' | 'tags'> }>(
    pool(),
    sql`
      insert into profile (section_id, attributes)
      select ${sectionId}::int, jsonb_strip_nulls(person) from jsonb_array_elements(${JSON.stringify(made)}::jsonb) person
      returning id, attributes`,
  );
  await recountProfiles(sectionId);
  // On everyone, and hidden: it is not a tag any more.
  const hidden = await createTestTag(sectionId, 'Hidden');
  await transaction((tx) =>
    changeTags(
      tx,
      { sectionId, source: 'api', userId: null },
      wantedFor(sql`select id as profile_id from profile where section_id = ${sectionId}`, {
        apply: [hidden],
        remove: [],
      }),
    ),
  );
  await execute(pool(), sql`update tag set hidden_at = now() where section_id = ${sectionId} and id = ${hidden}`);
  people = inserted.map(({ id, attributes }, index) => ({
    id,
    ...attributes,
    tags: new Set(tags.filter((_tag, at) => (index + at) % (at + 2) === 0)),
  }));
  await rows(
    pool(),
    sql`
      insert into profile_key (section_id, keyspace_id, key, profile_id)
      select ${sectionId}::int, ${account.keyspaces.email}::int, attributes ->> 'email', id from profile where section_id = ${sectionId}`,
  );
  const pairs = people.flatMap((person) =>
    [...person.tags].map((tagId) => ({ profile_id: person.id, tag_id: tagId, apply: true })),
  );
  await transaction((tx) =>
    changeTags(
      tx,
      { sectionId, source: 'api', userId: null },
      wantedPairs(
        sql`select * from jsonb_to_recordset(${JSON.stringify(pairs)}::jsonb) pair (profile_id bigint, tag_id int, apply boolean)`,
        { removes: false },
      ),
    ),
  );
});

const wordsIn = (text: string): string[] =>
  text
    .toLowerCase()
    .replace('å', 'a')
    .split(/[-_./:,;&+|()"'` ]+/)
    .filter(Boolean);

/** The same question, asked of people in memory. */
function matches(person: Person, filter: ProfileFilter): boolean {
  const lower = (text: string) => text.toLowerCase();
  const search = lower(filter.search);
  const wanted = wordsIn(search);
  const named = wordsIn(`${person.firstname} ${person.lastname}`);
  const found =
    search === '' ||
    person.email.startsWith(search) ||
    (wanted.length > 0 && wanted.every((word) => named.some((name) => name.startsWith(word))));
  const values: Record<string, string> = {
    firstname: person.firstname,
    lastname: person.lastname,
    email: person.email,
  };
  const holds = ({ code, compare }: AttributeFilter) => {
    const stored = values[code] ?? '';
    if (compare.test === 'is') return lower(stored) === lower(compare.text);
    if (compare.test === 'contains') return lower(stored).includes(lower(compare.text));
    return compare.test === 'empty' ? stored === '' : stored !== '';
  };
  return (
    found &&
    filter.has.every((tag) => person.tags.has(tag)) &&
    (filter.hasAny.length === 0 || filter.hasAny.some((tag) => person.tags.has(tag))) &&
    !filter.hasNot.some((tag) => person.tags.has(tag)) &&
    (!filter.untagged || person.tags.size === 0) &&
    filter.conditions.every(holds)
  );
}

const wording = fc.oneof(
  fc.constantFrom(...WORDS, 'a_b', 'axb1', 'AXB', 'zzz', 'p', '%', '_', '\\', 'asa', 'neil'),
  fc.string({ maxLength: 4 }),
);
const anyFilter = fc.record({
  search: fc.oneof(
    fc.constant(''),
    wording,
    fc.tuple(wording, wording).map((words) => words.join(' ')),
  ),
  has: fc.subarray([0, 1, 2]),
  hasAny: fc.subarray([0, 1, 2]),
  hasNot: fc.subarray([0, 1, 2]),
  untagged: fc.boolean(),
  conditions: fc.array(
    fc.record({
      code: fc.constantFrom('firstname', 'lastname', 'email', 'unknown'),
      compare: fc.oneof(
        fc.record({
          test: fc.constantFrom('is', 'contains'),
          text: wording.filter((text) => !text.includes('\u0000') && text !== ''),
        }),
        fc.record({ test: fc.constantFrom('empty', 'not_empty') }),
      ),
    }),
    { maxLength: 2 },
  ),
});

describe('the profiles filter', () => {
  it('finds whom a plain evaluation finds, and counts them exactly', async () => {
    await fc.assert(
      fc.asyncProperty(anyFilter, async (given) => {
        fc.pre(!given.search.includes('\u0000'));
        const filter = ProfileFilterSchema.parse({
          ...given,
          has: given.has.map((at) => tags[at]),
          hasAny: given.hasAny.map((at) => tags[at]),
          hasNot: given.hasNot.map((at) => tags[at]),
        });
        const found = await rows<{ profile_id: ProfileId }>(pool(), matchingProfiles(sectionId, filter));
        const expected = people.filter((person) => matches(person, filter)).map(({ id }) => id);
        expect(found.map(({ profile_id }) => profile_id).sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
        expect(await countProfiles(pool(), sectionId, filter)).toBe(expected.length);
      }),
      { numRuns: 150 },
    );
  });

  it('is read as it was written before conditions had types', async () => {
    const former = ProfileFilterSchema.parse({
      conditions: [
        { code: 'firstname', operator: 'is', value: 'ANNA' },
        { code: 'lastname', operator: 'not_empty', value: '' },
      ],
    });
    expect(former.conditions).toEqual([
      { code: 'firstname', compare: { test: 'is', text: 'ANNA' } },
      { code: 'lastname', compare: { test: 'not_empty' } },
    ]);
    const expected = people.filter((person) => matches(person, former)).length;
    expect(expected).toBeGreaterThan(0);
    expect(await countProfiles(pool(), sectionId, former)).toBe(expected);
  });

  it('finds whom an operation created, updated and tagged, of the section only', async () => {
    const { operationId } = await one<{ operationId: OperationId }>(
      pool(),
      sql`insert into operation (section_id, kind, summary, input) values (${sectionId}, 'import', 'Import', '{}')
          returning id as "operationId"`,
    );
    const [made, changed, tagged] = people.map(({ id }) => id);
    await execute(
      pool(),
      sql`
        insert into profile_change (section_id, profile_id, created, after, source, operation_id)
        select ${sectionId}::int, id, created, '{}', ${SOURCES.import}::smallint, ${operationId}::int
        from (values (${made}::bigint, true), (${changed}::bigint, false)) given (id, created)`,
    );
    const tagId = await createTestTag(sectionId, 'Of the import');
    await transaction((tx) =>
      changeTags(
        tx,
        { sectionId, source: 'import', userId: null, operationId },
        wantedFor(sql`select ${tagged}::bigint as profile_id`, { apply: [tagId], remove: [] }),
      ),
    );
    const whom = async (effect: OperationEffect, place = sectionId) => {
      const filter = ProfileFilterSchema.parse({ changedBy: { operationId, effect } });
      const { profiles } = await listProfiles(pool(), place, filter);
      expect(await countProfiles(pool(), place, filter)).toBe(profiles.length);
      return profiles.map(({ id }) => id).sort((a, b) => a - b);
    };
    expect(await whom('created')).toEqual([made]);
    expect(await whom('updated')).toEqual([changed]);
    expect(await whom('saved')).toEqual([made, changed]);
    expect(await whom('tagged')).toEqual([tagged]);
    expect(await whom('untagged')).toEqual([]);
    const stranger = await createTestAccount();
    expect(await whom('saved', stranger.sectionId)).toEqual([]);
  });

  it('shows each profile once, forwards and back', async () => {
    const filter = ProfileFilterSchema.parse({});
    const first = await listProfiles(pool(), sectionId, filter);
    expect(first.newer).toBeNull();
    const second = await listProfiles(pool(), sectionId, filter, { before: first.older! });
    const third = await listProfiles(pool(), sectionId, filter, { before: second.older! });
    expect(third.older).toBeNull();
    const ids = [...first.profiles, ...second.profiles, ...third.profiles].map(({ id }) => id);
    expect(ids).toEqual(people.map(({ id }) => id).sort((a, b) => b - a));
    const back = await listProfiles(pool(), sectionId, filter, { after: third.newer! });
    expect(back.profiles.map(({ id }) => id)).toEqual(second.profiles.map(({ id }) => id));
    const start = await listProfiles(pool(), sectionId, filter, { after: back.newer! });
    expect(start.profiles.map(({ id }) => id)).toEqual(first.profiles.map(({ id }) => id));
    expect(start.newer).toBeNull();
  });
});
