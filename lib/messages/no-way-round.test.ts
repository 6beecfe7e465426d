// Ways that were found round consent, limits and ends, and are closed.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { EVERYONE } from '@/lib/audience/schema';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { openSender } from '@/lib/sending/queries';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { HELLO, TestSending } from '@/testing/sends';
import { claim } from './claim';
import { saveMessage } from './commands';
import { sendMails } from './deliver';
import { takeLease } from './leases';
import { openToSend, usedBy } from './lost';
import { openSend } from './progress';
import { settled } from './settle';
import { saveTestGroup } from './test-groups';
import { sendTest } from './test-mail';

let account: TestAccount;
let sending: TestSending;

beforeAll(() => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
});
beforeEach(async () => {
  account = await createTestAccount();
  sending = await TestSending.open(account, null);
});

it('a marketer cannot send a service message to a test group: nobody there is asked for consent', async () => {
  const { sectionId } = sending;
  const people = await sending.people(3);
  await sending.consent(people, 'opt-out');
  const messageId = await sending.message({ kind: 'service' });
  const { id: groupId } = valueOf(
    await saveTestGroup(account.marketer, { sectionId, groupId: null, name: 'Strangers', members: people }),
  );
  expect(await sendTest(account.marketer, { sectionId, messageId, groupId })).toMatchObject({
    ok: false,
    refusal: { code: 'not_allowed' },
  });
});

it('a message cannot leave out those who get it itself', async () => {
  const { sectionId, senderId } = sending;
  const messageId = await sending.message();
  const { name, at, topicIds } = await one<{ name: string; at: Date; topicIds: number[] }>(
    pool(),
    sql`
      select name, changed_at as at, topic_ids as "topicIds" from message
      where section_id = ${sectionId} and id = ${messageId}`,
  );
  const draft = { name, kind: 'marketing', topicIds, senderId, settings: {} };
  const content = { channel: 'email', document: HELLO, ab: null };
  const audience = { ...EVERYONE, exclude: [{ kind: 'message', id: messageId }] };
  const saved = await saveMessage(account.marketer, {
    ...{ sectionId, messageId, seen: at.toISOString() },
    ...{ ...draft, content, audience },
  });
  expect(saved).toMatchObject({ ok: false, refusal: { code: 'invalid', field: 'audience' } });
});

it('a server that asks for less without end ends the recipient after three days', () => {
  const now = new Date();
  const claimed = (days: number) => ({
    ...{ sendId: 1, number: 1, profileId: 1, address: 'a@b.se', lane: 16, attempts: 0 },
    triedAt: new Date(now.getTime() - days * 86_400_000),
  });
  const outcome = { kind: 'deferred', why: 'pace', code: 451, status: '4.7.0', text: 'Later' } as const;
  const after = (days: number) => settled(claimed(days) as never, outcome, { again: false, now });
  expect(after(2)).toMatchObject({ state: 'waiting', tries: 0 });
  expect(after(4)).toMatchObject({ state: 'refused', why: 'expired' });
});

it('who is skipped uses up nothing of the limits of the sender', async () => {
  const { sectionId, senderId } = sending;
  const people = await sending.people(5);
  const sendId = await sending.frozen();
  await sending.consent(people, 'opt-out');
  const slot = { sectionId, senderId, slot: 0 };
  const lease = await takeLease(slot);
  const send = (await openSend(pool(), sectionId, sendId))!;
  const opened = await openToSend(pool(), sectionId, usedBy(send));
  const sender = (await openSender(pool(), sectionId, senderId))!;
  if (!('open' in opened)) throw new Error(opened.attention);
  const how = { open: opened.open, most: 10, slow: [], now: new Date() };
  expect(await claim({ slot, lease, sender }, send, how)).toMatchObject({ claimed: [], looked: 5 });
  expect(
    await rows(pool(), sql`select from sender_use where section_id = ${sectionId} and sender_id = ${senderId}`),
  ).toEqual([]);
});

it('a turn ends in time, also where everybody is skipped', async () => {
  const { sectionId, senderId } = sending;
  const people = await sending.people(600);
  const sendId = await sending.frozen();
  await sending.consent(people, 'opt-out');
  // It has no time at all, so it looks at some people at most.
  await sendMails({ sectionId, senderId, slot: 0 }, { turnMs: 0 });
  expect(await sending.states(sendId)).toMatchObject({ waiting: 600 });
  await sendMails({ sectionId, senderId, slot: 0 });
  expect(await sending.states(sendId)).toEqual({ 'skipped noConsent': 600 });
});
