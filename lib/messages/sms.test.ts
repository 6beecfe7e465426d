// SMS messages from the draft to the provider and back: everybody once, by number, with what they agreed to by SMS, whatever the provider says.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readAudience } from '@/lib/audience/reads';
import { EVERYONE } from '@/lib/audience/schema';
import { setConsent } from '@/lib/consents/commands';
import { createTopic } from '@/lib/consents/topics';
import type { AttributeId, MessageId, ProfileId, SenderId, SendId, TagId, TopicId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createProfile } from '@/lib/profiles/commands';
import { addMailbox } from '@/lib/sending/commands';
import { readMailbox } from '@/lib/sending/reads';
import { addSmsSender } from '@/lib/sending/save-sms';
import { addSuppressions } from '@/lib/suppression/commands';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import type { SmsSimulator } from '@/testing/sms/simulator';
import { startTwilio, TWILIO_STOPPED, TWILIO_USER, twilioReport } from '@/testing/sms/twilio';
import { createMessage, duplicateMessage, saveMessage } from './commands';
import { sendMails } from './deliver';
import { prepareSend } from './freeze';
import { leave } from './leave';
import { takeLease } from './leases';
import { readMessage, readMessages } from './reads';
import { scheduleMessage } from './schedule';
import { findSend } from './sends';
import { readSmsCost } from './sms-cost';
import { readSmsReport } from './sms-report';
import { receiveSmsCall } from './sms-reports';
import type { SmsText } from './sms-pieces';
import { readSms } from './sms-written';
import { saveTestGroup } from './test-groups';
import { sendSmsTest } from './test-sms';

let account: TestAccount;
let topicId: TopicId;
let twilio: SmsSimulator;
let senderId: SenderId;
let named: SenderId;
let firstName: AttributeId;
const LINK = /https:\/\/tagwell\.example\/u\/([\w-]+)/;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example';
  twilio = await startTwilio();
});
afterAll(async () => {
  await twilio.close();
  delete process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES;
  delete process.env.TAGWELL_URL;
});

beforeEach(async () => {
  twilio.reset();
  account = await createTestAccount();
  const { sectionId, admin } = account;
  topicId = valueOf(await createTopic(admin, { sectionId, name: 'Offers' })).id;
  senderId = await addSender('Number', '+46709999999');
  named = await addSender('Name', 'Fjallkok');
  const { id } = await one<{ id: AttributeId }>(
    pool(),
    sql`select id from attribute where section_id = ${sectionId} and code = 'firstname'`,
  );
  firstName = id;
});

async function addSender(name: string, from: string): Promise<SenderId> {
  const form = {
    sectionId: account.sectionId,
    ...{ name, from, hours: null, connections: '3', perSecond: '', perHour: '', perDay: '' },
    account: { kind: 'sms-twilio', settings: { accountSid: TWILIO_USER.accountSid } },
    secret: TWILIO_USER.authToken,
  };
  return valueOf(await addSmsSender(account.admin, form, { origin: twilio.origin })).id;
}

let count = 0;
/** Somebody with a mobile number who has agreed to get SMS, unless it is said otherwise. */
async function person({
  mobile = `4670${String(2_000_000 + count++)}`,
  channel = 'sms',
  attributes = {},
}: { mobile?: string | null; channel?: string; attributes?: Record<string, string> } = {}): Promise<ProfileId> {
  const { sectionId, keyspaces } = account;
  const keys = [
    { keyspaceId: keyspaces.email, key: `p${count++}@example.com` },
    ...(mobile === null ? [] : [{ keyspaceId: keyspaces.mobile, key: mobile }]),
  ];
  const { id } = valueOf(await createProfile(account.marketer, { sectionId, keys, attributes }));
  valueOf(await setConsent(account.admin, { sectionId, profileId: id, topicId, channel, type: 'opt-in', reason: '-' }));
  return id;
}

const written = (text: string, tags: { id: TagId; name: string }[] = []): SmsText =>
  readSms(text, { attributes: [{ id: firstName, name: 'First name' }], tags }).text;

/** A draft that says this. */
async function draft(
  text: string | SmsText,
  { sender = senderId, utm = null }: { sender?: SenderId; utm?: object | null } = {},
): Promise<MessageId> {
  const { sectionId, marketer } = account;
  const made = valueOf(await createMessage(marketer, { sectionId, name: `SMS ${count++}`, channel: 'sms' }));
  const { name, kind, topicIds, audience, settings } = valueOf(
    await readMessage(marketer, { sectionId, messageId: made.id }),
  );
  const saved = await saveMessage(marketer, {
    ...{ sectionId, messageId: made.id, seen: made.changedAt, name, kind, topicIds, audience },
    senderId: sender,
    settings: { ...settings, utm },
    content: { channel: 'sms', text: typeof text === 'string' ? written(text) : text },
  });
  valueOf(saved);
  return made.id;
}

