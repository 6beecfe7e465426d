// What a mail says about people: read for many at once, written as people write in the language of the mail.
import { beforeEach, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createAttribute } from '@/lib/attributes/commands';
import { setAttributeHidden } from '@/lib/used-in/attributes';
import type { AttributeType } from '@/lib/attributes/schema';
import type { AttributeId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { mergeTags } from '@/lib/operations/merge-tag';
import { createTestAccount, createTestProfiles, createTestTag, runToEnd, type TestAccount } from '@/testing/fixtures';
import { tagProfiles } from '@/testing/segments';
import { valuesFor } from './render-for';

let account: TestAccount;
let sectionId: SectionId;
let first: ProfileId;
let second: ProfileId;

beforeEach(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  [first, second] = (await createTestProfiles(sectionId, 2)) as [ProfileId, ProfileId];
});

const attribute = async (name: string, type: AttributeType) =>
  valueOf(await createAttribute(account.admin, { sectionId, name, type, choices: ['Gold'] }));
const setValues = (profileId: ProfileId, values: object) =>
  execute(
    pool(),
    sql`
      update profile set attributes = ${JSON.stringify(values)}::jsonb
      where section_id = ${sectionId} and id = ${profileId}`,
  );
const read = (attributeIds: AttributeId[], tagIds: TagId[] = [], language = 'sv', ids = [first, second]) =>
  valuesFor(pool(), sectionId, ids, { attributeIds, tagIds, language });

it('writes text, numbers, dates and yes or no as people do, and nothing where there is no value', async () => {
  const [name, sum, day, agreed] = await Promise.all([
    attribute('Nickname', 'text'),
    attribute('Spent', 'number'),
    attribute('Joined', 'date'),
    attribute('Agreed', 'boolean'),
  ]);
  const ids = [name.id, sum.id, day.id, agreed.id];
  await setValues(first, { [name.code]: 'Åsa', [sum.code]: 12345.5, [day.code]: '2026-05-03', [agreed.code]: true });
  await setValues(second, { [name.code]: { first: 'John' }, [sum.code]: 2026, [agreed.code]: false });

  const swedish = await read(ids);
  expect(Object.fromEntries(swedish.get(first)!.values)).toEqual({
    [name.id]: 'Åsa',
    [sum.id]: '12\u00a0345,5',
    [day.id]: '3 maj 2026',
    [agreed.id]: 'Ja',
  });
  expect(Object.fromEntries(swedish.get(second)!.values)).toEqual({
    [name.id]: '',
    [sum.id]: '2026',
    [agreed.id]: 'Nej',
  });
  const english = (await read(ids, [], 'en')).get(first)!.values;
  expect([english.get(sum.id), english.get(day.id), english.get(agreed.id)]).toEqual(['12,345.5', '3 May 2026', 'Yes']);
});

it('reads no attributes but those of the message, and no hidden ones', async () => {
  const [shown, hidden, other] = await Promise.all([
    attribute('Shown', 'text'),
    attribute('Hidden', 'text'),
    attribute('Other', 'text'),
  ]);
  await setValues(first, { [shown.code]: 'a', [hidden.code]: 'b', [other.code]: 'c' });
  valueOf(await setAttributeHidden(account.admin, { sectionId, attributeId: hidden.id, hidden: true }));
  expect(Object.fromEntries((await read([shown.id, hidden.id])).get(first)!.values)).toEqual({ [shown.id]: 'a' });
});

it('knows the tags of the message, also by a tag that one of them was merged into', async () => {
  const [vip, partner, other] = await Promise.all(
    ['VIP', 'Partner', 'Other'].map((name) => createTestTag(sectionId, name)),
  );
  await tagProfiles(sectionId, [first], { apply: [vip!, other!] });
  await tagProfiles(sectionId, [second], { apply: [partner!, other!] });
  const before = await read([], [vip!, partner!]);
  expect([before.get(first)!.tags, before.get(second)!.tags]).toEqual([new Set([vip]), new Set([partner])]);

  const { operationId } = valueOf(await mergeTags(account.admin, { sectionId, fromId: vip, intoId: partner }));
  await runToEnd(sectionId, operationId);
  const after = await read([], [vip!, partner!]);
  expect(after.get(first)!.tags).toEqual(new Set([vip, partner]));
  expect(after.get(second)!.tags).toEqual(new Set([vip, partner]));
});

it('leaves out who is gone, and people of other sections', async () => {
  const elsewhere = await createTestAccount();
  const [stranger] = await createTestProfiles(elsewhere.sectionId, 1);
  const found = await read([], [], 'en', [first, stranger!, 999_999_999 as ProfileId]);
  expect([...found.keys()]).toEqual([first]);
});

it('nothing that stands in a name becomes a link in a mail, and other texts stay as they are', async () => {
  const code = await attribute('Code', 'text');
  const { id } = await one<{ id: AttributeId }>(
    pool(),
    sql`select id from attribute where section_id = ${sectionId} and code = 'firstname'`,
  );
  await setValues(first, { firstname: 'Win at https://evil.example', [code.code]: 'SAVE.NOW' });
  await setValues(second, { firstname: 'J. R. St.Clair', [code.code]: 'a@b' });
  const what = { attributeIds: [id, code.id], tagIds: [], language: 'en' };
  const mails = await valuesFor(pool(), sectionId, [first, second], { ...what, html: '' });
  const texts = (profileId: ProfileId) => [...mails.get(profileId)!.values.values()];
  expect(texts(first)).toEqual(expect.arrayContaining(['Win at https://\u200bevil.\u200bexample', 'SAVE.NOW']));
  expect(texts(second)).toEqual(expect.arrayContaining(['J. R. St.\u200bClair', 'a@b']));
  // An SMS would be dearer for it.
  const sms = await valuesFor(pool(), sectionId, [first], what);
  expect(sms.get(first)!.values.get(id)).toBe('Win at https://evil.example');
});
