// A/B tests: who gets what, when the others get theirs, and that nothing in between is lost.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProfileId, SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { tagProfiles, valueOf } from '@/testing/segments';
import { HELLO, TestSending } from '@/testing/sends';
import { EVERYONE, type Audience } from '@/lib/audience/schema';
import { chooseVariant } from './ab';
import type { AbTest } from './ab-schema';
import { messageNotices } from './approval';
import { sendMails } from './deliver';
import { startDueSends } from './due';
import { prepareSend } from './freeze';
import { destinationOfLink } from './linked';
import { readReport } from './report';
import { cancelSend, pauseSend, resumeSend } from './send-commands';
import { scheduleMessage } from './schedule';
import { findSend } from './sends';
import { sendTest } from './test-mail';
import { readMailPage } from './web-view';
import { messageToken } from './token';

let account: TestAccount;
let sending: TestSending;

beforeAll(() => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  account = await createTestAccount();
  sending = await TestSending.open(account, null);
});

const said = (subject: string, link = 'https://example.org/a') => ({
  ...HELLO,
  subject: [{ type: 'text' as const, text: subject }],
  blocks: [
    { id: 'a', kind: 'button' as const, label: [{ type: 'text' as const, text: `Go: ${subject}` }], link },
    ...HELLO.blocks,
  ],
});

const HOUR = 3_600_000;
const SUBJECTS: AbTest = {
  what: 'subject',
  others: [{ ...said('Second'), preheader: [], blocks: [] }],
  ...{ share: 40, hours: 2, decides: 'clicks', close: 'ask' },
};

const of = (sendId: SendId) => ({ sectionId: sending.sectionId, sendId });
const message = (ab: object | null, audience: Audience = EVERYONE, settings = {}) =>
  sending.message({ document: said('First'), ab, audience, settings });
async function frozen(ab: object = SUBJECTS, audience: Audience = EVERYONE): Promise<SendId> {
  const sendId = await sending.schedule(await message(ab, audience));
  await prepareSend(of(sendId));
  return sendId;
}
const work = () =>
  Promise.all([0, 1].map((slot) => sendMails({ sectionId: sending.sectionId, senderId: sending.senderId, slot })));
const placed = (sendId: SendId) =>
  rows<{ profileId: ProfileId; number: number; variant: number; inTest: boolean; state: string }>(
    pool(),
    sql`
      select profile_id as "profileId", number, variant, in_test as "inTest", state from recipient
      where section_id = ${sending.sectionId} and send_id = ${sendId} order by profile_id`,
  );
/** People of a variant click. */
const click = (sendId: SendId, variant: number, people: number) =>
  execute(
    pool(),
    sql`
      update recipient set clicked_at = ${new Date()}
      where section_id = ${sending.sectionId} and send_id = ${sendId} and number in (
        select number from recipient
        where section_id = ${sending.sectionId} and send_id = ${sendId} and variant = ${variant} and state = 'sent'
        order by number limit ${people}
      )`,
  );
const subjects = async () => {
  const found = await rows<{ subject: string; mails: number }>(
    pool(),
    sql`
      select subject, count(*)::int as mails from caught_mail
      where section_id = ${sending.sectionId} group by subject`,
  );
  return Object.fromEntries(found.map(({ subject, mails }) => [subject, mails]));
};
/** After the test part has gone out, until its time is over. */
async function through(sendId: SendId, more: () => Promise<unknown> = async () => undefined): Promise<void> {
  await work();
  await startDueSends();
  await more();
  await startDueSends(new Date(Date.now() + 2 * HOUR + 60_000));
  expect((await findSend(pool(), sending.sectionId, sendId))!.ab!.endsAt).not.toBeNull();
  await nowDue();
}
/** Those who are let go at a later moment, as these tests have it, go now. */
const nowDue = () =>
  execute(
    pool(),
    sql`update recipient set next_at = ${new Date()} where section_id = ${sending.sectionId} and state = 'waiting'`,
  );