const seen = async (messageId: MessageId) =>
  valueOf(await readMessage(account.marketer, { sectionId: account.sectionId, messageId })).changedAt.toISOString();

const schedule = async (messageId: MessageId, more: object = {}) =>
  scheduleMessage(account.marketer, {
    ...{ sectionId: account.sectionId, messageId, wish: { when: 'now' }, seen: await seen(messageId) },
    ...more,
  });

async function frozen(messageId: MessageId, more: object = {}): Promise<SendId> {
  const { sendId } = valueOf(await schedule(messageId, more));
  await prepareSend({ sectionId: account.sectionId, sendId });
  return sendId;
}

const turn = (sender = senderId) =>
  Promise.all(
    [0, 1].map((slot) =>
      sendMails({ sectionId: account.sectionId, senderId: sender, slot }, { sms: { answerMs: 1_000 } }),
    ),
  );

type Row = { state: string; why: string | null; parts: number | null; delivered: boolean; answer: string | null };
const recipients = (sendId: SendId) =>
  rows<Row>(
    pool(),
    sql`
      select state, why, parts, delivered_at is not null as delivered, answer from recipient
      where section_id = ${account.sectionId} and send_id = ${sendId} order by number`,
  );

const call = (report: { url: string; headers: Record<string, string>; body: string }) =>
  receiveSmsCall({ ...report, path: report.url.replace('https://tagwell.example/hooks/sms/', '') });

