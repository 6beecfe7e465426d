// Whom a mail is looked at as: those who get it, and apart from them those who have no value for something that it uses.
import { expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createAttribute } from '@/lib/attributes/commands';
import { EVERYONE } from '@/lib/audience/schema';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { createTestAccount, createTestTag } from '@/testing/fixtures';
import { tagProfiles } from '@/testing/segments';
import { TestSending } from '@/testing/sends';
import { readPreviewPeople } from './preview-people';

it('[88] are those who get it, and only those without a value where that is asked', async () => {
  const account = await createTestAccount();
  const sending = await TestSending.open(account, null);
  const { sectionId } = sending;
  const nickname = valueOf(await createAttribute(account.admin, { sectionId, name: 'Nickname', type: 'text' }));
  const town = valueOf(await createAttribute(account.admin, { sectionId, name: 'Town', type: 'text' }));
  const people = await sending.people(5);
  const [both, none, blank, excluded, optedOut] = people as [number, number, number, number, number] & typeof people;
  const put = (id: number, values: object) =>
    execute(
      pool(),
      sql`update profile set attributes = ${JSON.stringify(values)}::jsonb where section_id = ${sectionId} and id = ${id}`,
    );
  await put(both, { [nickname.code]: 'Bo', [town.code]: 'Oslo' });
  await put(none, {});
  await put(blank, { [nickname.code]: '  ', [town.code]: 'Oslo' });
  const tagId = await createTestTag(sectionId, 'Do not contact');
  await tagProfiles(sectionId, [people[3]!], { apply: [tagId] });
  await sending.consent([people[4]!], 'opt-out');
  expect([excluded, optedOut]).toHaveLength(2);

  const read = async (more: object) =>
    valueOf(
      await readPreviewPeople(account.marketer, {
        ...{ sectionId, channel: 'email', kind: 'marketing', topicIds: [sending.topicId] },
        audience: { ...EVERYONE, exclude: [{ kind: 'tag', id: tagId }] },
        attributeIds: [nickname.id, town.id],
        ...more,
      }),
    );
  const all = await read({});
  expect(all.total).toBe(3);
  expect(all.people.map(({ id, lacks }) => [id, lacks])).toEqual([
    [blank, ['Nickname']],
    [none, ['Nickname', 'Town']],
    [both, []],
  ]);
  const lacking = await read({ without: true });
  expect(lacking.total).toBe(2);
  expect(lacking.people.map(({ id }) => id)).toEqual([blank, none]);
  expect(await read({ without: true, attributeIds: [town.id] })).toMatchObject({ total: 1, people: [{ id: none }] });
  expect(await read({ without: true, attributeIds: [] })).toEqual({ people: [], total: 0 });
});
