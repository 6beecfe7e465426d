// Messages that flows send: once to each, by the pipeline of messages, with a last look; the run stands at its step until it is known what became of it.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, MessageId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { changeConsents } from '@/lib/consents/change';
import { sendMails } from '@/lib/messages/deliver';
import { giveToFlows } from '@/lib/messages/for-flows';
import { cancelSend } from '@/lib/messages/send-commands';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import {
  createTestFlow,
  expectCountsToFit,
  historyOf,
  publishTestFlow,
  runOf,
  type FlowDraftSettings,
} from '@/testing/flows';
import { allOf, hasTag, rulesOf } from '@/testing/segments';
import { HELLO, messageIds, TestSending } from '@/testing/sends';
import { startSink, type Say, type Sink } from '@/testing/smtp/sink';
import { pauseFlow, publishFlow, resumeFlow, stopFlow } from './publish';
import { readFlowNumbers } from './reads';
import { tick } from './tick';

let account: TestAccount;
let sending: TestSending;
let sink: Sink;
let say: (command: string) => Say;
let tags: { trigger: TagId; stop: TagId; done: TagId };

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  say = () => undefined;
  account = await createTestAccount();
  sink = await startSink({ reply: (command) => say(command) });
  sending = await TestSending.open(account, { port: sink.port });
  const tag = (name: string) => createTestTag(account.sectionId, name);
  tags = { trigger: await tag('Trigger'), stop: await tag('Stop'), done: await tag('Emailed') };
});
afterEach(() => sink.close());

const change = (ids: readonly ProfileId[], apply: TagId[], remove: TagId[] = []) =>
  transaction((tx) =>
    changeTags(
      tx,
      { sectionId: account.sectionId, source: 'user', userId: null },
      wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply, remove }),
    ),
  );
/** One turn of each slot of the sender. */
const deliver = () =>
  Promise.all(
    [0, 1].map((slot) =>
      sendMails(
        { sectionId: account.sectionId, senderId: sending.senderId, slot },
        { replyMs: 400, resetMs: 300, turnMs: 20_000 },
      ),
    ),
  );
/** A moment of the clock on the wall, later than all that was done so far. */
const soon = (ms = 2_000) => new Date(Date.now() + ms);
const mailing = (messageId: MessageId, settings: FlowDraftSettings = {}, more = {}) =>
  publishTestFlow(
    account,
    {
      trigger: { kind: 'tag_applied', tagId: tags.trigger },
      steps: [
        { id: 'mail', kind: 'email', messageId, ...more },
        { id: 'tags', kind: 'tags', apply: [tags.done] },
      ],
    },
    settings,
  );
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });
const numbers = async (flowId: FlowId) => valueOf(await readFlowNumbers(account.marketer, of(flowId)));
const history = (flowId: FlowId, profileId: ProfileId) => historyOf(account.sectionId, flowId, profileId);
const run = (flowId: FlowId, profileId: ProfileId) => runOf(account.sectionId, flowId, profileId);

