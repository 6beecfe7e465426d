// Sending: everybody once, whatever the mail server says, whoever pauses, leaves or loses the lease in between.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EVERYONE } from '@/lib/audience/schema';
import type { ProfileId, SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { addSuppressions } from '@/lib/suppression/commands';
import { hideTag } from '@/lib/tags/commands';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { hasNotTag, hasTag, makeSegment, tagProfiles, valueOf } from '@/testing/segments';
import { messageIds, TestSending } from '@/testing/sends';
import { DIE, startSink, type Say, type Sink, type SinkOptions } from '@/testing/smtp/sink';
import { sendMails } from './deliver';
import { prepareSend } from './freeze';
import { cancelSend, pauseSend, resolveUnknown, resumeSend } from './send-commands';
import { findSend } from './sends';

let account: TestAccount;
let sending: TestSending;
let sink: Sink;
/** What the sink says instead. */
let say: (command: string) => Say;

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  say = () => undefined;
  account = await createTestAccount();
  sink = await startSink({ reply: (command) => say(command) } satisfies SinkOptions);
  sending = await TestSending.open(account, { port: sink.port });
});
afterEach(() => sink.close());

const slots = [0, 1];
/** One turn of each slot. */
const turn = () =>
  Promise.all(
    slots.map((slot) =>
      sendMails(
        { sectionId: sending.sectionId, senderId: sending.senderId, slot },
        { replyMs: 400, resetMs: 300, turnMs: 20_000 },
      ),
    ),
  );
const inSend = (sendId: SendId) => ({ sectionId: sending.sectionId, sendId });

/** Has what waits for later sent now. */
const later = () =>
  execute(
    pool(),
    sql`update recipient set next_at = ${new Date()} where section_id = ${sending.sectionId} and state = 'waiting'`,
  );
const forgetHoldUps = () => execute(pool(), sql`delete from sender_lane where section_id = ${sending.sectionId}`);

/** Expects that so many different mails have been taken, none of them twice. */
function expectOnce(mails: number): void {
  const ids = messageIds(sink.heard.mails);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(mails);
}