describe('an SMS', () => {
  it('goes to those with a number and a consent by SMS, once each, and its report says what became of it', async () => {
    const { sectionId, marketer, admin } = account;
    await person({ attributes: { firstname: 'Åsa' } });
    await person({ attributes: { firstname: ` ${'x'.repeat(150)}\n{Opt-out link}` } });
    await person({ mobile: null });
    await person({ channel: 'email' });
    await person({ mobile: '46701111111' });
    const groups = [{ channel: 'sms', addresses: ['+46701111111'], reason: 'manual' }];
    valueOf(await addSuppressions(admin, { sectionId, groups }));
    const about = {
      sectionId,
      audience: EVERYONE,
      channel: 'sms' as const,
      kind: 'marketing' as const,
      topicIds: [topicId],
    };
    expect(valueOf(await readAudience(marketer, about)).counts).toMatchObject({
      ...{ matches: 5, gets: 2, noAddress: 1, noConsent: 1, suppressed: 1 },
    });

    const messageId = await draft('Hej {First name|du}! Stop? Reply STOP');
    // [169] What it takes is told before, as values differ in length.
    const text = written('Hej {First name|du}! Stop? Reply STOP');
    const cost = { sectionId, text, settings: {}, audience: EVERYONE, kind: 'marketing' as const, topicIds: [topicId] };
    expect(valueOf(await readSmsCost(marketer, cost))).toEqual({ people: 2, least: 1, most: 2, average: 1.5 });
    const sendId = await frozen(messageId);
    await turn();
    expect(twilio.taken.map(({ text }) => text).toSorted()).toEqual([
      // A value stays what it is, in one line: it can be no link and no name.
      `Hej ${'x'.repeat(150)} {Opt-out link}! Stop? Reply STOP`,
      'Hej Åsa! Stop? Reply STOP',
    ]);
    expect(await recipients(sendId)).toMatchObject([
      { state: 'sent', parts: 1, delivered: false },
      { state: 'sent', parts: 2, delivered: false },
    ]);
    const [short, long] = twilio.taken.toSorted((one, other) => one.text.length - other.text.length);
    expect(await call(twilioReport(short!, 'delivered'))).toBe(true);
    expect(await call(twilioReport(long!, 'undelivered', { code: 30003 }))).toBe(true);
    const { totals, failures } = valueOf(await readSmsReport(marketer, { sectionId, messageId }));
    expect(totals).toMatchObject({ recipients: 2, sent: 2, delivered: 1, failed: 1, underway: 0, left: 0, parts: 3 });
    expect(failures).toEqual([{ why: 'unreachable', people: 1 }]);
    const view = await findSend(pool(), sectionId, sendId);
    expect(view!.byReason.map(({ state, why }) => `${state} ${why}`)).toEqual(['sent unreachable', 'sent null']);
    expect(valueOf(await readMessages(marketer, { sectionId }))).toMatchObject([
      { channel: 'sms', send: { status: 'done', gets: 2 } },
    ]);
  });

  it('[172] becomes an opt-out of SMS for whom the provider refuses because they told it to stop', async () => {
    const { sectionId } = account;
    const stopped = await person({ mobile: TWILIO_STOPPED.slice(1) });
    await person();
    const sendId = await frozen(await draft('Hej! Reply STOP'));
    await turn();
    expect(await recipients(sendId)).toMatchObject([{ state: 'refused', why: 'optedOut' }, { state: 'sent' }]);
    expect(
      await rows(
        pool(),
        sql`
          select type, source from consent
          where section_id = ${sectionId} and profile_id = ${stopped} and channel = 'sms'`,
      ),
    ).toEqual([{ type: 'opt-out', source: 'SMS provider' }]);
    const next = await frozen(await draft('Again. Reply STOP'));
    expect(await recipients(next)).toHaveLength(1);
  });

  it('whose answer was lost is unknown and not sent again, until a report says that it left', async () => {
    await person();
    twilio.faults.push({ when: 'after', do: 'reset' });
    const sendId = await frozen(await draft('Hej! Reply STOP'));
    await turn();
    expect(await recipients(sendId)).toMatchObject([{ state: 'unknown', parts: 1 }]);
    await turn();
    expect(twilio.taken).toHaveLength(1);
    expect(await call(twilioReport(twilio.taken[0]!, 'delivered'))).toBe(true);
    expect(await recipients(sendId)).toMatchObject([{ state: 'sent', why: null, delivered: true }]);
  });

  it('that was reported before its process died was sent, and is neither unknown nor sent again', async () => {
    const { sectionId } = account;
    await person();
    await person();
    const slot = { sectionId, senderId, slot: 0 };
    const sendId = await frozen(await draft('Hej! Reply STOP'));
    await execute(
      pool(),
      sql`update send set settings = '{"again":true}' where section_id = ${sectionId} and id = ${sendId}`,
    );
    const lease = await takeLease(slot);
    // As a process leaves them that is killed after the hand-over: the report of one has come.
    await execute(
      pool(),
      sql`
        update recipient set state = 'handing', lease = ${lease},
          delivered_at = case when number = (
            select min(first.number) from recipient first where first.section_id = ${sectionId} and first.send_id = ${sendId}
          ) then ${new Date()}::timestamptz end
        where section_id = ${sectionId} and send_id = ${sendId}`,
    );
    await turn();
    expect(twilio.taken).toHaveLength(1);
    expect(await recipients(sendId)).toMatchObject([{ state: 'sent', delivered: true }, { state: 'sent' }]);
  });

  it('waits as long as the provider asks for, and stops where its account is refused', async () => {
    const { sectionId } = account;
    await person();
    const busy = {
      status: 429,
      headers: { 'retry-after': '600' },
      body: '{"code":20429,"message":"Too many requests"}',
    };
    twilio.faults.push({ answer: busy });
    const sendId = await frozen(await draft('Hej! Reply STOP'));
    await turn();
    expect(await recipients(sendId)).toMatchObject([{ state: 'waiting' }]);
    const [held] = await rows<{ until: Date }>(
      pool(),
      sql`select until from sender_lane where section_id = ${sectionId} and sender_id = ${senderId}`,
    );
    expect(held!.until.getTime() - Date.now()).toBeGreaterThan(500_000);
    await execute(pool(), sql`delete from sender_lane where section_id = ${sectionId}`);
    await execute(pool(), sql`update recipient set next_at = ${new Date()} where section_id = ${sectionId}`);
    twilio.faults.push({ answer: { status: 401, body: '{"code":20003,"message":"Authenticate"}' } });
    await turn();
    expect(
      await one(
        pool(),
        sql`select status, pause_kind as kind from send where section_id = ${sectionId} and id = ${sendId}`,
      ),
    ).toEqual({ status: 'paused', kind: 'sender' });
    expect(await recipients(sendId)).toMatchObject([{ state: 'waiting' }]);
  });

  it('through a name needs a way out: the link in it opts that person out of SMS, and of nothing else', async () => {
    const { sectionId } = account;
    const profileId = await person();
    const email = { channel: 'email', type: 'opt-in', reason: '-' };
    valueOf(await setConsent(account.admin, { sectionId, profileId, topicId, ...email }));
    const without = await draft('Hej!', { sender: named });
    expect(await schedule(without)).toMatchObject({ ok: false, refusal: { code: 'invalid', field: 'content' } });
    expect(await schedule(await draft('Hej! Stopp: sms STOP 72456', { sender: named }))).toMatchObject({ ok: true });
    const messageId = await draft('Hej! {opt-out LINK}', { sender: named });
    await frozen(messageId);
    await turn(named);
    const token = LINK.exec(twilio.taken[0]!.text)![1]!;
    expect(await leave(token, 'page')).toMatchObject({ is: 'found', value: { left: true, topics: ['Offers'] } });
    expect(
      await rows(
        pool(),
        sql`
          select channel, type from consent
          where section_id = ${sectionId} and profile_id = ${profileId} order by channel`,
      ),
    ).toEqual([
      { channel: 'email', type: 'opt-in' },
      { channel: 'sms', type: 'opt-out' },
    ]);
    expect(valueOf(await readSmsReport(account.marketer, { sectionId, messageId })).totals.left).toBe(1);
  });

  it('is not scheduled while it says nothing, is too long, or has gaps for somebody', async () => {
    await person();
    const refusal = async (text: string) => {
      const result = await schedule(await draft(text));
      return result.ok ? null : [result.refusal.field, result.refusal.message];
    };
    expect(await refusal(' ')).toEqual(['content', 'Write something: the message is empty.']);
    expect(await refusal('x'.repeat(1_600))).toEqual(['content', 'The text takes 11 parts. Shorten it to 10 at most.']);
    expect(await refusal('Hej {First name}!')).toEqual([
      'content',
      'One person has no “First name”. Say in the content what stands there instead.',
    ]);
  });

  it('is copied whole, and sent again goes to new people only', async () => {
    const { sectionId, marketer } = account;
    await person();
    const messageId = await draft('Hej {First name|du}! Reply STOP');
    await frozen(messageId);
    await turn();
    expect(await schedule(messageId)).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
    await person();
    const again = await frozen(messageId, { again: true });
    await turn();
    expect(await recipients(again)).toHaveLength(1);
    expect(new Set(twilio.taken.map(({ to }) => to)).size).toBe(2);
    const copy = valueOf(await duplicateMessage(marketer, { sectionId, messageId }));
    expect(valueOf(await readMessage(marketer, { sectionId, messageId: copy.id }))).toMatchObject({
      channel: 'sms',
      senderId,
      content: { channel: 'sms', text: written('Hej {First name|du}! Reply STOP') },
    });
    const uses = await rows<{ id: number }>(
      pool(),
      sql`
        select used_id as id from use
        where section_id = ${sectionId} and user_kind = 'message' and user_id = ${copy.id} and used_kind = 'attribute'`,
    );
    expect(uses).toEqual([{ id: firstName }]);
  });
});