describe('a step that sends', () => {
  it('sends once, and the next step is done when that is known (cases 1, 22, 27 and 148)', async () => {
    const people = await sending.people(30);
    const flowId = await mailing(await sending.message());
    await change(people, [tags.trigger]);
    await tick();
    expect((await numbers(flowId)).steps.mail).toMatchObject({ arrived: 30, waiting: 30 });
    await deliver();
    for (let again = 0; again < 20; again++) await tick({ now: soon(again * 60_000) });
    await deliver();
    expect(new Set(messageIds(sink.heard.mails)).size).toBe(30);
    expect(sink.heard.mails).toHaveLength(30);
    expect(await numbers(flowId)).toMatchObject({ inside: 0, left: { done: 30 } });
    expect(await history(flowId, people[0]!)).toEqual(['entered', 'mail passed', 'tags passed', 'left done']);
    await expectCountsToFit(account.sectionId, flowId);
  });

  it.each(['tag', 'rules'] as const)(
    'sends nothing to who has reached the goal (%s) since they came to it',
    async (kind) => {
      const [reaches, other] = (await sending.people(2)) as [ProfileId, ProfileId];
      const goal =
        kind === 'tag'
          ? { kind, tagId: tags.stop }
          : { kind, rules: rulesOf(allOf(hasTag(tags.stop), hasTag(tags.trigger))) };
      const flowId = await mailing(await sending.message(), { goal });
      await change([reaches, other], [tags.trigger]);
      await tick();
      // Before the flow has heard of it.
      await change([reaches], [tags.stop]);
      await deliver();
      expect(sink.heard.mails).toHaveLength(1);
      for (let again = 0; again < 3; again++) await tick({ now: soon(again * 60_000) });
      expect(await run(flowId, reaches)).toMatchObject({ outcome: 'goal' });
      expect(await run(flowId, other)).toMatchObject({ outcome: 'done' });
      await expectCountsToFit(account.sectionId, flowId);
    },
  );

  it('goes on without those who may not get it, and says so; one that the server refuses is not tried again (cases 2, 19, 21 and 29)', async () => {
    const people = await sending.people(4);
    const [nobody] = await createTestProfiles(account.sectionId, 1);
    await sending.consent([people[1]!], 'opt-out');
    say = (command) => (command.startsWith('RCPT') && command.includes('p2.') ? '550 5.1.1 No such user' : undefined);
    const [on, leaving] = [
      await mailing(await sending.message()),
      await mailing(await sending.message(), {}, { ifNot: 'leave' }),
    ];
    await change([...people, nobody!], [tags.trigger]);
    await tick();
    await deliver();
    for (let again = 0; again < 5; again++) await tick({ now: soon(again * 600_000) });
    expect(await numbers(on)).toMatchObject({ inside: 0, left: { done: 5 } });
    expect((await numbers(on)).steps.mail).toMatchObject({ passed: 2, skipped: 3 });
    expect(await numbers(leaving)).toMatchObject({ inside: 0, left: { done: 2, not_sent: 3 } });
    expect((await history(on, people[1]!))[1]).toBe('mail skipped noConsent');
    expect((await history(on, people[2]!))[1]).toMatch(/^mail skipped /);
    expect((await history(on, nobody!))[1]).toBe('mail skipped noAddress');
  });

  it('passes over those who have not confirmed yet, and those who left since, and says so (cases 28, 86 and 102)', async () => {
    const people = await sending.people(3);
    const [pending, late, back] = people as [ProfileId, ProfileId, ProfileId];
    await sending.consent([pending], 'pending-opt-in');
    const flowId = await mailing(await sending.message(), { again: { kind: 'each_time' } });
    await change(people, [tags.trigger]);
    await tick();
    // An unsubscribe that was made before they entered, and that comes to be known only now.
    await transaction((tx) =>
      changeConsents(
        tx,
        { sectionId: account.sectionId, source: 'user', userId: null, at: new Date(Date.now() - 86_400_000) },
        sql`
          select ${late}::bigint as profile_id, ${sending.topicId}::int as topic_id, 'email'::text as channel,
            'opt-out'::text as type, '' as reason, '' as source, '' as wording, '' as proof`,
      ),
    );
    await sending.consent([back], 'opt-out');
    await change([back], [], [tags.trigger]);
    await sending.consent([back], 'opt-in');
    await change([back], [tags.trigger]);
    await tick();
    await deliver();
    for (let again = 0; again < 3; again++) await tick({ now: soon(again * 600_000) });
    await deliver();
    expect((await history(flowId, pending))[1]).toBe('mail skipped noConsent');
    expect((await history(flowId, late))[1]).toBe('mail skipped noConsent');
    // Who came back while they were inside stays there once, and gets one mail.
    expect(await history(flowId, back)).toEqual(['entered', 'mail passed', 'tags passed', 'left done']);
    expect(sink.heard.mails).toHaveLength(1);
    expect(await numbers(flowId)).toMatchObject({ entered: 3, inside: 0, refused: { inside: 1 } });
  });

  it('hands nothing over once the exit tag is there, whether it was noticed or not (cases 95, 96 and 105)', async () => {
    const people = await sending.people(3);
    const flowId = await mailing(await sending.message(), { exitTagId: tags.stop });
    await change(people, [tags.trigger]);
    await tick();
    await change([people[0]!], [tags.stop]);
    await deliver();
    expect(sink.heard.mails).toHaveLength(2);
    await tick({ now: soon() });
    expect(await run(flowId, people[0]!)).toMatchObject({ outcome: 'exit_tag' });
    expect(await numbers(flowId)).toMatchObject({ inside: 0, left: { done: 2, exit_tag: 1 } });
  });

  it('waits for the hours of each person’s day (case 46)', async () => {
    const people = await sending.people(1);
    const minutes = (shift: number) => new Date(Date.now() + shift * 60_000).toISOString().slice(11, 16);
    const flowId = await mailing(await sending.message(), { hours: { from: minutes(60), to: minutes(120) } });
    await change(people, [tags.trigger]);
    await tick();
    await deliver();
    expect(sink.heard.mails).toHaveLength(0);
    const { dueAt } = (await run(flowId, people[0]!))!;
    expect(dueAt!.toISOString().slice(11, 16)).toBe(minutes(60));
    await tick({ now: dueAt! });
    await execute(pool(), sql`update recipient set next_at = ${new Date()} where section_id = ${account.sectionId}`);
    await deliver();
    expect(sink.heard.mails).toHaveLength(1);
  });
});

