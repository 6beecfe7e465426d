// Mails of single calls never wait behind a newsletter: not for its turn, nor for what holds it up, nor for the limits that it uses up.
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ProfileId, SendId } from '@/lib/db/ids';
import { openAudience } from '@/lib/audience/open';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createTestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { TestSending } from '@/testing/sends';
import { startSink, type Say, type Sink } from '@/testing/smtp/sink';
import { claim } from './claim';
import { sendMails } from './deliver';
import { startDueSends } from './due';
import { takeLease } from './leases';
import { openSend } from './progress';
import { SERVICE_SLOT } from './queue';
import { openSender } from '@/lib/sending/queries';
import { addRecipient, giveToApi, openReady } from './transactional';

let sending: TestSending;
let sink: Sink;
let say: (command: string) => Say;

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  say = () => undefined;
  sink = await startSink({ reply: (command) => say(command) });
});
afterEach(() => sink.close());

const turn = (slot: number) =>
  sendMails({ sectionId: sending.sectionId, senderId: sending.senderId, slot }, { replyMs: 400, resetMs: 300 });

/** A call for somebody. */
async function callFor(profileId: ProfileId): Promise<{ number: number; sendId: SendId }> {
  const messageId = await sending.message({ kind: 'service' });
  const { sectionId, account } = sending;
  valueOf(await giveToApi(account.admin, { sectionId, messageId, seen: await sending.seen(messageId) }));
  return transaction(async (tx) => {
    const ready = await openReady(tx, sectionId, messageId);
    const number = await addRecipient(tx, ready, { profileId, given: { names: {}, attributes: {} } });
    return { number, sendId: ready.sendId };
  });
}

const stateOf = async (number: number) =>
  (
    await one<{ state: string }>(
      pool(),
      sql`select state from recipient where section_id = ${sending.sectionId} and number = ${number}`,
    )
  ).state;

it('what holds up a newsletter at a provider does not hold up a single mail', async () => {
  sending = await TestSending.open(await createTestAccount(), { port: sink.port });
  const [person] = await sending.people(3, 'gmail.com');
  const newsletter = await sending.frozen();
  say = (command) => (command.startsWith('RCPT') ? '450 4.7.28 too many mails from you' : undefined);
  await turn(0);
  expect(await sending.states(newsletter)).toMatchObject({ waiting: 3 });
  say = () => undefined;
  const { number } = await callFor(person!);
  await turn(SERVICE_SLOT);
  expect(await stateOf(number)).toBe('sent');
  expect(await sending.states(newsletter)).toMatchObject({ waiting: 3 });
});

it('a tenth of the limits of a sender is kept for single mails, once there may be some', async () => {
  sending = await TestSending.open(await createTestAccount(), { port: sink.port, perHour: 20 });
  const people = await sending.people(40);
  const { number } = await callFor(people[0]!);
  const newsletter = await sending.frozen();
  await turn(0);
  expect(await sending.states(newsletter)).toEqual({ sent: 18, waiting: 22 });
  await turn(SERVICE_SLOT);
  expect(await stateOf(number)).toBe('sent');
  await turn(0);
  expect(await sending.states(newsletter)).toEqual({ sent: 18, waiting: 22 });
});

it('the slots of newsletters take none of its mails, and the other way round', async () => {
  sending = await TestSending.open(await createTestAccount(), { port: sink.port });
  const [person] = await sending.people(2);
  const newsletter = await sending.frozen();
  const { number, sendId } = await callFor(person!);
  const { sectionId, senderId } = sending;
  const sender = (await openSender(pool(), sectionId, senderId))!;
  const claimIn = async (slot: number, id: SendId) => {
    const at = { sectionId, senderId, slot };
    const lease = await takeLease(at);
    const send = (await openSend(pool(), sectionId, id))!;
    const open = await openAudience(pool(), sectionId, send.audience);
    return claim({ slot: at, lease, sender }, send, { open, most: 10, slow: [], now: new Date() });
  };
  expect((await claimIn(0, sendId)).claimed).toEqual([]);
  expect((await claimIn(SERVICE_SLOT, newsletter)).claimed).toEqual([]);
  expect((await claimIn(SERVICE_SLOT, sendId)).claimed).toMatchObject([{ number }]);
});

it('a call adds a job of its own task, and a lost one is added again while something waits', async () => {
  sending = await TestSending.open(await createTestAccount(), { port: sink.port });
  const [person] = await sending.people(1);
  const { number } = await callFor(person!);
  const name = `mail:${sending.sectionId}:${sending.senderId}:${SERVICE_SLOT}`;
  const jobs = () =>
    rows<{ task: string }>(
      pool(),
      sql`select task_identifier as task from graphile_worker.jobs where key = ${name} or queue_name = ${name}`,
    );
  expect(await jobs()).toEqual([{ task: 'send_service_mails' }]);
  const forget = () => execute(pool(), sql`select graphile_worker.remove_job(${name})`);
  await forget();
  await startDueSends();
  expect(await jobs()).toEqual([{ task: 'send_service_mails' }]);
  await forget();
  await turn(SERVICE_SLOT);
  expect(await stateOf(number)).toBe('sent');
  await startDueSends();
  expect(await jobs()).toEqual([]);
});
