// Calls of providers: believed only with their signature, of this sender, and of the topic that was set; what comes twice changes nothing.
import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SendId, SubmissionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { messageIdOfFormMail, returnAddressOfFormMail } from '@/lib/forms/mail-returns';
import { listSubmissions } from '@/lib/forms/queries';
import { sendFormMails } from '@/lib/forms/send-mails';
import { workSubmissions } from '@/lib/forms/work';
import { messageIdOf } from '@/lib/messages/message-id';
import { returnAddressOf } from '@/lib/messages/return-address';
import { SNS_CERTIFICATE, SNS_KEY } from '@/testing/bounces/sns-certificate';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { TestForms } from '@/testing/forms';
import { valueOf } from '@/testing/segments';
import { TestSending } from '@/testing/sends';
import { makeHookSecret, setTopic } from './commands';
import { receiveBounceCall } from './hook';
import { hookName } from './hook-address';
import { readBounces } from './reads';
import { receiveSns } from './ses';
import type { Fetch } from './sns';

let account: TestAccount;
let sending: TestSending;

beforeAll(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example';
  account = await createTestAccount();
});
afterAll(() => delete process.env.TAGWELL_URL);
beforeEach(async () => {
  sending = await TestSending.open(account, null);
});

const of = () => ({ sectionId: sending.sectionId, senderId: sending.senderId });

type Mailed = { sendId: SendId; people: { number: number; address: string }[] };

async function sent(count: number): Promise<Mailed> {
  await sending.people(count);
  const sendId = await sending.frozen();
  const people = await rows<Mailed['people'][number]>(
    pool(),
    sql`
      update recipient set state = 'sent', ended_at = ${new Date()}
      where section_id = ${sending.sectionId} and send_id = ${sendId} returning number, address`,
  );
  return { sendId, people };
}

const row = (number: number) =>
  one<{ bounce: string | null; complained: boolean }>(
    pool(),
    sql`
      select bounce, complained_at is not null as complained from recipient
      where section_id = ${sending.sectionId} and number = ${number}`,
  );
const suppressed = async (address: string) =>
  (
    await rows<{ reason: string }>(
      pool(),
      sql`
        select reason from suppression
        where section_id = ${sending.sectionId} and address_key = ${address} and lifted_at is null`,
    )
  ).map(({ reason }) => reason);