describe('the audience', () => {
  it('is split at random, in equal parts, and the same again', async () => {
    await sending.people(100);
    const sendId = await frozen({ ...SUBJECTS, others: [...SUBJECTS.others, said('Third')], share: 45 });
    const first = await placed(sendId);
    const sizes = [0, 1, 2].map((variant) => first.filter((each) => each.inTest && each.variant === variant).length);
    expect(sizes).toEqual([15, 15, 15]);
    expect(await sending.states(sendId)).toEqual({ waiting: 45, held: 55 });
    // Not the first ones, and not one after the other.
    const order = first.map(({ inTest }) => (inTest ? 'x' : '.')).join('');
    expect(order).toMatch(/\..*x.*\..*x/);
    // A process that dies while it freezes leaves nothing; another one draws the same.
    await execute(pool(), sql`delete from recipient where section_id = ${sending.sectionId} and send_id = ${sendId}`);
    await execute(
      pool(),
      sql`
        update send set status = 'preparing', frozen_at = null
        where section_id = ${sending.sectionId} and id = ${sendId}`,
    );
    await prepareSend(of(sendId));
    const plain = (all: typeof first) => all.map(({ profileId, variant, inTest }) => [profileId, variant, inTest]);
    expect(plain(await placed(sendId))).toEqual(plain(first));
  });

  it('gets nothing but variants where the test has all of it, and then it is done', async () => {
    await sending.people(9);
    const sendId = await frozen({ ...SUBJECTS, share: 100 });
    await work();
    expect(await subjects()).toEqual({ First: 5, Second: 4 });
    expect((await sending.status(sendId)).status).toBe('done');
    expect(await chooseVariant(account.marketer, { ...of(sendId), variant: 1 })).toMatchObject({
      refusal: { code: 'conflict' },
    });
  });
});

