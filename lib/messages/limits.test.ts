// How many marketing messages somebody gets at most: over all messages and flows, also of those that are claimed at the same moment.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, SendId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { tick } from '@/lib/flows/tick';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { historyOf, publishTestFlow, runOf } from '@/testing/flows';
import { TestSending } from '@/testing/sends';
import { startSink, type Sink } from '@/testing/smtp/sink';
import { sendMails } from './deliver';
import { prepareSend } from './freeze';
import { readSendLimits, setSendLimits } from './limits';

const DAY = 86_400_000;

let account: TestAccount;
let sending: TestSending;
let sink: Sink;
let people: ProfileId[];

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  account = await createTestAccount();
  sink = await startSink();
  sending = await TestSending.open(account, { port: sink.port });
  people = await sending.people(3);
});
afterEach(() => sink.close());

const limit = async (most: number, days = 7) =>
  valueOf(
    await setSendLimits(account.admin, { sectionId: account.sectionId, limits: { email: { most, days }, sms: null } }),
  );
const deliver = () =>
  Promise.all(
    [0, 1].map((slot) =>
      sendMails(
        { sectionId: account.sectionId, senderId: sending.senderId, slot },
        { replyMs: 400, resetMs: 300, turnMs: 20_000 },
      ),
    ),
  );
/** The mails of a section were sent that much earlier. */
const earlier = (ms: number) =>
  execute(
    pool(),
    sql`
      update recipient set ended_at = ended_at - ${`${ms} milliseconds`}::interval
      where section_id = ${account.sectionId} and state = 'sent'`,
  );
const states = (sendId: SendId) => sending.states(sendId);

describe('who has had enough', () => {
  it('is skipped, and gets messages again once the days are over; service messages are neither counted nor held back', async () => {
    await limit(2);
    const service = await sending.frozen({ kind: 'service' });
    const [first, second, third] = [await sending.frozen(), await sending.frozen(), await sending.frozen()];
    await deliver();
    expect(await states(service)).toEqual({ sent: 3 });
    const all = [await states(first), await states(second), await states(third)];
    expect(all.map(({ sent = 0 }) => sent).sort((one, two) => one - two)).toHaveLength(3);
    expect(all.reduce((sum, { sent = 0 }) => sum + sent, 0)).toBe(6);
    expect(all.reduce((sum, found) => sum + (found['skipped limit'] ?? 0), 0)).toBe(3);
    await earlier(8 * DAY);
    const later = await sending.frozen();
    await deliver();
    expect(await states(later)).toEqual({ sent: 3 });
  });

  it('holds for messages that are claimed at the same moment by different senders', async () => {
    await limit(1);
    const other = await TestSending.open(account, { port: sink.port });
    // To the same people, by a sender of its own.
    const message = await other.message();
    await execute(
      pool(),
      sql`
        update message set topic_ids = ${[sending.topicId]}::int[]
        where section_id = ${account.sectionId} and id = ${message}`,
    );
    const sends = [await sending.frozen(), await other.schedule(message)];
    await prepareSend({ sectionId: account.sectionId, sendId: sends[1]! });
    const of = (sender: TestSending) =>
      [0, 1].map((slot) =>
        sendMails(
          { sectionId: account.sectionId, senderId: sender.senderId, slot },
          { replyMs: 400, resetMs: 300, turnMs: 20_000 },
        ),
      );
    await Promise.all([...of(sending), ...of(other)]);
    const [one, two] = [await states(sends[0]!), await states(sends[1]!)];
    expect((one.sent ?? 0) + (two.sent ?? 0)).toBe(3);
    expect((one['skipped limit'] ?? 0) + (two['skipped limit'] ?? 0)).toBe(3);
    expect(sink.heard.mails).toHaveLength(3);
  });

  it('is set by admins, and read by everybody', async () => {
    const { sectionId } = account;
    const limits = { email: { most: 3, days: 7 }, sms: null };
    expect(await setSendLimits(account.marketer, { sectionId, limits })).toMatchObject({ ok: false });
    valueOf(await setSendLimits(account.admin, { sectionId, limits }));
    expect(valueOf(await readSendLimits(account.marketer, { sectionId }))).toEqual(limits);
  });
});

describe('a step of a flow', () => {
  let trigger: TagId;
  const mailing = async (more: object) => {
    trigger = await createTestTag(account.sectionId, `Trigger ${Math.random()}`);
    return publishTestFlow(account, {
      trigger: { kind: 'tag_applied', tagId: trigger },
      steps: [{ id: 'mail', kind: 'email', messageId: await sending.message(), ...more }],
    });
  };
  const enter = () =>
    transaction((tx) =>
      changeTags(
        tx,
        { sectionId: account.sectionId, source: 'user', userId: null },
        wantedFor(sql`select unnest(${people}::bigint[]) as profile_id`, { apply: [trigger], remove: [] }),
      ),
    );
  const history = (flowId: FlowId) => historyOf(account.sectionId, flowId, people[0]!);

  it('skips whoever has had enough, or has them wait until they may get it', async () => {
    await limit(1);
    await sending.frozen();
    await deliver();
    const skipping = await mailing({});
    await enter();
    const waiting = await mailing({ ifOver: 'wait' });
    await enter();
    await tick();
    expect(await history(skipping)).toEqual(['entered', 'mail skipped limit', 'left done']);
    const run = await runOf(account.sectionId, waiting, people[0]!);
    expect(run).toMatchObject({ step: 'mail' });
    const left = run!.dueAt!.getTime() - Date.now();
    expect(left).toBeGreaterThan(7 * DAY - 60_000);
    expect(left).toBeLessThanOrEqual(7 * DAY);
    // Nobody looks at them before.
    await tick({ now: new Date(Date.now() + 6 * DAY) });
    expect(await history(waiting)).toEqual(['entered']);
    await earlier(8 * DAY);
    await execute(
      pool(),
      sql`update flow_run set due_at = ${new Date()} where section_id = ${account.sectionId} and due_at is not null`,
    );
    await tick();
    await deliver();
    await tick({ now: new Date(Date.now() + 10_000) });
    expect(await history(waiting)).toEqual(['entered', 'mail passed', 'left done']);
  });

  it('has somebody wait too whose other message was faster', async () => {
    await limit(1);
    const waiting = await mailing({ ifOver: 'wait' });
    await enter();
    await tick();
    // Their mail waits in the pipeline, and so does another one, which leaves first.
    await execute(
      pool(),
      sql`
        update recipient set state = 'skipped', why = 'limit', ended_at = ${new Date()}
        where section_id = ${account.sectionId} and state = 'waiting'`,
    );
    await sending.frozen();
    await deliver();
    await tick({ now: new Date(Date.now() + 60_000) });
    const run = await runOf(account.sectionId, waiting, people[0]!);
    expect(run).toMatchObject({ step: 'mail' });
    expect(run!.dueAt!.getTime() - Date.now()).toBeGreaterThan(6 * DAY);
  });
});
