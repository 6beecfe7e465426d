// What people do with messages lets them into flows, ends their waits and decides their way; what machines do does not.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, MessageId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { answers } from '@/lib/messages/answers';
import { sendMails } from '@/lib/messages/deliver';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { createTestFlow, historyOf, publishTestFlow, runOf, type FlowDraft } from '@/testing/flows';
import { TestSending } from '@/testing/sends';
import { startSink, type Sink } from '@/testing/smtp/sink';
import { publishFlow } from './publish';
import { readFlowProblems, readWalk } from './reads';
import { tick } from './tick';

const READER = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
const DAY = 86_400_000;

let account: TestAccount;
let sending: TestSending;
let sink: Sink;
let tags: { trigger: TagId; done: TagId };
let messageId: MessageId;

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  account = await createTestAccount();
  sink = await startSink();
  sending = await TestSending.open(account, { port: sink.port });
  const tag = (name: string) => createTestTag(account.sectionId, name);
  tags = { trigger: await tag('Trigger'), done: await tag('Done') };
  messageId = await sending.message();
});
afterEach(() => sink.close());

const soon = (ms: number) => new Date(Date.now() + ms);
const live = (document: FlowDraft) => publishTestFlow(account, document);
const history = (flowId: FlowId, profileId: ProfileId) => historyOf(account.sectionId, flowId, profileId);
const mail = () => ({ id: 'mail', kind: 'email' as const, messageId });

/** They get the mail of a flow, and stand behind it. */
async function send(people: readonly ProfileId[]): Promise<void> {
  await transaction((tx) =>
    changeTags(
      tx,
      { sectionId: account.sectionId, source: 'user', userId: null },
      wantedFor(sql`select unnest(${people}::bigint[]) as profile_id`, { apply: [tags.trigger], remove: [] }),
    ),
  );
  await tick();
  const place = { sectionId: account.sectionId, senderId: sending.senderId };
  await Promise.all(
    [0, 1].map((slot) => sendMails({ ...place, slot }, { replyMs: 400, resetMs: 300, turnMs: 20_000 })),
  );
  await tick({ now: soon(2_000) });
}

async function note(profileId: ProfileId, kind: 'opened' | 'clicked', links: readonly number[] = [0]) {
  const { sectionId } = account;
  const { number } = await one<{ number: number }>(
    pool(),
    sql`select number from recipient where section_id = ${sectionId} and profile_id = ${profileId}`,
  );
  for (const link of links) {
    answers.note({
      ...{ sectionId, number, kind, agent: READER, head: false },
      ...{ link: kind === 'clicked' ? link : null, at: soon(4_000) },
    });
  }
  await answers.written();
}

describe('a wait for what somebody does with a message', () => {
  const waiting = (did: 'opened' | 'clicked'): FlowDraft => ({
    trigger: { kind: 'tag_applied', tagId: tags.trigger },
    steps: [
      mail(),
      {
        ...{ id: 'wait', kind: 'wait_for', timeout: { count: 7, unit: 'days' }, otherwise: [] },
        ways: [{ id: 'way1', what: { kind: 'message', did, messageId }, steps: [] }],
      },
    ],
  });

  it('ends by a signal when it is known that it was a person, and is not looked for meanwhile', async () => {
    const [reader, other] = await sending.people(2);
    const flowId = await live(waiting('opened'));
    await send([reader!, other!]);
    await tick({ now: soon(3_000) });
    const before = await runOf(account.sectionId, flowId, reader!);
    expect(before?.step).toBe('wait');
    expect(before!.dueAt!.getTime()).toBeGreaterThan(soon(6 * DAY).getTime());
    await note(reader!, 'opened');
    await tick({ now: soon(5_000) });
    expect(await history(flowId, reader!)).toEqual(['entered', 'mail passed']);
    await tick({ now: soon(20_000) });
    expect(await history(flowId, reader!)).toEqual(['entered', 'mail passed', 'wait passed way1', 'left done']);
    await tick({ now: soon(8 * DAY) });
    expect(await history(flowId, other!)).toEqual(['entered', 'mail passed', 'wait timed_out otherwise', 'left done']);
  });

  it('goes on for whoever has opened it before the flow knew that it was sent', async () => {
    const [reader] = await sending.people(1);
    const flowId = await live(waiting('opened'));
    await send([reader!]);
    await execute(
      pool(),
      sql`
        update flow_run set step = 'mail', stage = 3, due_at = ${soon(30_000)}, recipient = (
          select number from recipient where section_id = ${account.sectionId} and profile_id = ${reader}
        )
        where section_id = ${account.sectionId} and flow_id = ${flowId}`,
    );
    await note(reader!, 'opened');
    await tick({ now: soon(31_000) });
    expect((await history(flowId, reader!)).slice(-2)).toEqual(['wait passed way1', 'left done']);
  });

  it('does not end by a gateway that follows all links, though its first one looked like a person’s', async () => {
    const [reader] = await sending.people(1);
    const flowId = await live(waiting('clicked'));
    await send([reader!]);
    await note(reader!, 'clicked', [0]);
    await note(reader!, 'clicked', [1, 2, 3]);
    await tick({ now: soon(20_000) });
    await tick({ now: soon(60_000) });
    expect(await runOf(account.sectionId, flowId, reader!)).toMatchObject({ step: 'wait' });
  });
});

