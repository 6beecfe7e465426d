// The rows of a send: one for each person, and those of its own audience alone.
import { beforeEach, expect, it } from 'vitest';
import { readLeftOut } from '@/lib/audience/reads';
import { EVERYONE } from '@/lib/audience/schema';
import type { ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, sql, type Sql } from '@/lib/db/sql';
import { createTestAccount, createTestTag } from '@/testing/fixtures';
import { tagProfiles, valueOf } from '@/testing/segments';
import { TestSending } from '@/testing/sends';
import { readMailbox } from '@/lib/sending/reads';
import { sendMails } from './deliver';
import { prepareSend } from './freeze';
import { readSend } from './sends';
import { sendTest } from './test-mail';

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

it('it keeps why others who were chosen are not among its people, also how many were left out', async () => {
  const [out] = (await sending.people(3)) as [ProfileId];
  const tagId = await createTestTag(sending.sectionId, 'Do not contact');
  await tagProfiles(sending.sectionId, [out], { apply: [tagId] });
  const audience = { ...EVERYONE, exclude: [{ kind: 'tag' as const, id: tagId }] };
  const { sectionId, account } = sending;
  expect(valueOf(await readLeftOut(account.marketer, { sectionId, audience }))).toEqual({ people: 1 });
  expect(valueOf(await readLeftOut(account.marketer, { sectionId, audience: EVERYONE }))).toEqual({ people: 0 });
  const sendId = await sending.frozen({ audience });
  const { counts } = valueOf(await readSend(account.marketer, { sectionId, sendId }));
  expect(counts).toMatchObject({ matches: 2, gets: 2, leftOut: 1 });
});

it('the built-in mailbox knows of which message a mail is, and goes from one to the next', async () => {
  await sending.people(3);
  const { sectionId, senderId, account } = sending;
  const messageId = await sending.message();
  const sendId = await sending.schedule(messageId);
  await prepareSend({ sectionId, sendId });
  await sendMails({ sectionId, senderId, slot: 0 });
  valueOf(await sendTest(account.marketer, { sectionId, messageId, to: [account.marketer.email] }));
  const read = async (more: object) =>
    valueOf(await readMailbox(account.marketer, { sectionId, senderId, search: '', limit: 50, ...more }));
  const all = await read({});
  expect(all.mails.map(({ isTest }) => isTest)).toEqual([true, false, false, false]);
  const { mails } = await read({ messageId });
  expect(mails).toHaveLength(3);
  const [newest, middle, oldest] = mails.map(({ id }) => id);
  expect(await read({ messageId, mailId: middle })).toMatchObject({
    open: { message: { id: messageId } },
    beside: { newer: newest, older: oldest },
  });
  expect(await read({ messageId, mailId: newest })).toMatchObject({ beside: { newer: null, older: middle } });
});
