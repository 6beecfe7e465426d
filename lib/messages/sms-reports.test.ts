// What SMS providers report, from the made-up ones to the recipient: ranks never go back, the worst part stays, and STOP is an opt-out.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { changeConsents } from '@/lib/consents/change';
import { createTopic } from '@/lib/consents/topics';
import type { ProfileId, SenderId, TopicId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { mergeTwoProfiles } from '@/lib/people/merge-two';
import { createProfile } from '@/lib/profiles/commands';
import { openSender } from '@/lib/sending/queries';
import { addSmsSender, changeSmsSender } from '@/lib/sending/save-sms';
import { openSmsTransport } from '@/lib/sending/sms-transport';
import { smsHookAddress } from '@/lib/sms/hook-address';
import { isStop } from '@/lib/sms/stop';
import { elksReport, ELKS_USER, startElks } from '@/testing/sms/elks';
import type { Report, SmsSimulator } from '@/testing/sms/simulator';
import { startTwilio, TWILIO_USER, twilioCall, twilioReport } from '@/testing/sms/twilio';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { receiveSmsCall, recordSmsReport } from './sms-reports';

let account: TestAccount;
let topics: TopicId[];
let twilio: SmsSimulator;
let elks: SmsSimulator;
let senderId: SenderId;

const TOKEN = { account: { kind: 'sms-twilio', settings: { accountSid: TWILIO_USER.accountSid } } };
const LIMITS = { hours: null, connections: '2', perSecond: '', perHour: '', perDay: '' };
const form = (part: object) => ({
  sectionId: account.sectionId,
  name: 'Texts',
  from: '+46709999999',
  ...LIMITS,
  ...part,
});

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example';
  [twilio, elks] = await Promise.all([startTwilio(), startElks()]);
  account = await createTestAccount();
  const { sectionId } = account;
  topics = [];
  for (const name of ['News', 'Offers', 'Other'])
    topics.push(valueOf(await createTopic(account.admin, { sectionId, name })).id);
  senderId = valueOf(
    await addSmsSender(account.admin, form({ ...TOKEN, secret: TWILIO_USER.authToken }), { origin: twilio.origin }),
  ).id;
});
afterAll(async () => {
  await Promise.all([twilio.close(), elks.close()]);
  delete process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES;
  delete process.env.TAGWELL_URL;
});

let person: { profileId: ProfileId; mobile: string };
let number: string;
let count = 0;

beforeEach(async () => {
  const { sectionId } = account;
  twilio.reset();
  const mobile = `4670${String(1_000_000 + count++)}`;
  const keys = [{ keyspaceId: account.keyspaces.mobile, key: mobile }];
  const { id: profileId } = valueOf(await createProfile(account.marketer, { sectionId, keys, attributes: {} }));
  person = { profileId, mobile };
  await transaction((tx) =>
    changeConsents(
      tx,
      { sectionId, source: 'user', userId: account.admin.userId },
      sql`
        select ${profileId}::bigint as profile_id, topic_id, channel, 'opt-in'::text as type, ''::text as reason,
          ''::text as source, ''::text as wording, ''::text as proof
        from unnest(${topics.slice(0, 2)}::int[]) topic_id, unnest(array['sms', 'email']) channel`,
    ),
  );
  number = await recipientOf(senderId, 'sent');
});

