// A message that goes at a time by the clock of each person.
import { beforeAll, expect, it } from 'vitest';
import { createAttribute } from '@/lib/attributes/commands';
import type { AttributeId, ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { setAttributeHidden } from '@/lib/used-in/attributes';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { TestSending } from '@/testing/sends';
import { prepareSend } from './freeze';
import { scheduleMessage } from './schedule';

let account: TestAccount;
let sending: TestSending;
let zones: { id: AttributeId; code: string };
let people: ProfileId[];

const PLACES = [
  'Asia/Kolkata',
  ' America/New_York',
  'Pacific/Kiritimati',
  'Europe/Stockholm',
  'Middle-earth/Shire',
  '',
];

beforeAll(async () => {
  account = await createTestAccount();
  sending = await TestSending.open(account, null);
  const { id } = valueOf(
    await createAttribute(account.admin, { sectionId: sending.sectionId, name: 'Time zone', type: 'text' }),
  );
  const [attribute] = await rows<{ code: string }>(
    pool(),
    sql`select code from attribute where section_id = ${sending.sectionId} and id = ${id}`,
  );
  zones = { id, code: attribute!.code };
  people = await sending.people(PLACES.length);
  await execute(
    pool(),
    sql`
      update profile set attributes = attributes || jsonb_build_object(${zones.code}::text, given.zone)
      from unnest(${people}::bigint[], ${PLACES}::text[]) given (id, zone)
      where profile.section_id = ${sending.sectionId} and profile.id = given.id and given.zone <> ''`,
  );
});

const schedule = async (more: object = {}, message: Parameters<TestSending['message']>[0] = {}) => {
  const messageId = await sending.message(message);
  return scheduleMessage(account.admin, {
    ...{ sectionId: sending.sectionId, messageId, seen: await sending.seen(messageId) },
    wish: { when: 'at', local: '2027-07-01T09:00', zone: 'Europe/Stockholm', byPerson: zones.id, ...more },
  });
};

it('starts where the day begins first, and is due for each by their clock; the others by that of the message', async () => {
  const { sendId, startsAt } = valueOf(await schedule());
  expect(startsAt.toISOString()).toBe('2027-06-30T19:00:00.000Z');
  await prepareSend({ sectionId: sending.sectionId, sendId }, startsAt);
  const due = await rows<{ id: ProfileId; at: Date }>(
    pool(),
    sql`
      select profile_id as id, next_at as at from recipient
      where section_id = ${sending.sectionId} and send_id = ${sendId} order by profile_id`,
  );
  const stockholm = '2027-07-01T07:00:00.000Z';
  expect(due.map(({ at }) => at.toISOString())).toEqual([
    '2027-07-01T03:30:00.000Z',
    '2027-07-01T13:00:00.000Z',
    '2027-06-30T19:00:00.000Z',
    ...[stockholm, stockholm, stockholm],
  ]);
});

it('whose clock has passed the time gets it at once', async () => {
  const { sendId } = valueOf(await schedule({ local: '2027-08-01T09:00' }));
  const late = new Date('2027-08-01T04:00:00Z');
  await execute(
    pool(),
    sql`update send set starts_at = ${late} where section_id = ${sending.sectionId} and id = ${sendId}`,
  );
  await prepareSend({ sectionId: sending.sectionId, sendId }, late);
  const due = await rows<{ at: Date }>(
    pool(),
    sql`
      select next_at as at from recipient
      where section_id = ${sending.sectionId} and send_id = ${sendId} order by profile_id limit 3`,
  );
  expect(due.map(({ at }) => at.toISOString())).toEqual([
    late.toISOString(),
    '2027-08-01T13:00:00.000Z',
    late.toISOString(),
  ]);
});

it('is refused with an A/B test, a time that has passed where the others are, and an attribute that is hidden or no text', async () => {
  expect(await schedule({ local: '2020-01-01T09:00' })).toMatchObject({ refusal: { field: 'wish.local' } });
  const test = {
    what: 'subject',
    others: [{ subject: [{ type: 'text', text: 'B' }], preheader: [], blocks: [] }],
    ...{ share: 40, hours: 2, decides: 'clicks', close: 'ask' },
  };
  expect(await schedule({}, { ab: test })).toMatchObject({
    refusal: { message: expect.stringMatching(/A\/B/) as string },
  });
  const number = valueOf(
    await createAttribute(account.admin, { sectionId: sending.sectionId, name: 'Offset', type: 'number' }),
  );
  expect(await schedule({ byPerson: number.id })).toMatchObject({
    refusal: { field: 'wish.byPerson', message: expect.stringContaining('Nobody has a time zone') as string },
  });
  const waiting = valueOf(await schedule({ local: '2027-09-01T09:00' }));
  const hide = (hidden: boolean) =>
    setAttributeHidden(account.admin, { sectionId: sending.sectionId, attributeId: zones.id, hidden });
  valueOf(await hide(true));
  expect(await schedule()).toMatchObject({ refusal: { code: 'hidden', field: 'wish.byPerson' } });
  await prepareSend({ sectionId: sending.sectionId, sendId: waiting.sendId }, waiting.startsAt);
  expect(await sending.status(waiting.sendId)).toMatchObject({
    status: 'paused',
    reason: expect.stringContaining('is hidden') as string,
  });
  valueOf(await hide(false));
});
