// Two people become one, or one is erased, while messages to them are on their way: the one that remains gets each message once.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProfileId, SendId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { mergeTwoProfiles } from '@/lib/people/merge-two';
import { readTimeline } from '@/lib/people/reads';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { hold, untilWaiting } from '@/testing/races';
import { valueOf } from '@/testing/segments';
import { messageIds, TestSending } from '@/testing/sends';
import { startSink, type Say, type Sink } from '@/testing/smtp/sink';
import { sendMails } from './deliver';
import { prepareSend } from './freeze';
import { laneOf } from './lanes';
import { endLease } from './leases';
import { openSend } from './progress';
import { keepResults, markHanding } from './results';
import { SERVICE_SLOT } from './queue';
import { addRecipient, giveToApi, openReady } from './transactional';

let account: TestAccount;
let sending: TestSending;
let sink: Sink;
/** What the sink waits for before it says something. */
let wait: (command: string) => Promise<unknown> | undefined;
let say: (command: string) => Say;

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  wait = () => undefined;
  say = () => undefined;
  account = await createTestAccount();
  sink = await startSink({ reply: (command) => say(command), wait: (command) => wait(command) });
  sending = await TestSending.open(account, { port: sink.port, perHour: 1_000 });
});
afterEach(() => sink.close());

const turn = (slot = 0) =>
  sendMails({ sectionId: sending.sectionId, senderId: sending.senderId, slot }, { replyMs: 3_000, turnMs: 30_000 });

const merge = async (into: ProfileId, from: ProfileId) => {
  const later = new Date(Date.now() + 60_000);
  const seen = { into: later, from: later };
  return valueOf(await mergeTwoProfiles(account.admin, { sectionId: sending.sectionId, into, from, take: [], seen }));
};

const pair = async () => (await sending.people(2)) as [ProfileId, ProfileId];

/** Whose rows a send has, and in which state. */
const rowsOf = (sendId: SendId) =>
  rows<{ profileId: ProfileId; state: string }>(
    pool(),
    sql`
      select profile_id as "profileId", state from recipient
      where section_id = ${sending.sectionId} and send_id = ${sendId} order by profile_id, occurrence`,
  );

/** Whom a mail that was claimed before may still leave for. */
async function mayLeave(sendId: SendId, { holder, claims }: Awaited<ReturnType<TestSending['claimed']>>) {
  const send = (await openSend(pool(), sending.sectionId, sendId))!;
  return (await markHanding(holder, { send, claims })).size;
}

describe('two people of a send, one of whom is in hand while the other waits, who are merged', () => {
  it.each([
    ['the remaining one', 0],
    ['the other one', 1],
  ])('%s: only one of the mails leaves', async (_, inHand) => {
    const people = await pair();
    const sendId = await sending.frozen();
    // Who is not to be in hand is due a little later.
    await execute(
      pool(),
      sql`
        update recipient set next_at = ${new Date(Date.now() + 3_600_000)}
        where section_id = ${sending.sectionId} and profile_id = ${people[1 - inHand]}`,
    );
    const claimed = await sending.claimed(sendId);
    expect(claimed.claims.map(({ profileId }) => profileId)).toEqual([people[inHand]]);
    await merge(people[0], people[1]);
    expect(await mayLeave(sendId, claimed)).toBe(0);
    expect(await sending.used()).toBe(0);
    await endLease(claimed.holder.slot, claimed.holder.lease);
    await execute(
      pool(),
      sql`update recipient set next_at = ${new Date()} where section_id = ${sending.sectionId} and state = 'waiting'`,
    );
    await turn();
    expect(messageIds(sink.heard.mails)).toHaveLength(1);
    expect(await rowsOf(sendId)).toEqual([
      { profileId: people[0], state: 'sent' },
      { profileId: people[1], state: 'skipped' },
    ]);
    expect(await sending.used()).toBe(1);
    expect((await sending.status(sendId)).status).toBe('done');
  });

  it('both in hand: one of them leaves', async () => {
    const people = await pair();
    const sendId = await sending.frozen();
    const claimed = await sending.claimed(sendId);
    expect(claimed.claims).toHaveLength(2);
    await merge(...people);
    expect(await mayLeave(sendId, claimed)).toBe(0);
    // What the holder still says of them counts for nothing.
    const said = { state: 'sent', why: null, tries: 1, nextAt: null, code: 250, status: null, answer: 'ok' } as const;
    await keepResults(
      claimed.holder,
      claimed.claims.map(({ number, claimedAt }) => ({ ...said, number, claimedAt, endedAt: new Date() })),
    );
    await turn();
    expect(sink.heard.mails).toHaveLength(1);
    expect(await sending.states(sendId)).toEqual({ sent: 1, 'skipped merged': 1 });
  });

  it('while a mail is handed over: that one counts, also if its server asks for a later attempt', async () => {
    const people = await pair();
    const sendId = await sending.frozen();
    let merging: Promise<unknown> | undefined;
    wait = (command) => (command === '.' ? (merging ??= merge(...people)) : undefined);
    say = (command) => (command === '.' ? '451 4.2.0 later' : undefined);
    await execute(
      pool(),
      sql`
        update sender set settings = jsonb_set(settings, '{server,connections}', '1')
        where section_id = ${sending.sectionId}`,
    );
    await turn();
    expect(await sending.states(sendId)).toEqual({ waiting: 1, 'skipped merged': 1 });
    say = () => undefined;
    await execute(
      pool(),
      sql`update recipient set next_at = ${new Date()} where section_id = ${sending.sectionId} and state = 'waiting'`,
    );
    await turn();
    expect(new Set(messageIds(sink.heard.mails)).size).toBe(1);
    const states = await rowsOf(sendId);
    expect(states.filter(({ state }) => state === 'sent')).toEqual([{ profileId: people[0], state: 'sent' }]);
  });
});