describe('a send', () => {
  it('goes to everybody once, through both slots, and is done', async () => {
    await sending.people(450);
    const sendId = await sending.frozen();
    await turn();
    expectOnce(450);
    expect(await sending.states(sendId)).toEqual({ sent: 450 });
    expect((await sending.status(sendId)).status).toBe('done');
    // At most as many connections as the sender may have, over both slots.
    expect(sink.connections()).toBeLessThanOrEqual(4 + Math.ceil(450 / 100));
    const [mail] = sink.heard.mails;
    expect(mail).toMatch(/^List-Unsubscribe: <https:\/\//m);
    expect(mail).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click/m);
    expect(mail).toMatch(/^List-Id: .*<\d+\.\d+\.example\.org>/m);
    expect(mail).toMatch(/^Feedback-ID: send-\d+:topic-\d+:section-\d+:tagwell/m);
    expect(mail).toMatch(/^Auto-Submitted: auto-generated/m);
    // Nothing is sent again by another turn.
    await turn();
    expectOnce(450);
    const view = await findSend(pool(), sending.sectionId, sendId);
    expect(view).toMatchObject({
      recipients: 450,
      ended: 450,
      byState: { sent: 450, waiting: 0 },
      counts: { gets: 450 },
    });
  });

  it('leaves out who has come into an excluded segment, or has got an excluded message, since it began', async () => {
    const [joined, inIt, got, plain] = (await sending.people(4)) as [ProfileId, ProfileId, ProfileId, ProfileId];
    const tag = (name: string) => createTestTag(sending.sectionId, name);
    const [big, small, news] = [await tag('Big'), await tag('Small'), await tag('News')];
    await tagProfiles(sending.sectionId, [inIt], { apply: [big] });
    await tagProfiles(sending.sectionId, [got], { apply: [news] });
    const segment = await makeSegment(account.marketer, sending.sectionId, {
      ...{ kind: 'group', match: 'all' },
      items: [hasTag(big), hasNotTag(small)],
    });
    const other = await sending.message({ audience: { ...EVERYONE, include: [{ kind: 'tag', id: news }] } });
    const sendId = await sending.frozen({
      audience: {
        ...EVERYONE,
        exclude: [
          { kind: 'segment', id: segment },
          { kind: 'message', id: other },
        ],
      },
    });
    expect(await sending.states(sendId)).toEqual({ waiting: 3 });
    await tagProfiles(sending.sectionId, [joined], { apply: [big] });
    await tagProfiles(sending.sectionId, [plain], { apply: [big, small] });
    const otherSend = await sending.schedule(other);
    await prepareSend(inSend(otherSend));
    valueOf(await pauseSend(account.marketer, inSend(otherSend)));
    await turn();
    expect(await sending.states(sendId)).toEqual({ sent: 1, 'skipped excluded': 2 });
    expectOnce(1);
  });

  it('leaves out who may no longer get it: consent, suppression, exclusion and address are those of the moment of sending', async () => {
    const ids = await sending.people(8);
    const [left, complained, excluded, moved, noAddress, gaveAway, took] = ids as [
      ProfileId,
      ProfileId,
      ProfileId,
      ProfileId,
      ProfileId,
      ProfileId,
      ProfileId,
    ];
    const tagId = await createTestTag(sending.sectionId, 'Do not contact');
    const sendId = await sending.frozen({ audience: { ...EVERYONE, exclude: [{ kind: 'tag', id: tagId }] } });
    await sending.consent([left], 'opt-out');
    const keyOf = async (id: ProfileId) =>
      one<{ key: string }>(
        pool(),
        sql`select key from profile_key where section_id = ${sending.sectionId} and profile_id = ${id}`,
      ).then(({ key }) => key);
    const group = { channel: 'email', addresses: [await keyOf(complained)], reason: 'complaint' };
    valueOf(await addSuppressions(account.admin, { sectionId: sending.sectionId, groups: [group] }));
    await tagProfiles(sending.sectionId, [excluded], { apply: [tagId] });
    const setKey = (id: ProfileId, key: string | null) =>
      key === null
        ? execute(pool(), sql`delete from profile_key where section_id = ${sending.sectionId} and profile_id = ${id}`)
        : execute(
            pool(),
            sql`
              insert into profile_key (section_id, keyspace_id, key, profile_id)
              values (${sending.sectionId}, ${account.keyspaces.email}, ${key}, ${id})`,
          );
    await setKey(moved, null);
    await setKey(moved, 'moved@example.net');
    await setKey(noAddress, null);
    // Two people have exchanged their addresses: each gets it once, at the new one.
    const [one1, two] = [await keyOf(gaveAway), await keyOf(took)];
    await setKey(gaveAway, null);
    await setKey(took, null);
    await setKey(gaveAway, two);
    await setKey(took, one1);
    await turn();
    await later();
    await turn();
    await later();
    await turn();
    expect(await sending.states(sendId)).toEqual({
      sent: 4,
      'skipped noConsent': 1,
      'skipped suppressed': 1,
      'skipped excluded': 1,
      'skipped noAddress': 1,
    });
    expectOnce(4);
    const to = sink.heard.commands.filter((command) => command.startsWith('RCPT'));
    expect(to).toContain('RCPT TO:<moved@example.net>');
    expect(new Set(to).size).toBe(4);
    const kept = await rows<{ id: ProfileId; address: string }>(
      pool(),
      sql`
        select profile_id as id, address from recipient
        where section_id = ${sending.sectionId} and send_id = ${sendId} and state = 'sent'`,
    );
    expect(kept).toContainEqual({ id: moved, address: 'moved@example.net' });
    expect(kept).toContainEqual({ id: gaveAway, address: two });
    expect(kept).toContainEqual({ id: took, address: one1 });
  });

  it('stops when a tag that it excludes by is hidden, until somebody has seen to it', async () => {
    await sending.people(5);
    const tagId = await createTestTag(sending.sectionId, 'Never');
    const sendId = await sending.frozen({ audience: { ...EVERYONE, exclude: [{ kind: 'tag', id: tagId }] } });
    valueOf(await hideTag(account.admin, { sectionId: sending.sectionId, tagId }));
    await turn();
    expect(await sending.status(sendId)).toMatchObject({ status: 'paused', kind: 'attention' });
    expect((await sending.status(sendId)).reason).toMatch(/Never/);
    expectOnce(0);
  });

  it('to whom it cannot be filled in, fails, and the others get it', async () => {
    await sending.people(3);
    const sendId = await sending.frozen();
    await execute(
      pool(),
      sql`
        update message_version set compiled = compiled || '{"html": "{% for a in (1..100000000) %}x{% endfor %}"}'
        where section_id = ${sending.sectionId}`,
    );
    await turn();
    expect(await sending.states(sendId)).toEqual({ 'failed template': 3 });
    expect((await sending.status(sendId)).status).toBe('done');
    expectOnce(0);
  });

  it('without the link to unsubscribe, leaves for nobody', async () => {
    await sending.people(2);
    const sendId = await sending.frozen();
    await execute(
      pool(),
      sql`
        update message_version set compiled = compiled || '{"text": "no way out"}'
        where section_id = ${sending.sectionId}`,
    );
    await turn();
    expect(await sending.states(sendId)).toEqual({ 'failed template': 2 });
    expectOnce(0);
  });
});

