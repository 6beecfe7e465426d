// Scheduling and starting sends: when they go, to whom, and what stops them before anybody gets anything.
import { beforeEach, expect, it } from 'vitest';
import { EVERYONE, NOT_CHOSEN } from '@/lib/audience/schema';
import type { AttributeId, MessageId, SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { hideTag } from '@/lib/tags/commands';
import { setTopicHidden } from '@/lib/used-in/topics';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { HELLO, messageIds, TestSending } from '@/testing/sends';
import { DatabaseProxy } from '@/testing/proxy';
import { startSink } from '@/testing/smtp/sink';
import { sendMails } from './deliver';
import { startDueSends } from './due';
import { prepareSend } from './freeze';
import { reasonToBrake } from './brakes';
import { duplicateMessage } from './commands';
import { readMessage } from './reads';
import { cancelSend, resumeSend } from './send-commands';
import { scheduleMessage } from './schedule';
import { sendTest } from './test-mail';

let account: TestAccount;
let sending: TestSending;

beforeEach(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  account = await createTestAccount();
  sending = await TestSending.open(account, null);
});

const of = (sendId: SendId) => ({ sectionId: sending.sectionId, sendId });
const work = () =>
  Promise.all(
    [0, 1].map((slot) =>
      sendMails({ sectionId: sending.sectionId, senderId: sending.senderId, slot }, { turnMs: 15_000 }),
    ),
  );

async function scheduleAt(messageId: MessageId, local: string, zone = 'Europe/Stockholm') {
  return scheduleMessage(account.marketer, {
    sectionId: sending.sectionId,
    messageId,
    wish: { when: 'at', local, zone },
    seen: await sending.seen(messageId),
  });
}

it('a local time is kept as it was wished, beside its moment; times that have passed and zones that do not exist are refused', async () => {
  const messageId = await sending.message();
  expect(await scheduleAt(messageId, '2020-01-01T09:00')).toMatchObject({
    ok: false,
    refusal: { field: 'wish.local', message: expect.stringMatching(/has passed/) as string },
  });
  expect(await scheduleAt(messageId, '2027-01-01T09:00', 'Europe/Atlantis')).toMatchObject({
    refusal: { field: 'wish.zone' },
  });
  const { sendId, startsAt } = valueOf(await scheduleAt(messageId, '2027-07-01T09:00'));
  expect(startsAt.toISOString()).toBe('2027-07-01T07:00:00.000Z');
  // Before its time nothing happens.
  await prepareSend(of(sendId));
  expect((await sending.status(sendId)).status).toBe('scheduled');
  expect(await scheduleAt(messageId, '2027-07-02T09:00')).toMatchObject({ refusal: { code: 'conflict' } });
  // The wish is what counts: a moment that no longer fits it, as the rules of the zone have changed, is corrected.
  await execute(
    pool(),
    sql`update send set starts_at = ${new Date()} where section_id = ${sending.sectionId} and id = ${sendId}`,
  );
  await prepareSend(of(sendId), new Date(Date.now() + 1_000));
  const { at } = await one<{ at: Date }>(
    pool(),
    sql`select starts_at as at from send where section_id = ${sending.sectionId} and id = ${sendId}`,
  );
  expect(at).toEqual(startsAt);
  valueOf(await cancelSend(account.marketer, of(sendId)));
  valueOf(await scheduleAt(messageId, '2027-07-02T09:00'));
});

it('is started once, however many start it, and frozen as it is then', async () => {
  await sending.people(20);
  const sendId = await sending.schedule(await sending.message());
  await Promise.all([1, 2, 3].map(() => prepareSend(of(sendId))));
  await sending.people(5);
  await prepareSend(of(sendId));
  expect(await sending.states(sendId)).toEqual({ waiting: 20 });
  await work();
  expect(await sending.states(sendId)).toEqual({ sent: 20 });
});

it('with nobody to send to, it ends and says why', async () => {
  const people = await sending.people(3);
  await sending.consent(people, 'opt-out');
  const sendId = await sending.frozen();
  expect((await sending.status(sendId)).status).toBe('nobody');
  const { counts } = await one<{ counts: object }>(
    pool(),
    sql`select counts from send where section_id = ${sending.sectionId} and id = ${sendId}`,
  );
  expect(counts).toMatchObject({ matches: 3, noConsent: 3, gets: 0 });
  // It is not looked at again.
  const jobs = () =>
    rows(
      pool(),
      sql`
        select from graphile_worker.jobs
        where key like ${`%:${sending.sectionId}:${sendId}`} or key like ${`mail:${sending.sectionId}:%`}`,
    );
  const before = await jobs();
  await startDueSends(new Date(Date.now() + 1_000));
  await prepareSend(of(sendId));
  expect((await jobs()).length).toBe(before.length);
  expect((await sending.status(sendId)).status).toBe('nobody');
});