/** A recipient of a new send through a sender. */
async function recipientOf(sender: SenderId, state: string): Promise<string> {
  const [{ sectionId }, now] = [account, new Date()];
  const { id } = await one<{ id: number }>(
    pool(),
    sql`
      with made as (
        insert into message (section_id, channel, kind, name, name_key, content, audience, settings, created_at, changed_at)
        values (${sectionId}, 'sms', 'marketing', 'Texts', ${`texts ${Math.random()}`}, '{}', '{}', '{}', ${now}, ${now})
        returning id
      ), versioned as (
        insert into message_version (section_id, message_id, version, content, compiled, created_at)
        select ${sectionId}::int, id, 1, '{}', '{}', ${now}::timestamptz from made
      )
      select id from made`,
  );
  const made = await one<{ number: string }>(
    pool(),
    sql`
      with sent as (
        insert into send (section_id, message_id, version, status, wish, starts_at, sender_id, kind, topic_ids, audience, settings, created_at)
        values (${sectionId}, ${id}, 1, 'done', '{}', ${now}, ${sender}, 'marketing', ${[topics[0], topics[2]]}::int[], '{}', '{}', ${now})
        returning id
      )
      insert into recipient (section_id, send_id, profile_id, state, address, address_key)
      select ${sectionId}::int, sent.id, ${person.profileId}::bigint, ${state}, ${person.mobile}, ${person.mobile} from sent
      returning number::text as number`,
  );
  return made.number;
}

const row = (of = number) =>
  one<{
    state: string;
    status: string | null;
    code: number | null;
    delivered: boolean;
    bounced: boolean;
    left: boolean;
  }>(
    pool(),
    sql`
      select state, status, code, delivered_at is not null as delivered, bounced_at is not null as bounced,
        left_at is not null as left
      from recipient where section_id = ${account.sectionId} and number = ${of}::bigint`,
  );

const consents = async () =>
  (
    await rows<{ line: string }>(
      pool(),
      sql`
        select channel || ' ' || topic_id || ' ' || type as line from consent
        where section_id = ${account.sectionId} and profile_id = ${person.profileId}
        order by channel, topic_id`,
    )
  ).map(({ line }) => line);

/** Sends to the person, and gives what the provider took. */
async function sendTo(reference = number) {
  const sender = await openSender(pool(), account.sectionId, senderId);
  const transport = openSmsTransport(sender!);
  const outcome = await transport.deliver({ to: person.mobile, text: 'Hej', reference });
  await transport.close();
  expect(outcome).toMatchObject({ kind: 'sent' });
  return twilio.taken.at(-1)!;
}

const call = ({ url, headers, body }: Report) =>
  receiveSmsCall({ path: url.replace('https://tagwell.example/hooks/sms/', ''), headers, body });

