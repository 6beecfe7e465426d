// [174] Marketing by SMS leaves at the hours of its sender only; what is too late for them expires, and people are told. What people need leaves at any time.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { EVERYONE } from '@/lib/audience/schema';
import { setConsent } from '@/lib/consents/commands';
import { createTopic } from '@/lib/consents/topics';
import type { MessageId, SenderId, SendId, TopicId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { createProfile } from '@/lib/profiles/commands';
import { addSmsSender, changeSmsSender } from '@/lib/sending/save-sms';
import type { MessageKind } from '@/lib/suppression/may-receive';
import type { Hours } from '@/lib/text/hours';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import type { SmsSimulator } from '@/testing/sms/simulator';
import { startTwilio, TWILIO_USER } from '@/testing/sms/twilio';
import { sendMails } from './deliver';
import { prepareSend } from './freeze';
import { scheduleMessage } from './schedule';
import { findSend } from './sends';
import { hasUntil, isTooLate, leavesAt } from './sms-hours';
import { readSms } from './sms-written';
import { sendSmsTest } from './test-sms';

let account: TestAccount;
let twilio: SmsSimulator;
let senderId: SenderId;
let topicId: TopicId;

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

/** Hours that begin and end so many hours from now. */
const around = (from: number, to: number): Hours => {
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).getUTCHours();
  return { from: at(from), to: at(to), zone: 'UTC' };
};
const CLOSED = () => around(3, 6);
const OPEN = () => around(-6, 6);

const form = (hours: Hours | null) => ({
  sectionId: account.sectionId,
  ...{ name: 'Offers', from: '+46709999999', connections: '3', perSecond: '', perHour: '', perDay: '' },
  account: { kind: 'sms-twilio', settings: { accountSid: TWILIO_USER.accountSid } },
  ...{ secret: TWILIO_USER.authToken, hours },
});
const allow = async (hours: Hours | null) =>
  valueOf(await changeSmsSender(account.admin, { ...form(hours), senderId }, { origin: twilio.origin }));

beforeEach(async () => {
  twilio.reset();
  account = await createTestAccount();
  const { sectionId, admin, marketer, keyspaces } = account;
  topicId = valueOf(await createTopic(admin, { sectionId, name: 'Offers' })).id;
  senderId = valueOf(await addSmsSender(admin, form(CLOSED()), { origin: twilio.origin })).id;
  for (const nth of [0, 1, 2]) {
    const keys = [{ keyspaceId: keyspaces.mobile, key: `4670123450${nth}` }];
    const { id } = valueOf(await createProfile(marketer, { sectionId, keys, attributes: {} }));
    valueOf(
      await setConsent(admin, { sectionId, profileId: id, topicId, channel: 'sms', type: 'opt-in', reason: '-' }),
    );
  }
  twilio.reset();
});

async function message(kind: MessageKind, settings: object = {}): Promise<MessageId> {
  const { id } = await one<{ id: MessageId }>(
    pool(),
    sql`
      insert into message (
        section_id, channel, kind, name, name_key, topic_ids, sender_id, content, audience, settings, created_at, changed_at
      )
      values (
        ${account.sectionId}, 'sms', ${kind}, ${kind}, ${kind}, ${[topicId]}::int[], ${senderId},
        ${JSON.stringify({ channel: 'sms', text: readSms('Hej! Reply STOP', { attributes: [], tags: [] }).text })}, ${JSON.stringify(EVERYONE)},
        ${JSON.stringify(settings)}, ${new Date()}, ${new Date()}
      )
      returning id`,
  );
  return id;
}

async function frozen(kind: MessageKind, settings: object = {}): Promise<SendId> {
  const { sectionId } = account;
  const messageId = await message(kind, settings);
  const { at } = await one<{ at: Date }>(
    pool(),
    sql`select changed_at as at from message where section_id = ${sectionId} and id = ${messageId}`,
  );
  const scheduled = await scheduleMessage(account.admin, {
    ...{ sectionId, messageId, wish: { when: 'now' }, seen: at.toISOString() },
  });
  const { sendId } = valueOf(scheduled);
  await prepareSend({ sectionId, sendId });
  return sendId;
}

const turn = () =>
  sendMails({ sectionId: account.sectionId, senderId, slot: 0 }, { sms: { answerMs: 1_000 }, turnMs: 120_000 });

const view = async (sendId: SendId) => (await findSend(pool(), account.sectionId, sendId))!;

/** When the jobs of the sender run. */
const jobAt = () =>
  one<{ at: Date }>(
    pool(),
    sql`
      select run_at as at from graphile_worker.jobs where key = ${`mail:${account.sectionId}:${senderId}:0`}`,
  );

describe('outside of the hours of its sender', () => {
  it('marketing waits, and is looked at again; within them it leaves, and does not arrive after them', async () => {
    const sendId = await frozen('marketing');
    await turn();
    expect(twilio.taken).toEqual([]);
    const waits = await view(sendId);
    expect(waits).toMatchObject({ status: 'sending', byState: { waiting: 3 } });
    expect(waits.opensAt!.getTime()).toBeGreaterThan(Date.now() + 3_600_000);
    // Somebody may allow other hours.
    expect((await jobAt()).at.getTime()).toBeLessThan(Date.now() + 3_600_000);
    await allow(OPEN());
    await turn();
    expect(twilio.taken).toHaveLength(3);
    expect(await view(sendId)).toMatchObject({ status: 'done', byState: { sent: 3 }, opensAt: null });
    for (const { body } of twilio.asked.filter(({ path }) => path.endsWith('/Messages.json'))) {
      const validity = Number(new URLSearchParams(body).get('ValidityPeriod'));
      expect(validity).toBeGreaterThan(4 * 3_600);
      expect(validity).toBeLessThanOrEqual(6 * 3_600);
    }
  });

  it('what people need leaves, and so does a test', async () => {
    const sendId = await frozen('service');
    await turn();
    expect(await view(sendId)).toMatchObject({ status: 'done', byState: { sent: 3 } });
    const { sectionId, marketer } = account;
    const test = { sectionId, messageId: await message('marketing'), to: ['+46701111111'] };
    valueOf(await sendSmsTest(marketer, test));
    expect(twilio.taken).toHaveLength(4);
    expect(twilio.asked.some(({ body }) => body.includes('ValidityPeriod'))).toBe(false);
  });
});

