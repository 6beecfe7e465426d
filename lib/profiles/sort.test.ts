// The list in each order, against sorting everybody in memory: page after page, and back again.
import { beforeAll, describe, expect, it } from 'vitest';
import type { AttributeValues } from '@/lib/attributes/schema';
import { settleIndex } from '@/lib/attributes/value-index';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { createTestAccount } from '@/testing/fixtures';
import { makeAttribute } from '@/testing/segments';
import { listInOrder } from './queries';
import { ProfileFilterSchema } from './schema';
import { sortableAttributes } from './sort';
import type { Place } from './sort-schema';

const NAMES = ['Åsa', 'anna', 'Anna', 'Per', 'per', "O'Neil", 'å~b', ''];
const PROFILES = 61;

type Person = { id: ProfileId; attributes: AttributeValues; updatedAt: Date };
let sectionId: SectionId;
let people: Person[];
const codes: Record<string, string> = {};

beforeAll(async () => {
  const account = await createTestAccount();
  sectionId = account.sectionId;
  for (const type of ['number', 'date', 'text'] as const) {
    const { id, code } = await makeAttribute(account.admin, sectionId, type);
    codes[type] = code;
    if (type === 'text') continue;
    await execute(
      pool(),
      sql`insert into attribute_index (section_id, attribute_id, status) values (${sectionId}, ${id}, 'building')`,
    );
    await settleIndex(sectionId, id);
  }
  const made = Array.from({ length: PROFILES }, (_, index) => ({
    at: new Date(Date.UTC(2026, 0, 1) + ((index * 29) % 17) * 1000),
    attributes: {
      ...(index % 5 > 0 && { firstname: NAMES[index % NAMES.length] }),
      ...(index % 3 > 0 && { [codes.number!]: ((index * 7) % 11) - 4.5 }),
      ...(index % 4 > 0 && { [codes.date!]: `2026-0${1 + (index % 9)}-1${index % 10}` }),
    },
  }));
  people = await rows<Person>(
    pool(),
    sql`
      insert into profile (section_id, attributes, updated_at)
      select ${sectionId}::int, made -> 'attributes', (made ->> 'at')::timestamptz
      from jsonb_array_elements(${JSON.stringify(made)}::jsonb) made
      returning id, attributes, updated_at as "updatedAt"`,
  );
});

type Value = string | number | null;
const bytes = (text: string) => Buffer.from(text.toLowerCase()).toString('hex');

/** By value, then by id, in the same direction; those without a value last. */
function expected(value: (person: Person) => Value, descending: boolean): ProfileId[] {
  const compare = (left: Person, right: Person) => {
    const [one, other] = [value(left), value(right)];
    if (one === null || other === null) {
      if (one !== other) return one === null ? 1 : -1;
    } else if (one !== other) return one < other === descending ? 1 : -1;
    return left.id < right.id === descending ? 1 : -1;
  };
  return [...people].sort(compare).map(({ id }) => id);
}

const ORDERS: [string, () => string, (person: Person) => Value][] = [
  ['when it was added', () => 'added', () => 0],
  ['the last change', () => 'changed', ({ updatedAt }) => updatedAt.getTime()],
  [
    'first name',
    () => 'attribute:firstname',
    ({ attributes }) => (attributes.firstname === undefined ? null : bytes(String(attributes.firstname))),
  ],
  ['a number', () => `attribute:${codes.number}`, ({ attributes }) => (attributes[codes.number!] as Value) ?? null],
  ['a date', () => `attribute:${codes.date}`, ({ attributes }) => (attributes[codes.date!] as Value) ?? null],
];

describe('the profiles list', () => {
  const everyone = ProfileFilterSchema.parse({});

  it.each(ORDERS.flatMap(([name, by, value]) => [false, true].map((descending) => ({ name, by, value, descending }))))(
    'is sorted by $name, descending: $descending',
    async ({ by, value, descending }) => {
      const list = expected(value, descending);
      const read = async (edge: { before?: Place; after?: Place }) =>
        (await listInOrder(pool(), sectionId, everyone, { by: by(), descending }, edge, 13))!;
      const seen: ProfileId[] = [];
      let page = await read({});
      expect(page.newer).toBeNull();
      for (;;) {
        seen.push(...page.profiles.map(({ id }) => id));
        if (page.older === null) break;
        page = await read({ before: page.older });
      }
      expect(seen).toEqual(list);
      const back = page.profiles.map(({ id }) => id);
      while (page.newer !== null) {
        page = await read({ after: page.newer });
        back.unshift(...page.profiles.map(({ id }) => id));
      }
      expect(back).toEqual(list);
    },
  );

  it('is sorted among those that match a filter', async () => {
    const filter = ProfileFilterSchema.parse({
      conditions: [{ code: 'firstname', compare: { test: 'is', text: 'anna' } }],
    });
    const page = await listInOrder(pool(), sectionId, filter, { by: `attribute:${codes.number}`, descending: false });
    const anna = new Set(
      people.filter(({ attributes }) => String(attributes.firstname).toLowerCase() === 'anna').map(({ id }) => id),
    );
    expect(page!.profiles.map(({ id }) => id)).toEqual(
      expected(({ attributes }) => (attributes[codes.number!] as Value) ?? null, false).filter((id) => anna.has(id)),
    );
  });

  it('is not sorted by what has no index', async () => {
    const unsorted = ['nothing', `attribute:${codes.text}`, 'attribute:gone', 'attribute:'];
    for (const by of unsorted) {
      expect(await listInOrder(pool(), sectionId, everyone, { by, descending: false })).toBeUndefined();
    }
    expect((await sortableAttributes(pool(), sectionId)).sort()).toEqual(
      ['firstname', 'lastname', codes.number, codes.date].sort(),
    );
  });
});