describe('a test by clicks', () => {
  it('lets the others go with the better variant, to whom it may then still go', async () => {
    const people = await sending.people(100);
    const tagId = await createTestTag(sending.sectionId, 'Do not contact');
    const sendId = await frozen(SUBJECTS, { ...EVERYONE, exclude: [{ kind: 'tag', id: tagId }] });
    await work();
    expect(await sending.states(sendId)).toEqual({ sent: 40, held: 60 });
    expect(await subjects()).toEqual({ First: 20, Second: 20 });
    expect((await sending.status(sendId)).status).toBe('sending');
    await startDueSends();
    const { ab } = (await findSend(pool(), sending.sectionId, sendId))!;
    expect(ab!.endsAt!.getTime() - Date.now()).toBeGreaterThan(2 * HOUR - 60_000);
    await click(sendId, 0, 1);
    await click(sendId, 1, 12);
    // While they wait, one leaves, and one is excluded.
    const held = (await placed(sendId)).filter(({ state }) => state === 'held');
    await sending.consent([held[0]!.profileId], 'opt-out');
    await tagProfiles(sending.sectionId, [held[1]!.profileId], { apply: [tagId] });
    // Not before its time.
    await startDueSends(new Date(Date.now() + HOUR));
    expect((await findSend(pool(), sending.sectionId, sendId))!.winner).toBeNull();
    await startDueSends(new Date(Date.now() + 2 * HOUR + 60_000));
    // Once only, whoever looks again.
    await startDueSends(new Date(Date.now() + 3 * HOUR));
    await nowDue();
    await work();
    expect(await sending.states(sendId)).toEqual({ sent: 98, 'skipped noConsent': 1, 'skipped excluded': 1 });
    expect(await subjects()).toEqual({ First: 20, Second: 78 });
    const send = (await findSend(pool(), sending.sectionId, sendId))!;
    expect(send).toMatchObject({
      ...{ status: 'done', winner: 1, winnerBy: null },
      ab: { result: { verdict: 'better', best: 1, tallies: [{ clicked: 1 }, { clicked: 12 }] } },
    });
    const all = (await placed(sendId)).map(({ profileId }) => profileId);
    expect(new Set(all).size).toBe(people.length);
    const report = valueOf(
      await readReport(account.marketer, { sectionId: sending.sectionId, messageId: String(send.messageId) }),
    );
    expect(report.test!.variants).toMatchObject([
      { variant: 0, part: 'test', sent: 20, clicked: 1 },
      { variant: 1, part: 'test', sent: 20, clicked: 12 },
      { variant: 1, part: 'rest', sent: 58, clicked: 0 },
    ]);
  });

  it('asks where it is too close to call, and whoever chooses lets the others go', async () => {
    await sending.people(50);
    const sendId = await frozen();
    await through(sendId, () => click(sendId, 1, 2));
    expect(await sending.status(sendId)).toMatchObject({
      ...{ status: 'paused', kind: 'choice' },
      reason: expect.stringMatching(/too close to call/) as string,
    });
    expect(await messageNotices(pool(), account.admin, sending.sectionId)).toMatchObject([{ kind: 'choice', sendId }]);
    expect(await messageNotices(pool(), account.marketer, sending.sectionId)).toEqual([]);
    expect(await resumeSend(account.marketer, of(sendId))).toMatchObject({ refusal: { code: 'conflict' } });
    expect(await chooseVariant(account.marketer, { ...of(sendId), variant: 2 })).toMatchObject({
      refusal: { field: 'variant' },
    });
    valueOf(await chooseVariant(account.marketer, { ...of(sendId), variant: 0 }));
    expect(await chooseVariant(account.marketer, { ...of(sendId), variant: 1 })).toMatchObject({
      refusal: { code: 'conflict' },
    });
    await work();
    expect(await subjects()).toEqual({ First: 40, Second: 10 });
    expect(await findSend(pool(), sending.sectionId, sendId)).toMatchObject({ status: 'done', winnerBy: 'Test user' });
  });

  it('goes on with A where it is too close to call and that was wished', async () => {
    await sending.people(20);
    const sendId = await frozen({ ...SUBJECTS, close: 'first' });
    await through(sendId);
    await work();
    expect(await subjects()).toEqual({ First: 16, Second: 4 });
  });

  it('is refused where it could say nothing', async () => {
    await sending.people(2);
    const schedule = async (ab: object, settings = {}) => {
      const messageId = await message(ab, EVERYONE, settings);
      const input = {
        sectionId: sending.sectionId,
        messageId,
        wish: { when: 'now' },
        seen: await sending.seen(messageId),
      };
      return scheduleMessage(account.marketer, input);
    };
    const refusal = async (...given: Parameters<typeof schedule>) => (await schedule(...given)) as { refusal?: object };
    expect(await refusal({ ...SUBJECTS, others: [said('First')] })).toMatchObject({
      refusal: { message: 'The A/B test: The variants A and B say the same.' },
    });
    expect(await refusal({ ...SUBJECTS, others: [{ ...HELLO, subject: [] }] })).toMatchObject({
      refusal: { message: 'Variant B: Write a subject.' },
    });
    expect(await refusal(SUBJECTS, { trackClicks: false })).toMatchObject({
      refusal: { message: expect.stringMatching(/does not count them/) as string },
    });
    const noLink = { ...HELLO, subject: said('Second').subject };
    expect(await refusal({ ...SUBJECTS, what: 'message', others: [noLink] })).toMatchObject({
      refusal: { message: expect.stringMatching(/variant B has no link/) as string },
    });
    valueOf(await schedule({ ...SUBJECTS, what: 'message', others: [noLink], decides: 'person' }));
  });
});

