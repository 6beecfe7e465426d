// What comes between: a cancellation and a result, a slow server and somebody who leaves, a claim and the answer to it. And that what is given back
// gives its room back.
import type pg from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { EVERYONE } from '@/lib/audience/schema';
import type { ProfileId, SendId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { pauseSender } from '@/lib/sending/commands';
import { addSuppressions } from '@/lib/suppression/commands';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { tagProfiles, valueOf } from '@/testing/segments';
import { messageIds, TestSending } from '@/testing/sends';
import { startSink, type Say, type Sink } from '@/testing/smtp/sink';
import type { Claimed } from './claim';
import { sendMails, type DeliverOptions } from './deliver';
import { startDueSends } from './due';
import { takeSteps } from './in-steps';
import { endLease } from './leases';
import { endIfDone } from './progress';
import { keepResults } from './results';
import { cancelSend, pauseSend, resolveUnknown } from './send-commands';
import { findSend } from './sends';
import { settled, unused } from './settle';
import { SERVICE_SLOT } from './queue';
import { addRecipient, giveToApi, openReady } from './transactional';

let account: TestAccount;
let sending: TestSending;
let sink: Sink;
let say: (command: string) => Say;
/** What the sink waits for before it says something. */
let wait: (command: string) => Promise<unknown> | undefined;

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  say = () => undefined;
  wait = () => undefined;
  account = await createTestAccount();
  sink = await startSink({ reply: (command) => say(command), wait: (command) => wait(command) });
  sending = await TestSending.open(account, { port: sink.port, perHour: 1_000 });
});
afterEach(() => sink.close());

const inSend = (sendId: SendId) => ({ sectionId: sending.sectionId, sendId });
const slot = () => ({ sectionId: sending.sectionId, senderId: sending.senderId, slot: 0 });
const turn = (options: DeliverOptions = {}) =>
  sendMails(slot(), { replyMs: 3_000, resetMs: 300, turnMs: 30_000, ...options });
const soon = () => new Promise((resolve) => setTimeout(resolve, 150));

const deferred = (claims: readonly Claimed[]) =>
  claims.map((one1) =>
    settled(
      one1,
      { kind: 'deferred', why: 'recipient', code: 451, status: '4.2.0', text: 'not now' },
      { again: false, now: new Date() },
    ),
  );

/** Runs `work` while another transaction has done `first` and not committed. */
async function beside(first: (other: pg.PoolClient) => Promise<unknown>, work: () => Promise<unknown>): Promise<void> {
  const other = await pool().connect();
  try {
    await other.query('begin');
    await first(other);
    const working = work();
    await soon();
    await other.query('commit');
    await working;
  } finally {
    other.release();
  }
}

const cancelling = (sendId: SendId) => (other: pg.PoolClient) =>
  other.query(`update send set status = 'cancelled' where section_id = ${sending.sectionId} and id = ${sendId}`);

describe('a send that is being cancelled', () => {
  it('takes no row back that its server has deferred', async () => {
    await sending.people(3);
    const sendId = await sending.frozen();
    const { holder, claims } = await sending.claimed(sendId);
    await beside(cancelling(sendId), () => keepResults(holder, deferred(claims)));
    expect(await sending.states(sendId)).toEqual({ cancelled: 3 });
    const { late } = await one<{ late: boolean }>(
      pool(),
      sql`select bool_or(ended_at > ${new Date()}) as late from recipient where section_id = ${sending.sectionId}`,
    );
    expect(late).toBe(false);
  });

  it('takes none back of a holder that has gone', async () => {
    await sending.people(3);
    const sendId = await sending.frozen();
    const { holder } = await sending.claimed(sendId);
    await beside(cancelling(sendId), () => endLease(holder.slot, holder.lease));
    expect(await sending.states(sendId)).toEqual({ cancelled: 3 });
  });

  it('ends what comes back while it waits for that', async () => {
    const [first] = await sending.people(3);
    const sendId = await sending.frozen();
    const { holder, claims } = await sending.claimed(sendId);
    let keeping: Promise<void>;
    let cancelled: ReturnType<typeof cancelSend>;
    // The results wait for a row, and the cancellation for them.
    await beside(
      (other) =>
        other.query(
          `select from recipient where section_id = ${sending.sectionId} and profile_id = ${first} for no key update`,
        ),
      async () => {
        keeping = keepResults(holder, deferred(claims));
        await new Promise((resolve) => setTimeout(resolve, 50));
        cancelled = cancelSend(account.marketer, inSend(sendId));
        await Promise.all([keeping, cancelled]);
      },
    );
    expect(await sending.states(sendId)).toEqual({ cancelled: 3 });
  });

  it('has many rows: it counts as cancelled at once, and they follow in steps', async () => {
    await sending.people(25);
    const sendId = await sending.frozen();
    await execute(
      pool(),
      sql`update send set status = 'cancelled' where section_id = ${sending.sectionId} and id = ${sendId}`,
    );
    expect(await findSend(pool(), sending.sectionId, sendId)).toMatchObject({ byState: { cancelled: 25, waiting: 0 } });
    expect(await sending.states(sendId)).toEqual({ waiting: 25 });
    await takeSteps(inSend(sendId), { rowsOfStep: 10 });
    expect(await sending.states(sendId)).toEqual({ cancelled: 25 });
  });
});