it('somebody in hand who is merged into a person without a row gets it as that person', async () => {
  const [goes] = (await sending.people(1)) as [ProfileId];
  const sendId = await sending.frozen();
  const [stays] = (await sending.people(1)) as [ProfileId];
  const claimed = await sending.claimed(sendId);
  await merge(stays, goes);
  expect(await mayLeave(sendId, claimed)).toBe(0);
  await turn();
  expect(await rowsOf(sendId)).toEqual([{ profileId: stays, state: 'sent' }]);
  expect(sink.heard.mails).toHaveLength(1);
});

describe('somebody who is merged while their mail waits for a connection, and who is claimed again before it is sent', () => {
  it('gets one mail, as the person that remains', async () => {
    const before = await sending.people(2);
    const [goes] = (await sending.people(1)) as [ProfileId];
    const sendId = await sending.frozen();
    const [stays] = (await sending.people(1)) as [ProfileId];
    // The first two keep both connections of the slot busy.
    await execute(
      pool(),
      sql`
        update recipient set lane = 20, next_at = next_at - interval '1 second' * (recipient.profile_id = any(${before}::bigint[]))::int
        where section_id = ${sending.sectionId} and send_id = ${sendId}`,
    );
    const again = async () => {
      await merge(stays, goes);
      const isClaimed = async () =>
        (await rowsOf(sendId)).some(({ profileId, state }) => profileId === stays && state === 'claimed');
      while (!(await isClaimed())) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    let merging: Promise<unknown> | undefined;
    wait = (command) => {
      if (command !== '.') return undefined;
      // Those that come later take a while, too.
      return sink.heard.mails.length <= 2 ? (merging ??= again()) : new Promise((resolve) => setTimeout(resolve, 400));
    };
    await turn();
    await turn();
    expect(sink.heard.mails).toHaveLength(3);
    expect(new Set(messageIds(sink.heard.mails)).size).toBe(3);
    expect(await sending.states(sendId)).toEqual({ sent: 3 });
    expect(await sending.used()).toBe(3);
  });
});

describe('a message that one of two people has had', () => {
  const sentTo = async (people: ProfileId[]) => {
    const messageId = await sending.message();
    const sendId = await sending.schedule(messageId);
    await prepareSend({ sectionId: sending.sectionId, sendId });
    await turn();
    expect(await rowsOf(sendId)).toEqual(people.map((profileId) => ({ profileId, state: 'sent' })));
    return { messageId, sendId };
  };

  it('is not sent to them again by a later send of it in which the other one waits', async () => {
    const [had] = (await sending.people(1)) as [ProfileId];
    const { messageId } = await sentTo([had]);
    const [isNew] = (await sending.people(1)) as [ProfileId];
    const again = await sending.schedule(messageId, { again: true });
    await prepareSend({ sectionId: sending.sectionId, sendId: again });
    expect(await rowsOf(again)).toEqual([{ profileId: isNew, state: 'waiting' }]);
    await merge(isNew, had);
    await turn();
    expect(await sending.states(again)).toEqual({ 'skipped merged': 1 });
    expect(sink.heard.mails).toHaveLength(1);
  });

  it('was sent to the one that remains, whose own row was skipped; and who is erased leaves no address in either', async () => {
    const people = await pair();
    const sendId = await sending.frozen();
    await execute(
      pool(),
      sql`
        update recipient set state = 'skipped', why = 'noConsent', ended_at = ${new Date()}
        where section_id = ${sending.sectionId} and profile_id = ${people[0]}`,
    );
    await turn();
    await merge(...people);
    expect(await rowsOf(sendId)).toEqual([
      { profileId: people[0], state: 'sent' },
      { profileId: people[1], state: 'skipped' },
    ]);
    const { sectionId } = sending;
    const read = { sectionId, profileId: people[0], only: 'messages' };
    expect(valueOf(await readTimeline(account.marketer, read)).items).toMatchObject([{ what: 'was sent' }]);
    valueOf(await eraseProfile(account.admin, { sectionId, profileId: people[0] }));
    const left = sql`select from recipient where section_id = ${sectionId} and (address is not null or address_key is not null)`;
    expect(await rows(pool(), left)).toEqual([]);
  });
});

describe('a send that is being frozen', () => {
  /** Freezes it up to a point, merges or erases beside that, and lets the freeze end. */
  const beside = async (people: readonly ProfileId[], work: () => Promise<unknown>) => {
    const sendId = await sending.schedule(await sending.message());
    const frozen = await hold(async (tx) => {
      const ofSend = sql`section_id = ${sending.sectionId} and id = ${sendId}`;
      await execute(tx, sql`update send set status = 'sending', frozen_at = ${new Date()} where ${ofSend}`);
      await execute(
        tx,
        sql`
          insert into recipient (section_id, send_id, profile_id, state, address, address_key, lane, next_at)
          select ${sending.sectionId}::int, ${sendId}::int, own.profile_id, 'waiting', own.key, own.key,
            ${laneOf('email', sql`own.key`)}, ${new Date()}::timestamptz
          from profile_key own
          where own.section_id = ${sending.sectionId} and own.profile_id = any(${people}::bigint[])`,
      );
    });
    const working = work();
    await untilWaiting(1);
    await frozen.commit();
    await working;
    return sendId;
  };

  it('has one row of two people who are merged meanwhile', async () => {
    const people = await pair();
    const sendId = await beside(people, () => merge(...people));
    await turn();
    expect(await sending.states(sendId)).toEqual({ sent: 1, 'skipped merged': 1 });
  });

  it('keeps no address of somebody who is erased meanwhile', async () => {
    const [person] = (await sending.people(1)) as [ProfileId];
    const erased = () => eraseProfile(account.admin, { sectionId: sending.sectionId, profileId: person });
    const sendId = await beside([person], erased);
    expect(await sending.states(sendId)).toEqual({ 'skipped erased': 1 });
    const { address } = await one<{ address: string | null }>(
      pool(),
      sql`select address from recipient where section_id = ${sending.sectionId}`,
    );
    expect(address).toBeNull();
  });
});

describe('mails of single calls', () => {
  const called = async (profileId: ProfileId) => {
    const { sectionId } = sending;
    const messageId = await sending.message({ kind: 'service' });
    valueOf(await giveToApi(account.admin, { sectionId, messageId, seen: await sending.seen(messageId) }));
    return transaction(async (tx) => {
      const ready = await openReady(tx, sectionId, messageId);
      await addRecipient(tx, ready, { profileId, given: { names: {}, attributes: {} } });
      await addRecipient(tx, ready, { profileId, given: { names: {}, attributes: {} } });
      return ready.sendId;
    });
  };

  it('are sent each, to the person that remains, also if one is in hand', async () => {
    const [stays, goes] = await pair();
    const sendId = await called(goes);
    let merging: Promise<unknown> | undefined;
    wait = (command) => (command.startsWith('RCPT') ? (merging ??= merge(stays, goes)) : undefined);
    await turn(SERVICE_SLOT);
    await turn(SERVICE_SLOT);
    expect(await rowsOf(sendId)).toEqual([
      { profileId: stays, state: 'sent' },
      { profileId: stays, state: 'sent' },
    ]);
    expect(new Set(messageIds(sink.heard.mails)).size).toBe(2);
  });

  it('in hand for somebody who is erased do not leave', async () => {
    const [person] = (await sending.people(1)) as [ProfileId];
    const sendId = await called(person);
    let erasing: Promise<unknown> | undefined;
    wait = (command) =>
      command.startsWith('RCPT')
        ? (erasing ??= eraseProfile(account.admin, { sectionId: sending.sectionId, profileId: person }))
        : undefined;
    await turn(SERVICE_SLOT);
    expect(sink.heard.mails).toEqual([]);
    expect(await sending.states(sendId)).toEqual({ 'skipped erased': 2 });
    expect(await sending.used()).toBe(0);
  });
});
