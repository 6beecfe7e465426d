// Approval by a second person: who may decide, that what was approved is what is sent, and who is told.
import { beforeEach, expect, it } from 'vitest';
import type { MessageId, SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { HELLO, TestSending } from '@/testing/sends';
import { messageNotices, approveSend, readApprovals, returnSend, setApprovalRule } from './approval';
import { saveMessage } from './commands';
import { startDueSends } from './due';
import { prepareSend } from './freeze';
import { findMessage } from './queries';
import { cancelSend } from './send-commands';
import { scheduleMessage } from './schedule';

let account: TestAccount;
let sending: TestSending;

beforeEach(async () => {
  account = await createTestAccount();
  sending = await TestSending.open(account, null);
  await sending.people(3);
  valueOf(await setApprovalRule(account.admin, { sectionId: sending.sectionId, approval: 'anyone' }));
});

const of = (sendId: SendId) => ({ sectionId: sending.sectionId, sendId });
const NOW = { when: 'now' };

async function ask(messageId: MessageId, wish: object = NOW, by = account.marketer) {
  const seen = await sending.seen(messageId);
  return valueOf(await scheduleMessage(by, { sectionId: sending.sectionId, messageId, wish, seen }));
}

const statusOf = async (sendId: SendId) => (await sending.status(sendId)).status;

it('a message waits until somebody else has approved it, and then goes out as it was asked about', async () => {
  const messageId = await sending.message();
  const { sendId, asked } = await ask(messageId);
  expect(asked).toBe(true);
  await startDueSends();
  await prepareSend(of(sendId));
  expect(await statusOf(sendId)).toBe('asked');
  // It cannot be changed, or asked about twice, while it waits.
  const message = (await findMessage(pool(), sending.sectionId, messageId))!;
  const { name, kind, topicIds, senderId, content, audience, settings, changedAt } = message;
  const draft = { name, kind, topicIds, senderId, content, audience, settings, seen: changedAt.toISOString() };
  const input = { sectionId: sending.sectionId, messageId, ...draft };
  expect(await saveMessage(account.admin, input)).toMatchObject({ refusal: { code: 'conflict' } });
  const again = { sectionId: sending.sectionId, messageId, wish: NOW, seen: draft.seen };
  expect(await scheduleMessage(account.admin, again)).toMatchObject({ refusal: { code: 'conflict' } });

  expect(await approveSend(account.marketer, of(sendId))).toMatchObject({
    refusal: { code: 'not_allowed', message: expect.stringMatching(/^Nobody approves their own/) as string },
  });
  expect(await approveSend(account.system, of(sendId))).toMatchObject({ refusal: { code: 'not_allowed' } });
  const stranger = await createTestAccount();
  expect(await approveSend(stranger.admin, of(sendId))).toMatchObject({ refusal: { code: 'not_found' } });
  valueOf(await approveSend(account.owner, of(sendId)));
  expect(await approveSend(account.admin, of(sendId))).toMatchObject({ refusal: { code: 'conflict' } });
  await prepareSend(of(sendId));
  expect(await sending.states(sendId)).toEqual({ waiting: 3 });
});

it('one that is sent back is a draft with a note, and is asked about again once it was changed', async () => {
  const messageId = await sending.message();
  const first = await ask(messageId);
  expect(await returnSend(account.owner, { ...of(first.sendId), note: ' ' })).toMatchObject({
    refusal: { field: 'note' },
  });
  valueOf(await returnSend(account.owner, { ...of(first.sendId), note: 'The price is wrong.' }));
  const message = (await findMessage(pool(), sending.sectionId, messageId))!;
  expect(message).toMatchObject({ isDraft: true, send: { status: 'returned' } });
  const { name, kind, topicIds, senderId, audience, settings, changedAt } = message;
  const content = {
    channel: 'email',
    document: { ...HELLO, subject: [{ type: 'text', text: 'With another price' }] },
  };
  const draft = { name, kind, topicIds, senderId, content, audience, settings, seen: changedAt.toISOString() };
  valueOf(await saveMessage(account.marketer, { sectionId: sending.sectionId, messageId, ...draft }));
  const second = await ask(messageId);
  valueOf(await cancelSend(account.marketer, of(second.sendId)));
  const third = await ask(messageId);
  valueOf(await approveSend(account.admin, of(third.sendId)));
  // What was sent back is not approved later.
  expect(await approveSend(account.admin, of(first.sendId))).toMatchObject({ refusal: { code: 'conflict' } });
  const { rule, entries } = valueOf(
    await readApprovals(account.marketer, { sectionId: sending.sectionId, messageId: String(messageId) }),
  );
  expect(rule).toBe('anyone');
  expect(entries).toMatchObject([
    { state: 'approved', askedBy: 'Test user', decidedBy: 'Test admin', note: '' },
    { state: 'withdrawn', decidedBy: null },
    { state: 'returned', decidedBy: 'Test owner', note: 'The price is wrong.' },
  ]);
  const { subject } = await one<{ subject: string }>(
    pool(),
    sql`
      select compiled ->> 'subject' as subject from message_version version
      join send on send.section_id = ${sending.sectionId} and send.message_id = version.message_id and send.version = version.version
      where version.section_id = ${sending.sectionId} and send.id = ${third.sendId}`,
  );
  expect(subject).toBe('With another price');
});

it('where Admins approve, a marketer does not; the rule is theirs to change', async () => {
  const rule = (by: TestAccount['admin']) => setApprovalRule(by, { sectionId: sending.sectionId, approval: 'admins' });
  expect(await rule(account.marketer)).toMatchObject({ refusal: { code: 'not_allowed' } });
  valueOf(await rule(account.admin));
  const { sendId } = await ask(await sending.message(), NOW, account.admin);
  expect(await approveSend(account.marketer, of(sendId))).toMatchObject({ refusal: { code: 'not_allowed' } });
  expect(await approveSend(account.admin, of(sendId))).toMatchObject({ refusal: { code: 'not_allowed' } });
  valueOf(await approveSend(account.owner, of(sendId)));
  expect(await statusOf(sendId)).toBe('scheduled');
});

it('a time that has passed while it waited is asked about', async () => {
  const wish = { when: 'at', local: '2027-07-01T09:00', zone: 'Europe/Stockholm' };
  const { sendId } = await ask(await sending.message(), wish);
  await execute(
    pool(),
    sql`
      update send set starts_at = ${new Date(Date.now() - 3_600_000)}
      where section_id = ${sending.sectionId} and id = ${sendId}`,
  );
  expect(await approveSend(account.admin, of(sendId))).toMatchObject({
    refusal: { message: expect.stringMatching(/^Its time has passed/) as string },
  });
  valueOf(await approveSend(account.admin, { ...of(sendId), now: true }));
  await prepareSend(of(sendId));
  expect(await sending.states(sendId)).toEqual({ waiting: 3 });
});

it('those who may decide are told, and then who has asked', async () => {
  const told = async (who: TestAccount['admin']) =>
    (await messageNotices(pool(), who, sending.sectionId)).map(({ kind, by }) => `${kind} ${by}`);
  const { sendId } = await ask(await sending.message());
  expect(await told(account.admin)).toEqual(['asked Test user']);
  expect(await told(account.marketer)).toEqual([]);
  valueOf(await approveSend(account.admin, of(sendId)));
  expect(await told(account.admin)).toEqual([]);
  expect(await told(account.marketer)).toEqual(['approved Test admin']);
  valueOf(await setApprovalRule(account.admin, { sectionId: sending.sectionId, approval: 'admins' }));
  await ask(await sending.message(), NOW, account.admin);
  expect(await told(account.owner)).toEqual(['asked Test admin']);
  expect(await told(account.marketer)).toEqual(['approved Test admin']);
});