describe('a send that ends', () => {
  it('does not, while somebody has what is unknown sent again', async () => {
    await sending.people(1);
    const sendId = await sending.frozen();
    await execute(
      pool(),
      sql`update recipient set state = 'unknown' where section_id = ${sending.sectionId} and send_id = ${sendId}`,
    );
    const ofSend = `section_id = ${sending.sectionId}`;
    await beside(
      async (other) => {
        await other.query(`select from send where ${ofSend} and id = ${sendId} for update`);
        await other.query(`update recipient set state = 'waiting' where ${ofSend} and send_id = ${sendId}`);
      },
      () => transaction((tx) => endIfDone(tx, sending.sectionId, sendId)),
    );
    expect(await sending.status(sendId)).toMatchObject({ status: 'sending' });
    await turn();
    expect(await sending.states(sendId)).toEqual({ sent: 1 });
    expect(await resolveUnknown(account.admin, { ...inSend(sendId), as: 'again' })).toMatchObject({ ok: false });
  });
});

describe('what is unknown', () => {
  it('goes again at once, also while an A/B test waits for its end', async () => {
    await sending.people(1);
    const sendId = await sending.frozen();
    const ofSend = sql`section_id = ${sending.sectionId} and send_id = ${sendId}`;
    await execute(pool(), sql`update recipient set state = 'unknown', next_at = ${new Date()} where ${ofSend}`);
    await execute(
      pool(),
      sql`
        update send set ab = '{"what":"subject","share":20,"hours":4,"decides":"clicks","close":"ask","variants":2}',
          ab_ends_at = ${new Date(Date.now() + 3_600_000)}
        where section_id = ${sending.sectionId} and id = ${sendId}`,
    );
    const name = `mail:${sending.sectionId}:${sending.senderId}:0`;
    await execute(pool(), sql`select graphile_worker.remove_job(${name})`);
    valueOf(await resolveUnknown(account.admin, { ...inSend(sendId), as: 'again' }));
    expect(await rows(pool(), sql`select from graphile_worker.jobs where key = ${name}`)).toHaveLength(1);
  });
});

describe('somebody who may get nothing any more', () => {
  it('as they have left in the second before their mail, does not get it', async () => {
    const ids = await sending.people(6);
    const sendId = await sending.frozen();
    let leaving: Promise<unknown> | undefined;
    wait = (command) => (command.startsWith('RCPT') ? (leaving ??= sending.consent(ids, 'opt-out')) : undefined);
    await turn();
    expect(sink.heard.mails).toEqual([]);
    expect(await sending.states(sendId)).toEqual({ 'skipped noConsent': 6 });
    expect(await sending.used()).toBe(0);
  });

  it('as they were suppressed then, does not get it', async () => {
    await sending.people(4);
    const sendId = await sending.frozen();
    const addresses = (
      await rows<{ key: string }>(
        pool(),
        sql`select key from profile_key where section_id = ${sending.sectionId} and key like '%@example.com'`,
      )
    ).map(({ key }) => key);
    const groups = [{ channel: 'email', addresses, reason: 'complaint' }];
    let suppressing: Promise<unknown> | undefined;
    wait = (command) =>
      command.startsWith('RCPT')
        ? (suppressing ??= addSuppressions(account.admin, { sectionId: sending.sectionId, groups }))
        : undefined;
    await turn();
    expect(sink.heard.mails).toEqual([]);
    expect(await sending.states(sendId)).toEqual({ 'skipped suppressed': 4 });
  });

  it('as they have come into what is excluded while a slow server had others, is looked at again', async () => {
    const ids = await sending.people(6);
    const tagId = await createTestTag(sending.sectionId, 'Do not contact');
    await execute(
      pool(),
      sql`
        update sender set settings = jsonb_set(settings, '{server,connections}', '1')
        where section_id = ${sending.sectionId}`,
    );
    const sendId = await sending.frozen({ audience: { ...EVERYONE, exclude: [{ kind: 'tag', id: tagId }] } });
    let tagging: Promise<unknown> | undefined;
    wait = (command) => {
      if (!command.startsWith('RCPT')) return undefined;
      tagging ??= tagProfiles(sending.sectionId, ids, { apply: [tagId] });
      return tagging.then(() => new Promise((resolve) => setTimeout(resolve, 400)));
    };
    await turn({ staleMs: 300 });
    const states = await sending.states(sendId);
    // At most two were begun at once.
    const { sent = 0, 'skipped excluded': excluded = 0 } = states;
    expect(sent + excluded).toBe(6);
    expect(sent).toBeLessThanOrEqual(2);
    expect(await sending.used()).toBe(sent);
  });

  it('as they are erased while their mail is handed over: what the server says about them is not kept', async () => {
    const [gone] = (await sending.people(1)) as [ProfileId];
    const sendId = await sending.frozen();
    let erasing: Promise<unknown> | undefined;
    wait = (command) => {
      if (command !== '.') return undefined;
      return (erasing ??= eraseProfile(account.admin, { sectionId: sending.sectionId, profileId: gone }));
    };
    say = (command) => (command === '.' ? '550 5.1.1 <p0@example.com> is not here' : undefined);
    await turn();
    expect(await sending.states(sendId)).toEqual({ 'refused address': 1 });
    const { answer } = await one<{ answer: string | null }>(
      pool(),
      sql`select answer from recipient where section_id = ${sending.sectionId} and send_id = ${sendId}`,
    );
    expect(answer).toBeNull();
  });
});

