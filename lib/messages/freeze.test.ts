// The rows of a send: one for each person, and those of its own audience alone.
import { beforeEach, expect, it } from 'vitest';
import { EVERYONE } from '@/lib/audience/schema';
import type { ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, sql, type Sql } from '@/lib/db/sql';
import { createTestAccount, createTestTag } from '@/testing/fixtures';
import { tagProfiles } from '@/testing/segments';
import { TestSending } from '@/testing/sends';
import { sendMails } from './deliver';

let sending: TestSending;

beforeEach(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  sending = await TestSending.open(await createTestAccount(), null);
});

it('the database refuses a second row of a person in a send, and a second one with an address', async () => {
  const [first, second] = (await sending.people(2)) as [ProfileId, ProfileId];
  const sendId = await sending.frozen();
  const copy = (profileId: Sql, key: Sql) =>
    execute(
      pool(),
      sql`
        insert into recipient (section_id, send_id, profile_id, state, address, address_key, lane, next_at)
        select section_id, send_id, ${profileId}, state, address, ${key}, lane, next_at from recipient
        where section_id = ${sending.sectionId} and send_id = ${sendId} and profile_id = ${first}`,
    );
  await expect(copy(sql`profile_id`, sql`'other@example.com'`)).rejects.toThrow(/recipient_pkey/);
  await expect(copy(sql`${second + 1_000_000}::bigint`, sql`address_key`)).rejects.toThrow(/address_key/);
  expect(await sending.states(sendId)).toEqual({ waiting: 2 });
});

it('whom a send leaves out gets another one that is under way', async () => {
  const [out] = (await sending.people(3)) as [ProfileId];
  const tagId = await createTestTag(sending.sectionId, 'Do not contact');
  await tagProfiles(sending.sectionId, [out], { apply: [tagId] });
  const other = await sending.frozen();
  const without = await sending.frozen({ audience: { ...EVERYONE, exclude: [{ kind: 'tag', id: tagId }] } });
  expect([await sending.states(other), await sending.states(without)]).toEqual([{ waiting: 3 }, { waiting: 2 }]);
  await sendMails({ sectionId: sending.sectionId, senderId: sending.senderId, slot: 0 });
  expect([await sending.states(other), await sending.states(without)]).toEqual([{ sent: 3 }, { sent: 2 }]);
});