describe('a flow with mails that wait', () => {
  it('paused: none leaves until it goes on', async () => {
    const people = await sending.people(3);
    const flowId = await mailing(await sending.message());
    await change(people, [tags.trigger]);
    await tick();
    valueOf(await pauseFlow(account.marketer, of(flowId)));
    await deliver();
    expect(sink.heard.mails).toHaveLength(0);
    valueOf(await resumeFlow(account.marketer, of(flowId)));
    await deliver();
    expect(sink.heard.mails).toHaveLength(3);
    await tick({ now: soon() });
    expect(await numbers(flowId)).toMatchObject({ left: { done: 3 } });
  });

  it('stopped: none leaves (case 106)', async () => {
    const people = await sending.people(3);
    const flowId = await mailing(await sending.message());
    await change(people, [tags.trigger]);
    await tick();
    valueOf(await stopFlow(account.marketer, of(flowId)));
    await deliver();
    await tick({ now: soon() });
    expect(sink.heard.mails).toHaveLength(0);
    expect(await numbers(flowId)).toMatchObject({ inside: 0, left: { stopped: 3 } });
  });

  it('is stopped as a flow, not message by message', async () => {
    await mailing(await sending.message());
    const { id } = await one<{ id: number }>(
      pool(),
      sql`select id from send where section_id = ${account.sectionId} and origin = 'flow'`,
    );
    expect(await cancelSend(account.admin, { sectionId: account.sectionId, sendId: id })).toMatchObject({
      ...{ ok: false, refusal: { code: 'conflict' } },
    });
  });
});

describe('the message of a step', () => {
  it('that says nothing keeps the flow from being published, at its step (case 76)', async () => {
    const messageId = await sending.message({ document: { ...HELLO, blocks: [] } });
    const { id, revision } = await createTestFlow(account, {
      trigger: { kind: 'tag_applied', tagId: tags.trigger },
      steps: [{ id: 'mail', kind: 'email', messageId }],
    });
    expect(await publishFlow(account.marketer, { ...of(id), revision })).toMatchObject({
      ok: false,
      refusal: { code: 'invalid', field: 'mail' },
    });
  });

  it('is sent as it was given last: a change reaches everybody once it is given', async () => {
    const people = await sending.people(2);
    const messageId = await sending.message();
    await mailing(messageId);
    await execute(
      pool(),
      sql`
        update message set content = jsonb_set(content, '{document,subject,0,text}', '"Corrected"')
        where section_id = ${account.sectionId} and id = ${messageId}`,
    );
    await change([people[0]!], [tags.trigger]);
    await tick();
    await deliver();
    expect(sink.heard.mails[0]).toMatch(/^Subject: Hello/m);
    valueOf(await giveToFlows(account.marketer, { sectionId: account.sectionId, messageId }));
    await change([people[1]!], [tags.trigger]);
    await tick({ now: soon() });
    await execute(
      pool(),
      sql`update recipient set next_at = ${new Date()} where section_id = ${account.sectionId} and state = 'waiting'`,
    );
    await deliver();
    expect(sink.heard.mails[1]).toMatch(/^Subject: Corrected/m);
    const open = await one<{ sends: number }>(
      pool(),
      sql`
        select count(*)::int as sends from send
        where section_id = ${account.sectionId} and origin = 'flow' and status = 'sending'`,
    );
    expect(open.sends).toBe(1);
  });
});