it('a second send goes to those who were not among the recipients of any before', async () => {
  await sending.people(4);
  const messageId = await sending.message();
  const first = await sending.schedule(messageId);
  await prepareSend(of(first));
  await work();
  await sending.people(3);
  expect(
    await scheduleMessage(account.marketer, {
      sectionId: sending.sectionId,
      messageId,
      wish: { when: 'now' },
      seen: await sending.seen(messageId),
    }),
  ).toMatchObject({ refusal: { message: expect.stringMatching(/has gone out/) as string } });
  const second = await sending.schedule(messageId, { again: true });
  await prepareSend(of(second));
  expect(await sending.states(second)).toEqual({ waiting: 3 });
});

it('too late for its time, more people than promised, and a hidden tag each stop it until somebody has looked', async () => {
  await sending.people(5);
  const late = await sending.schedule(await sending.message());
  await prepareSend(of(late), new Date(Date.now() + 3 * 3_600_000));
  expect(await sending.status(late)).toMatchObject({ status: 'paused', kind: 'late' });
  valueOf(await resumeSend(account.marketer, of(late)));
  await startDueSends();
  await prepareSend(of(late));
  expect((await sending.status(late)).status).toBe('sending');

  const stopped = await sending.schedule(await sending.message());
  await execute(
    pool(),
    sql`
      update send set status = 'preparing', started_at = ${new Date()}
      where section_id = ${sending.sectionId} and id = ${stopped}`,
  );
  await prepareSend(of(stopped), new Date(Date.now() + 3 * 3_600_000));
  expect(await sending.status(stopped)).toMatchObject({ status: 'paused', kind: 'late' });

  const more = await sending.schedule(await sending.message());
  await sending.people(1_100);
  await prepareSend(of(more));
  expect(await sending.status(more)).toMatchObject({ status: 'paused', kind: 'drift' });

  const tagId = await createTestTag(sending.sectionId, 'Away');
  const hidden = await sending.schedule(
    await sending.message({ audience: { ...EVERYONE, exclude: [{ kind: 'tag', id: tagId }] } }),
  );
  valueOf(await hideTag(account.admin, { sectionId: sending.sectionId, tagId }));
  await prepareSend(of(hidden));
  expect(await sending.status(hidden)).toMatchObject({ status: 'paused', kind: 'attention' });
  expect(await sending.states(hidden)).toEqual({});
});

it('a topic that is hidden before it starts, or while it goes out, stops it until that is shown again', async () => {
  await sending.people(2);
  const { sectionId, topicId } = sending;
  const sendId = await sending.schedule(await sending.message());
  const hide = async (isHidden: boolean) =>
    void valueOf(await setTopicHidden(account.admin, { sectionId, topicId, hidden: isHidden }));
  const stopped = {
    status: 'paused',
    kind: 'attention',
    reason: expect.stringMatching(/topic “News .*” is hidden/) as string,
  };
  await hide(true);
  await prepareSend(of(sendId));
  expect(await sending.status(sendId)).toMatchObject(stopped);
  await hide(false);
  valueOf(await resumeSend(account.marketer, of(sendId)));
  await prepareSend(of(sendId));
  expect((await sending.status(sendId)).status).toBe('sending');
  await hide(true);
  await sendMails({ sectionId, senderId: sending.senderId, slot: 0 });
  expect(await sending.status(sendId)).toMatchObject(stopped);
  expect(await sending.states(sendId)).toEqual({ waiting: 2 });
});