describe('a report', () => {
  it('[170] is recorded once; ranks never go back, and the worst part stays', async () => {
    const sms = await sendTo();
    expect(await call(twilioReport(sms, 'sent'))).toBe(true);
    expect(await row()).toMatchObject({ state: 'sent', delivered: false, bounced: false });
    await call(twilioReport(sms, 'delivered'));
    expect(await row()).toMatchObject({ status: 'delivered', delivered: true, bounced: false });
    await call(twilioReport(sms, 'sent'));
    await call(twilioReport(sms, 'delivered'));
    expect(await row()).toMatchObject({ status: 'delivered', delivered: true });
    await call(twilioReport(sms, 'undelivered', { code: 30003 }));
    await call(twilioReport(sms, 'delivered'));
    await call(twilioReport(sms, 'undelivered', { code: 30003 }));
    expect(await row()).toEqual({
      state: 'sent',
      status: 'undelivered',
      code: 30_003,
      delivered: false,
      bounced: true,
      left: false,
    });
    const events = await rows<{ kind: string; why: string | null }>(
      pool(),
      sql`select kind, why from recipient_event where section_id = ${account.sectionId} and number = ${number}::bigint order by id`,
    );
    expect(events).toEqual([
      { kind: 'delivered', why: null },
      { kind: 'bounced', why: 'unreachable' },
    ]);
  });

  it('is believed only with both signatures, and only about what its sender has sent', async () => {
    const sms = await sendTo();
    const good = twilioReport(sms, 'delivered');
    expect(await call(twilioReport(sms, 'delivered', { token: 'forged' }))).toBe(false);
    expect(await call({ ...good, headers: {} })).toBe(false);
    // Another recipient, with the signature of this one.
    const other = sms.callback!.replace(`-${number}-`, `-${Number(number) + 1}-`);
    expect(await call(twilioCall(other, { MessageStatus: 'delivered' }))).toBe(false);
    expect(await call({ ...good, url: 'https://tagwell.example/hooks/sms/nobody' })).toBe(false);
    expect(await row()).toMatchObject({ delivered: false });
    // The right signatures, about the recipient of another sender.
    const foreign = await recipientOf((senderId + 1) as SenderId, 'sent');
    const address = smsHookAddress({ sectionId: account.sectionId, senderId, reference: foreign })!;
    await call(twilioCall(address, { MessageStatus: 'delivered', MessageSid: 'SM1' }));
    expect(await row(foreign)).toMatchObject({ delivered: false });
    expect(await call(good)).toBe(true);
    expect(await row()).toMatchObject({ delivered: true });
  });

  it('ends not knowing whether the SMS was sent', async () => {
    const unknown = await recipientOf(senderId, 'unknown');
    const of = { sectionId: account.sectionId, senderId, reference: unknown, providerId: 'SM1', why: null, code: null };
    expect(await recordSmsReport({ ...of, state: 'underway', status: 'sent' })).toBe('recorded');
    expect(await row(unknown)).toMatchObject({ state: 'sent' });
    expect(await recordSmsReport({ ...of, state: 'underway', status: 'sent' })).toBe('nothing');
    expect(await recordSmsReport({ ...of, reference: '999999999999', state: 'delivered', status: 'x' })).toBe(
      'unknown recipient',
    );
  });

  it('that the number does not exist suppresses it', async () => {
    await call(twilioReport(await sendTo(), 'undelivered', { code: 30005 }));
    const found = await rows<{ reason: string; channel: string }>(
      pool(),
      sql`select reason, channel from suppression where section_id = ${account.sectionId} and address_key = ${person.mobile}`,
    );
    expect(found).toEqual([{ reason: 'hard', channel: 'sms' }]);
  });

  it('signed with the token before is believed after a change of it, for a week', async () => {
    const sms = await sendTo();
    const changed = { ...form({ ...TOKEN, senderId }), secret: 'new token' };
    expect(await changeSmsSender(account.admin, changed, { origin: twilio.origin })).toMatchObject({ ok: false });
    // The provider knows the new token.
    twilio.faults.push({ answer: { status: 200, body: '{}' } });
    valueOf(await changeSmsSender(account.admin, changed, { origin: twilio.origin }));
    expect(await call(twilioReport(sms, 'sent'))).toBe(true);
    expect(await call(twilioReport(sms, 'delivered', { token: 'new token' }))).toBe(true);
    expect(await row()).toMatchObject({ delivered: true });
    twilio.faults.push({ answer: { status: 200, body: '{}' } });
    valueOf(
      await changeSmsSender(account.admin, { ...changed, secret: TWILIO_USER.authToken }, { origin: twilio.origin }),
    );
  });

  it('of a provider that signs nothing is known by its address', async () => {
    const elksForm = form({
      account: { kind: 'sms-46elks', settings: { user: ELKS_USER.user } },
      secret: ELKS_USER.password,
    });
    const id = valueOf(await addSmsSender(account.admin, elksForm, { origin: elks.origin })).id;
    const reference = await recipientOf(id, 'sent');
    const transport = openSmsTransport((await openSender(pool(), account.sectionId, id))!);
    await transport.deliver({ to: person.mobile, text: 'Hej', reference });
    await transport.close();
    const sms = elks.taken.at(-1)!;
    expect(await call(elksReport(sms, 'delivered'))).toBe(true);
    expect(await row(reference)).toMatchObject({ delivered: true });
    expect(await call(elksReport({ ...sms, callback: `${sms.callback}x` }, 'failed'))).toBe(false);
    // A sender that was removed goes on hearing what became of its SMS.
    await execute(
      pool(),
      sql`update sender set removed_at = ${new Date()} where section_id = ${account.sectionId} and id = ${id}`,
    );
    expect(await call(elksReport(sms, 'failed'))).toBe(true);
    expect(await row(reference)).toMatchObject({ bounced: true });
  });
});