describe('a branch on what somebody has done with a message', () => {
  it('takes the first way that fits: conditions, and answers since they entered', async () => {
    const [reader, clicker, other] = await sending.people(3);
    const flowId = await live({
      trigger: { kind: 'tag_applied', tagId: tags.trigger },
      steps: [
        mail(),
        { id: 'hour', kind: 'wait', time: { count: 1, unit: 'hours' } },
        {
          ...{ id: 'branch', kind: 'branch', otherwise: [] },
          ways: [
            { id: 'clicked', answer: { did: 'clicked', messageId }, steps: [] },
            { id: 'opened', answer: { did: 'opened', messageId }, steps: [] },
          ],
        },
      ],
    });
    await send([reader!, clicker!, other!]);
    await note(reader!, 'opened');
    await note(clicker!, 'clicked');
    await tick({ now: soon(2 * 3_600_000) });
    const way = async (profileId: ProfileId) => (await history(flowId, profileId)).at(-2);
    expect(await way(reader!)).toBe('branch passed opened');
    expect(await way(clicker!)).toBe('branch passed clicked');
    expect(await way(other!)).toBe('branch passed otherwise');
    const walk = valueOf(
      await readWalk(account.marketer, { sectionId: account.sectionId, flowId: String(flowId), profileId: reader! }),
    );
    expect(walk.lines.at(-1)).toMatchObject({ way: null, note: 'If they do nothing with the message.' });
  });
});

describe('what somebody does with a message', () => {
  it('lets them into a flow, once they are known to be a person', async () => {
    const [reader, other] = await sending.people(2);
    const sent = await live({ trigger: { kind: 'tag_applied', tagId: tags.trigger }, steps: [mail()] });
    const flowId = await live({
      trigger: { kind: 'message', did: 'clicked', messageId },
      steps: [{ id: 'tags', kind: 'tags', apply: [tags.done] }],
    });
    await send([reader!, other!]);
    await note(reader!, 'clicked');
    await note(other!, 'clicked', [0]);
    await note(other!, 'clicked', [1, 2, 3]);
    await tick({ now: soon(5_000) });
    expect(await runOf(account.sectionId, flowId, reader!)).toBeUndefined();
    await tick({ now: soon(30_000) });
    expect(await history(flowId, reader!)).toEqual(['entered', 'tags passed', 'left done']);
    expect(await history(flowId, other!)).toEqual([]);
    expect(await history(sent, reader!)).toEqual(['entered', 'mail passed', 'left done']);
  });

  it('cannot be waited for where the message does not count it; a message that starts its own flow is told', async () => {
    const silent = await sending.message({ settings: { trackOpens: false } });
    const { id: flowId } = await createTestFlow(account, {
      trigger: { kind: 'message', did: 'opened', messageId: silent },
      steps: [{ id: 'mail', kind: 'email', messageId: silent }],
    });
    const of = { sectionId: account.sectionId, flowId };
    const problems = valueOf(await readFlowProblems(account.marketer, { ...of, flowId: String(flowId) }));
    expect(problems).toMatchObject([
      { stepId: null, place: 'trigger', must: true },
      { stepId: 'mail', must: false },
    ]);
    expect(problems[0]!.words).toMatch(/does not count who opens it/);
    expect(problems[1]!.words).toMatch(/sends “.*”, which people open or click in, which starts/);
    expect(await publishFlow(account.marketer, { ...of, revision: 1 })).toMatchObject({ ok: false });
  });
});