it('a value that some have not, and nothing instead of it, is refused with how many', async () => {
  await sending.people(3);
  const { id } = await one<{ id: AttributeId }>(
    pool(),
    sql`select id from attribute where section_id = ${sending.sectionId} and code = 'firstname'`,
  );
  const subject = (fallback: string) => [
    { type: 'text' as const, text: 'Hello ' },
    { type: 'variable' as const, attributeId: id, fallback },
  ];
  const seenOf = async (messageId: MessageId) => ({
    sectionId: sending.sectionId,
    messageId,
    wish: { when: 'now' },
    seen: await sending.seen(messageId),
  });
  const gap = await sending.message({ document: { ...HELLO, subject: subject('') } });
  expect(await scheduleMessage(account.marketer, await seenOf(gap))).toMatchObject({
    refusal: { field: 'content', message: expect.stringMatching(/^3 people have no “/) as string },
  });
  // Everybody has one: it can be scheduled, and is looked at again when it starts.
  const setNames = (name: string | null) =>
    execute(
      pool(),
      sql`
        update profile set attributes = ${JSON.stringify(name === null ? {} : { firstname: name })}::jsonb
        where section_id = ${sending.sectionId}`,
    );
  await setNames('Åsa');
  const { sendId } = valueOf(await scheduleMessage(account.marketer, await seenOf(gap)));
  await sending.people(2);
  await prepareSend(of(sendId));
  expect(await sending.status(sendId)).toMatchObject({
    ...{ status: 'paused', kind: 'attention' },
    reason: expect.stringMatching(/^2 people who match now have no “First name”/) as string,
  });
  await setNames('Åsa');
  valueOf(await resumeSend(account.marketer, of(sendId)));
  await prepareSend(of(sendId));
  expect(await sending.states(sendId)).toEqual({ waiting: 5 });
  await setNames(null);
  const filled = await sending.message({ document: { ...HELLO, subject: subject('you') } });
  valueOf(await scheduleMessage(account.marketer, await seenOf(filled)));
  const service = await sending.message({ kind: 'service' });
  expect(await scheduleMessage(account.marketer, await seenOf(service))).toMatchObject({
    refusal: { code: 'not_allowed' },
  });
  valueOf(await scheduleMessage(account.admin, await seenOf(service)));
  const [entry] = await rows<{ summary: string }>(
    pool(),
    sql`select summary from audit_entry where section_id = ${sending.sectionId} order by id desc limit 1`,
  );
  expect(entry!.summary).toMatch(/^Sent the service message “/);
});

it('a test goes to people of the account only, and acts on nobody', async () => {
  const messageId = await sending.message();
  const test = (to: string[]) =>
    sendTest(account.marketer, { sectionId: sending.sectionId, messageId, to, profileId: null });
  expect(await test(['stranger@example.org'])).toMatchObject({ refusal: { field: 'to.0' } });
  expect(valueOf(await test([account.marketer.email])).outcomes).toMatchObject([{ outcome: { kind: 'sent' } }]);
  const { raw } = await one<{ raw: Buffer }>(
    pool(),
    sql`select raw from caught_mail where section_id = ${sending.sectionId} order by id desc limit 1`,
  );
  expect(raw.toString()).toMatch(/^List-Unsubscribe: <https:/m);
});

it('somebody who is erased in mid-send does not get it', async () => {
  const [gone] = await sending.people(3);
  const sendId = await sending.frozen();
  valueOf(await eraseProfile(account.admin, { sectionId: sending.sectionId, profileId: gone }));
  await work();
  expect(await sending.states(sendId)).toEqual({ sent: 2, 'skipped erased': 1 });
});

it('the database goes away while it sends: it goes on afterwards, and each gets it once', async () => {
  const sink = await startSink({});
  const slow = await TestSending.open(account, { port: sink.port });
  await slow.people(400);
  const sendId = await slow.frozen();
  const proxy = await DatabaseProxy.open();
  try {
    const working = Promise.all(
      [0, 1].map((slot) => sendMails({ sectionId: slow.sectionId, senderId: slow.senderId, slot }, { turnMs: 45_000 })),
    );
    await expect.poll(() => sink.heard.mails.length).toBeGreaterThan(50);
    proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await proxy.restore();
    await working;
    const ids = messageIds(sink.heard.mails);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(400);
    expect(await slow.states(sendId)).toEqual({ sent: 400 });
    expect((await slow.status(sendId)).status).toBe('done');
  } finally {
    await proxy.close();
    await sink.close();
  }
});

