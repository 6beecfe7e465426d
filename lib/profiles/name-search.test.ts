// Finding people by words of their names: any order, without accents, and by the index.
import { beforeAll, describe, expect, it } from 'vitest';
import type { SectionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { createTestAccount } from '@/testing/fixtures';
import { NAME_WORDS, namedLike } from './name-search';

const PEOPLE = [
  ['Karin', 'Holm'],
  ['Åsa', 'Ivarsson'],
  ['Anna Karin', 'von Möller-Groß'],
  ['Søren', "O'Brien"],
  ['Łukasz', 'Æther'],
  ['Élodie', ''],
  ['', 'ÖBERG'],
  ['Σίσυφος', 'Ιωάννης'],
  ['Ирина', 'Фёдорова'],
  ['back\\slash', '100%'],
  ['日本', '太郎'],
] as const;

let sectionId: SectionId;

beforeAll(async () => {
  ({ sectionId } = await createTestAccount());
  const { sectionId: other } = await createTestAccount();
  const people = JSON.stringify(PEOPLE.map(([firstname, lastname]) => ({ firstname, lastname })));
  for (const id of [sectionId, other]) {
    await execute(
      pool(),
      sql`insert into profile (section_id, attributes) select ${id}::int, person from jsonb_array_elements(${people}::jsonb) person`,
    );
  }
});

/** Which of `PEOPLE` are found, by last name or, without one, by first name. */
async function found(text: string): Promise<string[]> {
  const people = await rows<{ firstname: string; lastname: string }>(
    pool(),
    sql`
      select attributes ->> 'firstname' as firstname, attributes ->> 'lastname' as lastname
      from profile
      where section_id = ${sectionId} and id in (${namedLike(sectionId, text)})
      order by id`,
  );
  return people.map(({ firstname, lastname }) => lastname || firstname);
}

describe('people', () => {
  it.each([
    ['holm karin', ['Holm']],
    ['karin', ['Holm', 'von Möller-Groß']],
    ['KAR hol', ['Holm']],
    ['asa iv', ['Ivarsson']],
    ['Åsa', ['Ivarsson']],
    ['moller', ['von Möller-Groß']],
    ['gross anna', ['von Möller-Groß']],
    ['möller-groß, Karin', ['von Möller-Groß']],
    ['oberg', ['ÖBERG']],
    ['soren o’brien', ["O'Brien"]],
    ['lukasz aether', ['Æther']],
    ['elodie', ['Élodie']],
    ['σισυφος', ['Ιωάννης']],
    ['федо ирина', ['Фёдорова']],
    ['太 日本', ['太郎']],
    ['back\\sl 100%', ['100%']],
    ['olm', []],
    ['karin berg', []],
  ])('are found by “%s”', async (text, names) => {
    expect(await found(text)).toEqual(names);
  });

  it('are not searched by a text without words', () => {
    expect(namedLike(sectionId, ' - ')).toBeNull();
  });

  it('are found by an index on the same expression', async () => {
    const plan = await transaction(async (tx) => {
      await execute(tx, sql`set local enable_seqscan = off`);
      return rows<{ 'QUERY PLAN': string }>(
        tx,
        sql`explain select from profile named where ${NAME_WORDS} @@ '1:a'::tsquery`,
      );
    });
    expect(JSON.stringify(plan)).toContain('profile_name_words');
  });

  it('with names as long as a value can be are stored', async () => {
    const long = JSON.stringify({ firstname: 'ﷺ'.repeat(5_000), lastname: '𝔄'.repeat(5_000) });
    await execute(pool(), sql`insert into profile (section_id, attributes) values (${sectionId}, ${long})`);
    expect(await found('ﷺﷺ')).toHaveLength(1);
  });
});