describe('pause and cancel', () => {
  it('act at once: what is on its way arrives, the rest stays; going on sends it, once each', async () => {
    await sending.people(300);
    const sendId = await sending.frozen();
    say = (command) => {
      if (command === '.' && sink.heard.mails.length === 40) void pauseSend(account.marketer, inSend(sendId));
      return undefined;
    };
    await turn();
    const first = sink.heard.mails.length;
    expect(first).toBeGreaterThanOrEqual(40);
    expect(first).toBeLessThan(150);
    expect(await sending.states(sendId)).toEqual({ sent: first, waiting: 300 - first });
    expect(await sending.status(sendId)).toMatchObject({ status: 'paused', kind: 'person' });
    await turn();
    expectOnce(first);
    valueOf(await resumeSend(account.marketer, inSend(sendId)));
    await turn();
    expectOnce(300);
    expect((await sending.status(sendId)).status).toBe('done');
  });

  it('cancelled: nothing more leaves, and every row has ended', async () => {
    await sending.people(300);
    const sendId = await sending.frozen();
    say = (command) => {
      if (command === '.' && sink.heard.mails.length === 40) void cancelSend(account.marketer, inSend(sendId));
      return undefined;
    };
    await turn();
    const gone = sink.heard.mails.length;
    expect(gone).toBeLessThan(150);
    expectOnce(gone);
    expect(await sending.states(sendId)).toEqual({ sent: gone, cancelled: 300 - gone });
    expect((await sending.status(sendId)).status).toBe('cancelled');
  });
});