describe('[172] who tells the provider to stop', () => {
  const optedOut = () => [
    `email ${topics[0]} opt-in`,
    `email ${topics[1]} opt-in`,
    ...topics.map((topic) => `sms ${topic} opt-out`),
  ];

  it('is opted out of SMS, by the person, once', async () => {
    const stopped = twilioReport(await sendTo(), 'failed', { code: 21610 });
    await call(stopped);
    await call(stopped);
    expect(await consents()).toEqual(optedOut());
    expect(await row()).toMatchObject({ bounced: true, left: true, code: 21_610 });
    const history = await rows<{ reason: string }>(
      pool(),
      sql`
        select reason from consent_change
        where section_id = ${account.sectionId} and profile_id = ${person.profileId} and after = 'opt-out'`,
    );
    expect(history.map(({ reason }) => reason)).toEqual(['STOP', 'STOP', 'STOP']);
  });

  it('by an answer is opted out too; other answers change nothing', async () => {
    const address = smsHookAddress({ sectionId: account.sectionId, senderId, reference: null })!;
    const answer = (text: string) =>
      call(twilioCall(address, { From: `+${person.mobile}`, Body: text, MessageSid: 'SM2' }));
    expect(await answer('Please do not stop')).toBe(true);
    expect((await consents()).filter((line) => line.endsWith('opt-out'))).toEqual([]);
    expect(await answer(' Stopp! Tack')).toBe(true);
    expect(await consents()).toEqual(optedOut());
    expect(await row()).toMatchObject({ left: true });
    expect(['STOP', 'stop.', 'Arrêt', 'STOPALL', 'stopping by', ''].map(isStop)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('as one of two people who have become one since is opted out as the one that remains', async () => {
    const { sectionId } = account;
    const keys = [{ keyspaceId: account.keyspaces.mobile, key: `4671${String(1_000_000 + count++)}` }];
    const { id: other } = valueOf(await createProfile(account.marketer, { sectionId, keys, attributes: {} }));
    const { second } = await one<{ second: string }>(
      pool(),
      sql`
        insert into recipient (section_id, send_id, profile_id, state, address, address_key)
        select section_id, send_id, ${other}::bigint, 'sent', ${keys[0]!.key}, ${keys[0]!.key} from recipient
        where section_id = ${sectionId} and number = ${number}::bigint
        returning number::text as second`,
    );
    const later = new Date(Date.now() + 60_000);
    const pair = { into: person.profileId, from: other, take: [], seen: { into: later, from: later } };
    valueOf(await mergeTwoProfiles(account.admin, { sectionId, ...pair }));
    const stopped = { state: 'failed', why: 'optedOut', code: 21_610, status: 'failed', providerId: 'SM3' } as const;
    expect(await recordSmsReport({ sectionId, senderId, reference: second, ...stopped })).toBe('recorded');
    expect(await consents()).toEqual(optedOut());
  });

  it('with signs that no database stores is opted out all the same', async () => {
    const address = smsHookAddress({ sectionId: account.sectionId, senderId, reference: null })!;
    const Body = `STOP\0 ${'x'.repeat(93)}😀`;
    expect(await call(twilioCall(address, { From: `+${person.mobile}`, Body, MessageSid: 'SM2' }))).toBe(true);
    expect(await consents()).toEqual(optedOut());
    const report = twilioCall((await sendTo()).callback!, { MessageStatus: 'delivered', MessageSid: 'SM\0' });
    expect(await call(report)).toBe(true);
    expect(await row()).toMatchObject({ delivered: true });
  });
});