describe('room of a sender', () => {
  it('is given back for what was claimed and not handed over, and the next attempt is the first', async () => {
    await sending.people(30);
    const sendId = await sending.frozen();
    const { holder, claims } = await sending.claimed(sendId);
    expect(await sending.used()).toBe(30);
    const [one1, two, ...others] = claims;
    const now = new Date();
    await keepResults(holder, [
      ...deferred([one1!]),
      ...[two!, ...others.slice(0, 10)].map((each) => unused(each, now)),
    ]);
    expect(await sending.used()).toBe(19);
    // What is given back twice is given back once.
    await keepResults(holder, [unused(two!, now)]);
    expect(await sending.used()).toBe(19);
    await endLease(holder.slot, holder.lease);
    expect(await sending.used()).toBe(1);
    const tried = await rows<{ code: number | null; people: number }>(
      pool(),
      sql`
        select code, count(*)::int as people from recipient
        where section_id = ${sending.sectionId} and send_id = ${sendId} and tried_at is not null group by code`,
    );
    expect(tried).toEqual([{ code: 451, people: 1 }]);
  });

  it('is given back when a send is paused', async () => {
    await sending.people(200);
    const sendId = await sending.frozen();
    let pausing: ReturnType<typeof pauseSend> | undefined;
    wait = (command) =>
      command === '.' && sink.heard.mails.length === 20
        ? (pausing ??= pauseSend(account.marketer, inSend(sendId)))
        : undefined;
    await turn();
    const { sent } = await sending.states(sendId);
    expect(sent).toBeLessThan(150);
    expect(await sending.used()).toBe(sent);
    expect(messageIds(sink.heard.mails)).toHaveLength(sent!);
  });
});

it('a sender that is paused sends nothing more at once, and goes on when it is resumed', async () => {
  await sending.people(200);
  const sendId = await sending.frozen();
  const { sectionId, senderId } = sending;
  let pausing: ReturnType<typeof pauseSender> | undefined;
  wait = (command) =>
    command === '.' && sink.heard.mails.length === 20
      ? (pausing ??= pauseSender(account.admin, { sectionId, senderId, paused: true }))
      : undefined;
  await turn();
  const { sent, waiting } = await sending.states(sendId);
  expect(sent).toBeLessThan(150);
  expect(waiting).toBe(200 - sent!);
  expect(await sending.used()).toBe(sent);
  expect(await sending.status(sendId)).toMatchObject({ status: 'sending' });
  valueOf(await pauseSender(account.admin, { sectionId, senderId, paused: false }));
  await turn();
  expect(await sending.states(sendId)).toEqual({ sent: 200 });
  expect(new Set(messageIds(sink.heard.mails)).size).toBe(200);
});