/** A moment of tomorrow, as the process sees it from now on. */
function itIs(time: string): void {
  const tomorrow = new Date(realNow() + 86_400_000).toISOString().slice(0, 10);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(`${tomorrow}T${time}Z`) });
}
const realNow = Date.now;
afterEach(() => vi.useRealTimers());

describe('when the hours end', () => {
  const DAY: Hours = { from: 8, to: 20, zone: 'UTC' };

  it('what was claimed before does not leave; it does on the next day', async () => {
    await allow(DAY);
    await execute(
      pool(),
      sql`update sender set settings = jsonb_set(settings, '{sms,connections}', '1') where section_id = ${account.sectionId}`,
    );
    twilio.reset();
    itIs('19:58:30');
    const sendId = await frozen('marketing');
    // The first one is with the provider, which takes its time.
    twilio.delayMs = 300;
    const working = turn();
    await expect.poll(() => twilio.asked.length).toBe(1);
    itIs('19:59:10');
    await working;
    expect(twilio.taken).toHaveLength(1);
    const [first] = twilio.asked;
    expect(Number(new URLSearchParams(first!.body).get('ValidityPeriod'))).toBeLessThanOrEqual(90);
    expect(await view(sendId)).toMatchObject({ status: 'sending', byState: { sent: 1, waiting: 2 } });
    itIs('23:00:00');
    await turn();
    expect(twilio.taken).toHaveLength(1);
    vi.setSystemTime(Date.now() + 9.5 * 3_600_000);
    await turn();
    expect(await view(sendId)).toMatchObject({ status: 'done', byState: { sent: 3 } });
  });

  it('what was to leave on that day only expires, with a reason', async () => {
    await allow(DAY);
    twilio.reset();
    itIs('19:50:00');
    const sendId = await frozen('marketing', { onlySameDay: true });
    itIs('20:30:00');
    await turn();
    expect(twilio.taken).toEqual([]);
    expect(await view(sendId)).toMatchObject({
      status: 'done',
      byReason: [{ state: 'skipped', why: 'late', people: 3 }],
    });
  });

  it('what began in the evening has the whole of the next day', async () => {
    await allow(DAY);
    twilio.reset();
    itIs('21:00:00');
    const sendId = await frozen('marketing', { onlySameDay: true });
    await turn();
    expect(await view(sendId)).toMatchObject({ status: 'sending', byState: { waiting: 3 } });
    vi.setSystemTime(Date.now() + 12 * 3_600_000);
    await turn();
    expect(await view(sendId)).toMatchObject({ status: 'done', byState: { sent: 3 } });
  });
});

describe('hours by the clock of a zone', () => {
  const DAY: Hours = { from: 8, to: 20, zone: 'Europe/Stockholm' };
  const NIGHT: Hours = { from: 22, to: 6, zone: 'Europe/Stockholm' };
  const opens = (hours: Hours | null, at: string) => leavesAt(hours, new Date(at)).toISOString();
  const ends = (hours: Hours | null, at: string) => hasUntil(hours, new Date(at))?.toISOString() ?? null;

  it('begin and end as it shows them, also when the clocks change', () => {
    expect(opens(DAY, '2026-11-27T06:59:00Z')).toBe('2026-11-27T07:00:00.000Z');
    expect(opens(DAY, '2026-11-27T07:00:00Z')).toBe('2026-11-27T07:00:00.000Z');
    expect(ends(DAY, '2026-11-27T07:00:00Z')).toBe('2026-11-27T19:00:00.000Z');
    // Saturday evening until Sunday morning, in summer time and after it.
    expect(opens(DAY, '2026-10-24T18:00:00Z')).toBe('2026-10-25T07:00:00.000Z');
    expect(opens(DAY, '2026-03-28T19:00:00Z')).toBe('2026-03-29T06:00:00.000Z');
    expect(ends(NIGHT, '2026-10-24T21:00:00Z')).toBe('2026-10-25T05:00:00.000Z');
    expect([opens(null, '2026-11-27T02:00:00Z'), ends(null, '2026-11-27T02:00:00Z')]).toEqual([
      '2026-11-27T02:00:00.000Z',
      null,
    ]);
  });

  it('have a last minute in which nothing is begun', () => {
    expect(opens(DAY, '2026-11-27T18:58:59Z')).toBe('2026-11-27T18:58:59.000Z');
    expect(opens(DAY, '2026-11-27T18:59:00Z')).toBe('2026-11-28T07:00:00.000Z');
    const frozenAt = new Date('2026-11-27T12:00:00Z');
    const late = (at: string, onlySameDay = true) => isTooLate(DAY, { onlySameDay, frozenAt }, new Date(at));
    expect([late('2026-11-27T18:58:59Z'), late('2026-11-27T18:59:01Z'), late('2026-11-28T08:00:00Z')]).toEqual([
      false,
      true,
      true,
    ]);
    expect(late('2026-11-28T08:00:00Z', false)).toBe(false);
  });
});