describe('calls in our own form', () => {
  let secret: string;

  beforeEach(async () => {
    secret = valueOf(await makeHookSecret(account.admin, of())).secret;
  });

  function call(
    events: unknown,
    { key = secret, at = new Date(), id = 'call-1', name = hookName('bounces', of()) } = {},
  ) {
    const body = typeof events === 'string' ? events : JSON.stringify({ events });
    const timestamp = String(Math.floor(at.getTime() / 1_000));
    const bytes = Buffer.from(key.replace(/^whsec_/, ''), 'base64');
    const signature = `v1,${createHmac('sha256', bytes).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
    const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
    return receiveBounceCall({ name, headers, body });
  }

  it('are taken whatever signs no database stores are in them', async () => {
    const event = { type: 'bounce', class: 'hard', address: 'odd@example.com', id: 'a\0b\ud83d', text: 'gone\ud83d' };
    expect(await call([event])).toEqual({ is: 'taken' });
    expect(await suppressed('odd@example.com')).toEqual(['hard']);
  });

  it('are about the mail that they name, by Message-ID, return address or address', async () => {
    const { sendId, people } = await sent(5);
    const [first, second, third, fourth, fifth] = people as [
      Mailed['people'][0],
      Mailed['people'][0],
      Mailed['people'][0],
      Mailed['people'][0],
      Mailed['people'][0],
    ];
    const { sectionId } = sending;
    const taken = await call([
      {
        type: 'bounce',
        messageId: `<${messageIdOf({ sectionId, sendId, number: first.number }, 'x.org')}>`,
        status: '5.1.1',
        text: '550 gone',
      },
      {
        type: 'complaint',
        returnPath: returnAddressOf({ address: 'b@x.org', form: 'plus' }, { sectionId, number: second.number }),
      },
      { type: 'bounce', class: 'hard', address: third.address.toUpperCase() },
      { type: 'bounce', class: 'soft', address: fourth.address, id: 'soft-1' },
      { type: 'bounce', text: '554 5.7.1 spam', address: fifth.address },
      { type: 'bounce', class: 'hard', address: 'stranger@example.com', id: 'stranger' },
    ]);
    expect(taken).toEqual({ is: 'taken' });
    const found = await Promise.all(people.map(({ number }) => row(number)));
    expect(found.map(({ bounce }) => bounce)).toEqual(['address', null, 'address', 'other', 'policy']);
    expect(found[1]).toMatchObject({ complained: true });
    expect(await suppressed(third.address)).toEqual(['hard']);
    expect(await suppressed(fourth.address)).toEqual([]);
    expect(await suppressed('stranger@example.com')).toEqual(['hard']);
    expect(valueOf(await readBounces(account.admin, of()))).toMatchObject({
      calledAt: expect.any(Date) as Date,
      callProblem: null,
    });
  });

  it('are about a mail of a form by what names it: it is noted there, and the address gets nothing any more', async () => {
    const forms = await TestForms.open({ ...account, sectionId: sending.sectionId });
    const form = await forms.form({ optIn: { on: true, remindAfterDays: 2 } });
    const [gone, angry, full] = await Promise.all(
      ['gone', 'angry', 'full'].map((name) => forms.submit(form, { email: `${name}.${form.formId}@example.com` })),
    );
    const { sectionId } = sending;
    await workSubmissions(sectionId);
    await sendFormMails(sectionId);
    const mailsOf = (id: SubmissionId | undefined) =>
      rows<{ id: number; kind: string; state: string; outcome: string | null }>(
        pool(),
        sql`
          select id, kind, state, outcome from form_mail
          where section_id = ${sectionId} and submission_id = ${id} order by kind`,
      );
    const idOf = async (id: SubmissionId | undefined) => (await mailsOf(id))[0]!.id;
    const returns = { address: 'b@x.org', form: 'plus' } as const;
    const events = [
      {
        type: 'bounce',
        returnPath: returnAddressOfFormMail(returns, { sectionId, id: await idOf(gone) }),
        status: '5.1.1',
        text: '550 5.1.1 unknown',
      },
      { type: 'complaint', messageId: `<${messageIdOfFormMail({ sectionId, id: await idOf(angry) }, 'x.org')}>` },
      {
        type: 'bounce',
        messageId: `<${messageIdOfFormMail({ sectionId, id: await idOf(full) }, 'x.org')}>`,
        status: '4.2.2',
        text: '452 4.2.2 full',
      },
      // Made up for somebody else's mail.
      { type: 'complaint', messageId: `<form.${sectionId}.${await idOf(full)}.00000000000000000000@x.org>` },
    ];
    expect(await call(events)).toEqual({ is: 'taken' });
    expect(await call(events)).toEqual({ is: 'taken' });
    expect(await mailsOf(gone)).toMatchObject([
      { kind: 'confirm', state: 'bounced', outcome: '550 5.1.1 unknown' },
      { kind: 'reminder', state: 'cancelled' },
    ]);
    expect((await mailsOf(angry)).map(({ state }) => state)).toEqual(['complained', 'cancelled']);
    expect((await mailsOf(full)).map(({ state }) => state)).toEqual(['bounced', 'waiting']);
    const reasons = ['gone', 'angry', 'full'].map((name) => suppressed(`${name}.${form.formId}@example.com`));
    expect(await Promise.all(reasons)).toEqual([['hard'], ['complaint'], []]);
    const shown = await listSubmissions(pool(), sectionId, form.formId, { state: 'pending', limit: 3 });
    expect(shown.map(({ mail }) => mail).toSorted()).toEqual(['bounced', 'bounced', 'complained']);
  });

  it('change nothing if they are forged, old, for another sender, or come again (K.126)', async () => {
    const { people } = await sent(1);
    const [{ number, address }] = people as [Mailed['people'][0]];
    const events = [{ type: 'bounce', class: 'hard', address }];
    const other = await TestSending.open(account, null);
    const otherName = hookName('bounces', { sectionId: other.sectionId, senderId: other.senderId });
    const gone = { is: 'gone' };
    expect(await call(events, { key: `whsec_${Buffer.alloc(32).toString('base64')}` })).toEqual(gone);
    expect(await call(events, { at: new Date(Date.now() - 3_600_000) })).toEqual(gone);
    expect(await call(events, { name: otherName })).toEqual(gone);
    expect(await call(events, { name: hookName('ses', of()) })).toEqual(gone);
    expect(await row(number)).toMatchObject({ bounce: null });
    expect(await call(events)).toEqual({ is: 'taken' });
    expect(await call(events)).toEqual({ is: 'taken' });
    const kept = await one(
      pool(),
      sql`select count(*)::int as count from bounce where section_id = ${sending.sectionId} and number = ${number}`,
    );
    expect(kept).toEqual({ count: 1 });
  });

  it('say what is wrong with them, also on the page; a new secret leaves the one before in force', async () => {
    expect(await call('no JSON')).toMatchObject({ is: 'invalid', why: 'The body is not JSON.' });
    expect(await call([{ type: 'bounce' }])).toMatchObject({
      is: 'invalid',
      why: expect.stringMatching(/Name the mail/) as string,
    });
    expect(await call(Array.from({ length: 1_001 }, () => ({ type: 'bounce', address: 'a@b.se' })))).toMatchObject({
      is: 'invalid',
    });
    expect(valueOf(await readBounces(account.admin, of())).callProblem).toMatch(/1000/);
    const next = valueOf(await makeHookSecret(account.admin, of())).secret;
    const events = [{ type: 'complaint', address: 'a@example.com', id: 'x' }];
    expect(await call(events)).toEqual({ is: 'taken' });
    expect(await call(events, { key: next })).toEqual({ is: 'taken' });
    expect(await makeHookSecret(account.marketer, of())).toMatchObject({ refusal: { code: 'not_allowed' } });
  });
});

describe('Amazon SES', () => {
  const TOPIC = 'arn:aws:sns:eu-north-1:123456789012:bounces';
  const CERTIFICATE_URL = 'https://sns.eu-north-1.amazonaws.com/SimpleNotificationService-abc.pem';
  let fetched: string[];

  beforeEach(async () => {
    fetched = [];
    valueOf(await setTopic(account.admin, { ...of(), topicArn: TOPIC }));
  });

  const fetch: Fetch = async (url) => {
    fetched.push(url);
    return url.endsWith('.pem') ? SNS_CERTIFICATE : '<ConfirmSubscriptionResponse/>';
  };

  type Fields = Record<string, string>;

  function post(
    message: unknown,
    more: Fields = {},
    { version = '2', sign = SNS_KEY }: { version?: string; sign?: string | KeyObject } = {},
  ) {
    const fields: Fields = {
      Type: 'Notification',
      MessageId: 'sns-1',
      TopicArn: TOPIC,
      Message: typeof message === 'string' ? message : JSON.stringify(message),
      Timestamp: '2026-11-27T08:00:00.000Z',
      SigningCertURL: CERTIFICATE_URL,
      ...more,
    };
    const signed = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
    const text = signed.flatMap((name) => (fields[name] === undefined ? [] : [`${name}\n${fields[name]}\n`])).join('');
    const Signature = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256')
      .update(text)
      .sign(sign, 'base64');
    const body = JSON.stringify({ ...fields, SignatureVersion: version, Signature });
    return receiveSns({ name: hookName('ses', of()), body }, { fetch });
  }

  const bounceOf = (address: string, more: object = {}, recipient: object = {}, source = 'news@example.org') => ({
    notificationType: 'Bounce',
    mail: { messageId: 'ses-1', source, commonHeaders: { messageId: null } },
    bounce: {
      bounceType: 'Permanent',
      bounceSubType: 'General',
      feedbackId: `feedback ${address}`,
      timestamp: '2026-11-27T08:00:00.000Z',
      bouncedRecipients: [
        { emailAddress: address, status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 user unknown', ...recipient },
      ],
      ...more,
    },
  });

  it('is believed with the signature and the topic that was set, and only from Amazon’s hosts (K.125)', async () => {
    const { people } = await sent(1);
    const [{ number, address }] = people as [Mailed['people'][0]];
    const bounce = bounceOf(address);
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
    const gone = { is: 'gone' };
    expect(await post(bounce, {}, { sign: stranger })).toEqual(gone);
    // Anybody may have a topic, and Amazon signs for it.
    expect(await post(bounce, { TopicArn: TOPIC.replace('1234', '9999') })).toEqual(gone);
    fetched = [];
    for (const SigningCertURL of [
      'https://sns.eu-north-1.amazonaws.com.evil.example/SimpleNotificationService-abc.pem',
      'http://sns.eu-north-1.amazonaws.com/SimpleNotificationService-abc.pem',
      'https://sns.eu-north-1.amazonaws.com@evil.example/SimpleNotificationService-abc.pem',
      'https://s3.eu-north-1.amazonaws.com/SimpleNotificationService-abc.pem',
      'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-abc.pem',
      'https://sns.eu-north-1.amazonaws.com/bucket/mine.pem',
      'https://sns.eu-north-1.amazonaws.com:8443/SimpleNotificationService-abc.pem',
    ]) {
      expect({ SigningCertURL, ...(await post(bounce, { SigningCertURL })) }).toMatchObject(gone);
    }
    expect(fetched).toEqual([]);
    expect(await row(number)).toMatchObject({ bounce: null });
    expect(await post(bounce, {}, { version: '1' })).toEqual({ is: 'taken' });
    expect(await post(bounce, { Subject: 'Amazon SES Email Event Notification' })).toEqual({ is: 'taken' });
    expect(await row(number)).toMatchObject({ bounce: 'address' });
    expect(await suppressed(address)).toEqual(['hard']);
  });

  it('maps its kinds, and takes automatic answers for none', async () => {
    const { people } = await sent(6);
    const { sectionId } = sending;
    const at = (nth: number) => people[nth]!;
    const source = returnAddressOf({ address: 'b@x.org', form: 'plus' }, { sectionId, number: at(0).number });
    await post(bounceOf('alias@elsewhere.example', {}, {}, source));
    await post(
      bounceOf(
        at(1).address,
        { bounceType: 'Transient', bounceSubType: 'MailboxFull' },
        { status: null, diagnosticCode: null },
      ),
    );
    await post(bounceOf(at(2).address, { bounceType: 'Transient', bounceSubType: 'ContentRejected' }));
    await post(bounceOf(at(3).address, { bounceType: 'Transient' }, { status: null, diagnosticCode: null }));
    await post(bounceOf(at(4).address, {}, { status: '5.7.1', diagnosticCode: 'smtp; 550 5.7.1 blocked by policy' }));
    await post({
      eventType: 'Complaint',
      mail: { messageId: 'ses-2', source: 'news@example.org' },
      complaint: {
        complaintFeedbackType: 'abuse',
        feedbackId: 'c1',
        complainedRecipients: [{ emailAddress: `A <${at(5).address}>` }],
      },
    });
    expect(await post('Welcome to SNS')).toEqual({ is: 'taken' });
    const found = await Promise.all(people.map(({ number }) => row(number)));
    expect(found.map(({ bounce }) => bounce)).toEqual(['address', 'full', 'message', null, 'policy', null]);
    expect(found[5]).toMatchObject({ complained: true });
  });

  it('is confirmed for the topic that was set, at Amazon’s address and no other', async () => {
    const confirmation = (SubscribeURL: string, TopicArn = TOPIC) =>
      post('You have chosen to subscribe', {
        Type: 'SubscriptionConfirmation',
        Token: 'token',
        SubscribeURL,
        TopicArn,
      });
    const url = (topic: string, host = 'sns.eu-north-1.amazonaws.com') =>
      `https://${host}/?Action=ConfirmSubscription&TopicArn=${topic}&Token=token`;
    for (const bad of [
      url(TOPIC, '169.254.169.254'),
      url(TOPIC, 'evil.example'),
      url('arn:aws:sns:eu-north-1:1:x'),
      url(TOPIC).replace('Confirm', 'Delete'),
    ]) {
      expect(await confirmation(bad)).toMatchObject({ is: 'invalid' });
    }
    expect(await confirmation(url(TOPIC), TOPIC.replace('1234', '9999'))).toEqual({ is: 'gone' });
    expect(fetched.filter((each) => !each.endsWith('.pem'))).toEqual([]);
    expect(await confirmation(url(TOPIC))).toEqual({ is: 'taken' });
    expect(fetched.filter((each) => !each.endsWith('.pem'))).toEqual([url(TOPIC)]);
    const view = valueOf(await readBounces(account.admin, of()));
    expect(view.ses).toMatchObject({ topicArn: TOPIC, confirmedAt: expect.any(Date) as Date });
    expect(await setTopic(account.admin, { ...of(), topicArn: 'arn:aws:s3:::x' })).toMatchObject({
      refusal: { field: 'topicArn' },
    });
  });
});