describe('what the server says', () => {
  it('no such mailbox, full, policy: refused, each by its reason, and never tried again', async () => {
    await sending.people(4);
    const sendId = await sending.frozen();
    const answers = ['550 5.1.1 No such user', '552 5.2.2 Mailbox full', '554 5.7.1 Not wanted here'];
    say = (command) => (command.startsWith('RCPT') ? answers.pop() : undefined);
    await turn();
    await later();
    await turn();
    expect(await sending.states(sendId)).toEqual({
      sent: 1,
      'refused address': 1,
      'refused full': 1,
      'refused policy': 1,
    });
    expectOnce(1);
    expect((await sending.status(sendId)).status).toBe('done');
  });

  it('greylisted: deferred ones are tried again by themselves, at most eight times, with the same Message-ID', async () => {
    await sending.people(1);
    const sendId = await sending.frozen();
    say = (command) => (command === '.' ? '451 4.7.1 Greylisted, come back later' : undefined);
    for (let attempt = 1; attempt <= 8; attempt++) {
      await turn();
      expect(sink.heard.mails).toHaveLength(attempt);
      await later();
    }
    expect(await sending.states(sendId)).toEqual({ 'refused expired': 1 });
    expect(new Set(messageIds(sink.heard.mails)).size).toBe(1);
    expect(new Set(sink.heard.mails.map((mail) => /^Date: .*$/m.exec(mail)?.[0])).size).toBe(1);
    await later();
    await turn();
    expect(sink.heard.mails).toHaveLength(8);
  });

  it('a provider that asks for less holds up its own lane only, for longer each time, and uses up no attempt', async () => {
    await sending.people(40, 'gmail.com');
    await sending.people(20, 'example.net');
    const sendId = await sending.frozen();
    say = (command) =>
      /^RCPT.*gmail/.test(command) ? '450 4.7.28 Our system has detected an unusual rate of mail' : undefined;
    await turn();
    expectOnce(20);
    expect(await sending.states(sendId)).toEqual({ sent: 20, waiting: 40 });
    const tried = sink.heard.commands.filter((command) => /^RCPT.*gmail/.test(command)).length;
    expect(tried).toBeLessThanOrEqual(8);
    const view = await findSend(pool(), sending.sectionId, sendId);
    expect(view?.holdUps).toMatchObject([{ provider: 'Gmail', isAll: false }]);
    const attempts = await one<{ most: number }>(
      pool(),
      sql`select max(attempts) as most from recipient where section_id = ${sending.sectionId} and send_id = ${sendId} and state = 'waiting'`,
    );
    expect(attempts.most).toBe(0);
    say = () => undefined;
    await execute(pool(), sql`update sender_lane set until = ${new Date()} where section_id = ${sending.sectionId}`);
    await later();
    await turn();
    expect(await sending.states(sendId)).toEqual({ sent: 60 });
    expectOnce(60);
  });

  it('421: its own server asks for less, and everything waits; the send is not done', async () => {
    await sending.people(30);
    const sendId = await sending.frozen();
    say = (command) => (command.startsWith('MAIL') ? '421 4.3.2 Too many connections' : undefined);
    await turn();
    expect(await sending.states(sendId)).toEqual({ waiting: 30 });
    expect((await sending.status(sendId)).status).toBe('sending');
    expect((await findSend(pool(), sending.sectionId, sendId))?.holdUps).toMatchObject([{ isAll: true }]);
    // Another turn asks nobody meanwhile.
    const { length } = sink.heard.commands;
    await turn();
    expect(sink.heard.commands).toHaveLength(length);
    say = () => undefined;
    await forgetHoldUps();
    await later();
    await turn();
    expectOnce(30);
  });

  it('it may not send: the send stops and says why; going on sends all', async () => {
    await sending.people(30);
    const sendId = await sending.frozen();
    say = (command) => (command.startsWith('MAIL') ? '550 5.7.1 Not your address' : undefined);
    await turn();
    expect(await sending.status(sendId)).toEqual({ status: 'paused', kind: 'sender', reason: 'Not your address' });
    expect(await sending.states(sendId)).toEqual({ waiting: 30 });
    say = () => undefined;
    valueOf(await resumeSend(account.marketer, inSend(sendId)));
    await turn();
    expectOnce(30);
  });

  it('nobody listens: everything waits, and goes when it is back', async () => {
    await sending.people(10);
    const sendId = await sending.frozen();
    const { port } = sink;
    await sink.close();
    await turn();
    expect(await sending.states(sendId)).toEqual({ waiting: 10 });
    expect((await findSend(pool(), sending.sectionId, sendId))?.holdUps).toMatchObject([
      { isAll: true, answer: expect.stringMatching(/Nothing is listening/) as string },
    ]);
    sink = await startSink({});
    await execute(
      pool(),
      sql`
        update sender set settings = jsonb_set(settings, '{server,port}', ${String(sink.port)}::jsonb)
        where section_id = ${sending.sectionId}`,
    );
    expect(sink.port).not.toBe(port);
    await forgetHoldUps();
    await turn();
    expectOnce(10);
    expect((await sending.status(sendId)).status).toBe('done');
  });

  it('dies after the dot: unknown, not sent again by itself; a person may say so', async () => {
    await sending.people(12);
    const sendId = await sending.frozen();
    let deaths = 0;
    say = (command) => (command === '.' && deaths++ < 3 ? DIE : undefined);
    await turn();
    await later();
    await turn();
    expect(await sending.states(sendId)).toEqual({ sent: 9, 'unknown connection': 3 });
    expect((await sending.status(sendId)).status).toBe('done');
    expectOnce(12);
    valueOf(await resolveUnknown(account.marketer, { ...inSend(sendId), as: 'again' }));
    await turn();
    expect(await sending.states(sendId)).toEqual({ sent: 12 });
    // Once more by a person's wish, with the same Message-ID.
    expect(sink.heard.mails).toHaveLength(15);
    expect(new Set(messageIds(sink.heard.mails)).size).toBe(12);
  });

  it('dies before anything has left, and in the middle: what left nothing goes once, the rest is unknown', async () => {
    await sending.people(12);
    const sendId = await sending.frozen();
    let [before, amid] = [0, 0];
    say = (command) => {
      if (command === 'DATA' && before++ < 2) return DIE;
      return command === 'BODY' && amid++ < 2 ? DIE : undefined;
    };
    await turn();
    await forgetHoldUps();
    await later();
    await turn();
    expect(await sending.states(sendId)).toEqual({ sent: 10, 'unknown connection': 2 });
    expectOnce(10);
  });

  it('where a message is important, what was perhaps lost is sent again, as the same message', async () => {
    await sending.people(2);
    const sendId = await sending.frozen({ settings: { again: true } });
    let deaths = 0;
    say = (command) => (command === '.' && deaths++ < 1 ? DIE : undefined);
    await turn();
    expect(await sending.states(sendId)).toEqual({ sent: 1, waiting: 1 });
    await later();
    await turn();
    expect(await sending.states(sendId)).toEqual({ sent: 2 });
    expect(new Set(messageIds(sink.heard.mails)).size).toBe(2);
  });
});