describe('what a holder has claimed without hearing of it', () => {
  /** As if the connection had broken while the claim was committed. */
  const claimUnheard = async () => {
    const now = new Date();
    return execute(
      pool(),
      sql`
        update recipient set state = 'claimed', tried_at = ${now},
          lease = (
            select lease from sender_lease
            where section_id = ${sending.sectionId} and sender_id = ${sending.senderId} and slot = 0
          )
        where section_id = ${sending.sectionId} and state = 'waiting'`,
    );
  };

  it('goes in the same turn', async () => {
    await sending.people(100);
    const sendId = await sending.frozen();
    let claiming: Promise<number> | undefined;
    wait = (command) => (command.startsWith('RCPT') ? (claiming ??= claimUnheard()) : undefined);
    await turn();
    expect(await claiming).toBeGreaterThan(0);
    expect(await sending.states(sendId)).toEqual({ sent: 100 });
    expect(new Set(messageIds(sink.heard.mails)).size).toBe(100);
    expect(await sending.status(sendId)).toMatchObject({ status: 'done' });
  });

  it('has a job when the turn ends before', async () => {
    await sending.people(100);
    const sendId = await sending.frozen();
    const name = `mail:${sending.sectionId}:${sending.senderId}:0`;
    const jobs = () =>
      rows(pool(), sql`select key from graphile_worker.jobs where key = ${name} and run_at <= ${new Date()}`);
    await execute(pool(), sql`select graphile_worker.remove_job(${name})`);
    const stop = new AbortController();
    let claiming: Promise<unknown> | undefined;
    wait = (command) =>
      command.startsWith('RCPT') ? (claiming ??= claimUnheard().then(() => stop.abort())) : undefined;
    await turn({ signal: stop.signal });
    const { sent = 0, waiting } = await sending.states(sendId);
    expect(waiting).toBe(100 - sent);
    expect(await jobs()).toHaveLength(1);
    // What was on its way when the process stopped is tried a little later.
    await execute(
      pool(),
      sql`update recipient set next_at = ${new Date()} where section_id = ${sending.sectionId} and state = 'waiting'`,
    );
    await turn();
    expect(await sending.states(sendId)).toEqual({ sent: 100 });
  });
});

it('a send that cannot be seen to keeps no other from what is due for it', async () => {
  await sending.people(1);
  const [broken, other] = [await sending.frozen(), await sending.frozen()];
  await execute(
    pool(),
    sql`
      update send set ab = '{"hours":1}', ab_ends_at = ${new Date(Date.now() - 60_000)}
      where section_id = ${sending.sectionId} and id = ${broken}`,
  );
  const name = `mail:${sending.sectionId}:${sending.senderId}:0`;
  await execute(pool(), sql`select graphile_worker.remove_job(${name})`);
  await expect(startDueSends()).rejects.toThrow();
  expect(await rows(pool(), sql`select from graphile_worker.jobs where key = ${name}`)).toHaveLength(1);
  // Other tests look at all sends.
  await execute(
    pool(),
    sql`update send set status = 'cancelled' where section_id = ${sending.sectionId} and id = any(${[broken, other]}::int[])`,
  );
});

describe('jobs for calls of the API', () => {
  it('are looked for with one statement for a section, however many senders it has', async () => {
    const senders = 5;
    const messages = await Promise.all(
      Array.from({ length: senders }, async () => {
        const other = await TestSending.open(account, { port: sink.port });
        const messageId = await other.message({ kind: 'service' });
        const { sectionId } = other;
        valueOf(await giveToApi(account.admin, { sectionId, messageId, seen: await other.seen(messageId) }));
        return { messageId, senderId: other.senderId };
      }),
    );
    const [person] = (await sending.people(1)) as [ProfileId];
    await transaction(async (tx) => {
      const ready = await openReady(tx, sending.sectionId, messages[2]!.messageId);
      await addRecipient(tx, ready, { profileId: person, given: { names: {}, attributes: {} } });
    });
    const nameOf = ({ senderId }: (typeof messages)[number]) => `mail:${sending.sectionId}:${senderId}:${SERVICE_SLOT}`;
    for (const message of messages) {
      await execute(pool(), sql`select graphile_worker.remove_job(${nameOf(message)})`);
    }
    const query = vi.spyOn(pool(), 'query');
    await startDueSends();
    const asked = query.mock.calls
      .map(([text]) => JSON.stringify(text))
      .filter((text) => text.includes("origin = 'api'"));
    query.mockRestore();
    // Other tests of this database have sections of their own.
    expect(asked.length).toBeLessThan(senders);
    const jobs = await rows<{ key: string }>(
      pool(),
      sql`select key from graphile_worker.jobs where key = any(${messages.map(nameOf)}::text[])`,
    );
    expect(jobs).toEqual([{ key: nameOf(messages[2]!) }]);
  });
});