it('the brakes need a number and a share', () => {
  const tally = {
    channel: 'email' as const,
    handed: 1_000,
    sent: 900,
    address: 0,
    policy: 0,
    ours: 0,
    template: 0,
    complaints: 0,
  };
  expect(reasonToBrake({ ...tally, address: 100 })).toBeNull();
  expect(reasonToBrake({ ...tally, address: 101 })).toMatch(/addresses/);
  expect(reasonToBrake({ ...tally, channel: 'sms', address: 101 })).toMatch(/numbers/);
  expect(reasonToBrake({ ...tally, handed: 199, address: 150 })).toBeNull();
  expect(reasonToBrake({ ...tally, policy: 21 })).toMatch(/refused/);
  expect(reasonToBrake({ ...tally, complaints: 5 })).toMatch(/spam/);
  expect(reasonToBrake({ ...tally, ours: 2 })).toBeNull();
  expect(reasonToBrake({ ...tally, handed: 5, ours: 3 })).toMatch(/SPF/);
  expect(reasonToBrake({ ...tally, sent: 100, complaints: 3 })).toBeNull();
});

it('a field in braces that is no value is not sent, as people would read it', async () => {
  await sending.people(1);
  const text = { type: 'text', text: 'Receipt {{order}}' } as const;
  const messageId = await sending.message({ document: { ...HELLO, subject: [text] } });
  const refused = { refusal: { field: 'content', message: expect.stringContaining('{{order}}') as string } };
  expect(await scheduleAt(messageId, '2027-07-01T09:00')).toMatchObject(refused);
});

it('nothing leaves whose links lead to this machine; the built-in mailbox takes it', async () => {
  process.env.TAGWELL_URL = 'http://localhost:3000';
  await sending.people(1);
  valueOf(await scheduleAt(await sending.message(), '2027-07-01T09:00'));
  const server = await TestSending.open(account, { port: 25 });
  await server.people(1);
  const messageId = await server.message();
  const refused = { refusal: { message: expect.stringContaining('http://localhost:3000') as string } };
  expect(await scheduleAt(messageId, '2027-07-01T09:00')).toMatchObject(refused);
  process.env.TAGWELL_URL = 'http://tagwell.lan';
  valueOf(await scheduleAt(messageId, '2027-07-01T09:00'));
});

it('what a hidden tag has stopped does not go on before it is repaired; a copy leaves out those who got it', async () => {
  await sending.people(3);
  const tagId = await createTestTag(account.sectionId, 'Dealer');
  const messageId = await sending.message({ audience: { ...EVERYONE, exclude: [{ kind: 'tag', id: tagId }] } });
  const sendId = await sending.schedule(messageId);
  await prepareSend(of(sendId));
  valueOf(await hideTag(account.admin, { sectionId: sending.sectionId, tagId }));
  await work();
  expect((await sending.status(sendId)).status).toBe('paused');
  expect(await resumeSend(account.marketer, of(sendId))).toMatchObject({
    refusal: { code: 'hidden', message: expect.stringContaining('“Dealer”') as string },
  });
  expect((await sending.status(sendId)).status).toBe('paused');
  const found = valueOf(await readMessage(account.marketer, { sectionId: sending.sectionId, messageId }));
  expect(found.hidden.tags).toEqual([{ id: tagId, name: 'Dealer' }]);

  valueOf(await cancelSend(account.marketer, of(sendId)));
  const copy = valueOf(await duplicateMessage(account.marketer, { sectionId: sending.sectionId, messageId }));
  expect(copy.leavesOut).toBe(true);
  const copied = valueOf(await readMessage(account.marketer, { sectionId: sending.sectionId, messageId: copy.id }));
  expect(copied.audience.exclude).toContainEqual({ kind: 'message', id: messageId });
  const again = valueOf(await duplicateMessage(account.marketer, { sectionId: sending.sectionId, messageId: copy.id }));
  expect(again.leavesOut).toBe(false);
});

it('a service message goes to everyone only if somebody has said so', async () => {
  await sending.people(2);
  const admin = async (messageId: MessageId) =>
    scheduleMessage(account.admin, {
      ...{ sectionId: sending.sectionId, messageId, seen: await sending.seen(messageId) },
      wish: { when: 'at', local: '2027-07-01T09:00', zone: 'Europe/Stockholm' },
    });
  expect(await admin(await sending.message({ kind: 'service', audience: NOT_CHOSEN }))).toMatchObject({
    refusal: { field: 'audience' },
  });
  expect(valueOf(await admin(await sending.message({ kind: 'service', audience: EVERYONE })))).toMatchObject({
    promised: 2,
  });
  expect(valueOf(await admin(await sending.message({ audience: NOT_CHOSEN })))).toMatchObject({ promised: 2 });
});