describe('brakes', () => {
  it('many addresses that do not exist pause the send and ask; whoever goes on has decided', async () => {
    await sending.people(700);
    const sendId = await sending.frozen();
    let mails = 0;
    say = (command) => (command.startsWith('RCPT') && mails++ % 3 === 0 ? '550 5.1.1 No such user' : undefined);
    await turn();
    const stopped = await sending.status(sendId);
    expect(stopped).toMatchObject({ status: 'paused', kind: 'brake' });
    expect(stopped.reason).toMatch(/addresses do not exist/);
    valueOf(await resumeSend(account.admin, inSend(sendId)));
    await turn();
    expect((await sending.status(sendId)).status).toBe('done');
    const states = await sending.states(sendId);
    expect((states.sent ?? 0) + (states['refused address'] ?? 0)).toBe(700);
  });
});

describe('limits', () => {
  it('of a second are kept over both slots', async () => {
    await execute(
      pool(),
      sql`
        update sender set settings = jsonb_set(settings, '{server,perSecond}', '10')
        where section_id = ${sending.sectionId}`,
    );
    await sending.people(25);
    const sendId = await sending.frozen();
    const at: number[] = [];
    say = (command) => void (command === '.' && at.push(Date.now()));
    await turn();
    expectOnce(25);
    expect((await sending.status(sendId)).status).toBe('done');
    // 25 mails at 10 a second are in at least three seconds of the clock.
    expect(at.at(-1)! - at[0]!).toBeGreaterThan(900);
  });

  it('of a day: the rest waits for the next', async () => {
    await execute(
      pool(),
      sql`
        update sender set settings = jsonb_set(settings, '{server,perDay}', '10')
        where section_id = ${sending.sectionId}`,
    );
    await sending.people(25);
    const sendId = await sending.frozen();
    await turn();
    expectOnce(10);
    expect(await sending.states(sendId)).toEqual({ sent: 10, waiting: 15 });
    expect((await sending.status(sendId)).status).toBe('sending');
    const [job] = await rows<{ at: Date }>(
      pool(),
      sql`select run_at as at from graphile_worker.jobs where key = ${`mail:${sending.sectionId}:${sending.senderId}:0`}`,
    );
    expect(job!.at.toISOString()).toMatch(/T00:00:00/);
  });
});