describe('a test of the whole message', () => {
  it('writes each variant with its own links, in mails, web pages and tests', async () => {
    await sending.people(10);
    const others = [said('Second', 'https://example.org/b')];
    const messageId = await message({ ...SUBJECTS, what: 'message', others, decides: 'person' });
    const test = { sectionId: sending.sectionId, messageId, to: [account.marketer.email] };
    valueOf(await sendTest(account.marketer, { ...test, variant: 1 }));
    expect(await sendTest(account.marketer, { ...test, variant: 2 })).toMatchObject({ refusal: { code: 'invalid' } });
    expect(await subjects()).toEqual({ Second: 1 });
    const sendId = await sending.schedule(messageId);
    await prepareSend(of(sendId));
    await work();
    for (const variant of [0, 1]) {
      const { number } = (await placed(sendId)).find((each) => each.inTest && each.variant === variant)!;
      const page = await readMailPage(messageToken('view', { sectionId: sending.sectionId, number, link: 0 }));
      expect(page).toMatchObject({
        value: expect.stringContaining(variant === 0 ? 'Go: First' : 'Go: Second') as string,
      });
      const link = { sectionId: sending.sectionId, number, link: variant };
      expect(await destinationOfLink(link)).toBe(`https://example.org/${variant === 0 ? 'a' : 'b'}`);
    }
    // Its time begins once it is out, and a person may choose before that is over.
    await startDueSends();
    valueOf(await chooseVariant(account.admin, { ...of(sendId), variant: 1 }));
    await work();
    expect(await subjects()).toEqual({ First: 2, Second: 1 + 2 + 6 });
    // New people get what the others got, without a test.
    await sending.people(3);
    const again = await sending.schedule(messageId, { again: true });
    await prepareSend(of(again));
    await work();
    expect(await subjects()).toEqual({ First: 2, Second: 12 });
    expect(await findSend(pool(), sending.sectionId, again)).toMatchObject({ status: 'done', ab: null });
  });
});

describe('what stops in between', () => {
  it('a pause holds up the decision, and a cancel ends it: those who are held never get it', async () => {
    await sending.people(20);
    const sendId = await frozen({ ...SUBJECTS, close: 'first' });
    await work();
    await startDueSends();
    valueOf(await pauseSend(account.marketer, of(sendId)));
    const late = new Date(Date.now() + 3 * HOUR);
    await startDueSends(late);
    expect(await findSend(pool(), sending.sectionId, sendId)).toMatchObject({ status: 'paused', winner: null });
    valueOf(await resumeSend(account.marketer, of(sendId)));
    await startDueSends(late);
    expect(await findSend(pool(), sending.sectionId, sendId)).toMatchObject({ status: 'sending', winner: 0 });

    const other = await frozen();
    await work();
    valueOf(await cancelSend(account.marketer, of(other)));
    await startDueSends(late);
    expect(await sending.states(other)).toEqual({ sent: 8, cancelled: 12 });
  });

  it('who is tried again later does not hold up the time, and no job runs for nothing while it passes', async () => {
    await sending.people(20);
    const sendId = await frozen();
    await work();
    await execute(
      pool(),
      sql`
        update recipient set state = 'waiting', attempts = 1, ended_at = null, next_at = ${new Date(Date.now() + HOUR)}
        where section_id = ${sending.sectionId} and send_id = ${sendId} and number = (
          select min(number) from recipient
          where section_id = ${sending.sectionId} and send_id = ${sendId} and state = 'sent'
        )`,
    );
    await startDueSends();
    expect((await findSend(pool(), sending.sectionId, sendId))!.ab!.endsAt).not.toBeNull();
    await execute(pool(), sql`delete from graphile_worker._private_jobs`);
    await startDueSends();
    const { jobs } = await one<{ jobs: number }>(
      pool(),
      sql`
        select count(*)::int as jobs from graphile_worker.jobs
        where key like ${`mail:${sending.sectionId}:${sending.senderId}:%`}`,
    );
    expect(jobs).toBe(0);
  });
});