describe('a test of an SMS', () => {
  it('goes to the numbers that were typed, as the chosen person gets it, with a link that acts on nobody', async () => {
    const { sectionId, marketer } = account;
    const profileId = await person({ attributes: { firstname: 'Åsa' } });
    const messageId = await draft('Hej {First name|du}! {Opt-out link}', { sender: named });
    const to = ['+46 70 123 45 67', '0046701234567', '+4790000000'];
    const sent = valueOf(await sendSmsTest(marketer, { sectionId, messageId, to, profileId }));
    expect(sent.outcomes.map((each) => [each.to, each.outcome.kind])).toEqual([
      ['+46701234567', 'sent'],
      ['+4790000000', 'sent'],
    ]);
    expect(twilio.taken[0]!.text).toMatch(/^Hej Åsa! https:/);
    expect(await leave(LINK.exec(twilio.taken[0]!.text)![1]!, 'page')).toEqual({ is: 'nobody' });
    // To a test group: those of it who may get it, each as it is written for them.
    const others = [await person({ mobile: null }), await person({ channel: 'email' })];
    const members = [profileId, ...others];
    const group = valueOf(await saveTestGroup(marketer, { sectionId, groupId: null, name: 'Team', members }));
    const groupTest = valueOf(await sendSmsTest(marketer, { sectionId, messageId, groupId: group.id }));
    expect(groupTest.outcomes).toHaveLength(1);
    expect(groupTest.leftOut.map(({ why }) => why).toSorted()).toEqual(['noAddress', 'noConsent']);
    expect(await sendSmsTest(marketer, { sectionId, messageId, to: ['12'], profileId: null })).toMatchObject({
      ok: false,
      refusal: { field: 'to.0' },
    });
    const { told } = await one<{ told: number }>(
      pool(),
      sql`
        select count(*)::int as told from audit_entry
        where section_id = ${sectionId} and summary like 'Sent a test of the message%+46701234567%'`,
    );
    expect(told).toBe(1);
  });
});

it('the built-in mailbox keeps SMS as it keeps mails, so that all of this works without an account', async () => {
  const { sectionId, admin } = account;
  const mailbox = valueOf(await addMailbox(admin, { sectionId })).id;
  await person();
  const sendId = await frozen(await draft('Hej igen! 👋 {Opt-out link}', { sender: mailbox }));
  await turn(mailbox);
  expect(await recipients(sendId)).toMatchObject([{ state: 'sent', parts: 2 }]);
  const page = { sectionId, senderId: mailbox, search: '', limit: 10 };
  const { mails } = valueOf(await readMailbox(admin, page));
  expect(mails.map(({ channel, to }) => [channel, to.slice(0, 5)])).toEqual([['sms', '+4670']]);
  const { open } = valueOf(await readMailbox(admin, { ...page, mailId: mails[0]!.id }));
  expect(open!.text).toMatch(/^Hej igen! 👋 https:\/\/tagwell\.example\/u\/[\w-]{32}$/);
});
