// What a call gives along with somebody who enters a flow: kept with their stay, asked for on the way, and passed on in mails and calls.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, MessageId, ProfileId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { maybeOne, rows, sql } from '@/lib/db/sql';
import { sendMails } from '@/lib/messages/deliver';
import { eraseProfile } from '@/lib/people/erase';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { createTestFlow, historyOf, publishTestFlow, type FlowDraft } from '@/testing/flows';
import { TestSending, type Document } from '@/testing/sends';
import { startSink, type Sink } from '@/testing/smtp/sink';
import { asJson, readGiven, type Given } from './given';
import { settleKept } from './people-commands';
import { pauseFlow, publishFlow, resumeFlow } from './publish';
import { removeOldHistory } from './retention';
import { findRun } from './queries';
import { readWalk } from './reads';
import type { DataField } from './schema';
import { tick } from './tick';
import { sendTo } from './who';

let account: TestAccount;
let sending: TestSending;
let sink: Sink;

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  account = await createTestAccount();
  sink = await startSink({});
  sending = await TestSending.open(account, { port: sink.port });
});
afterEach(() => sink.close());

const DATA: DataField[] = [
  { name: 'order', type: 'text' },
  { name: 'total', type: 'number' },
  { name: 'due_on', type: 'date' },
  { name: 'gift', type: 'boolean' },
];
const trigger = { kind: 'none' as const, data: DATA };
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });
/** As a call does. */
const send = (flowId: FlowId, people: ReadonlyMap<ProfileId, Given | null>) =>
  transaction((tx) =>
    sendTo(
      tx,
      of(flowId),
      sql`
        select profile_id, given
        from unnest(${[...people.keys()]}::bigint[], ${[...people.values()].map(asJson)}::jsonb[]) sent (profile_id, given)`,
      new Date(),
      { given: true },
    ),
  );
const history = (flowId: FlowId, profileId: ProfileId) => historyOf(account.sectionId, flowId, profileId);
const givenTo = async (flowId: FlowId, profileId: ProfileId) =>
  (await findRun(pool(), account.sectionId, flowId, profileId))?.given;
const soon = (ms = 2_000) => new Date(Date.now() + ms);

describe('what a call gives', () => {
  it('is read by the types that the flow names; null and nothing are not given', () => {
    expect(readGiven(DATA, { order: ' A-1 ', total: '12.5', due_on: '2026-11-30', gift: true })).toEqual({
      ...{ order: 'A-1', total: 12.5, due_on: '2026-11-30', gift: true },
    });
    expect(readGiven(DATA, { order: null, total: null })).toBeNull();
    expect(readGiven(DATA, { order: '  ' })).toBeNull();
    expect(readGiven(DATA, { total: 0, gift: false })).toEqual({ total: 0, gift: false });
  });

  it.each([
    [{ color: 'red' }, 'takes no value “color”. It takes: order, total, due_on, gift.'],
    [{ total: 'many' }, 'total: “many” is not a number'],
    [{ due_on: '31.31.2026' }, 'due_on: '],
    [{ gift: 'perhaps' }, 'gift: '],
    [{ __proto__hidden: 1 }, 'takes no value'],
  ])('is refused if the flow does not take it: %j', (data, words) => {
    expect(() => readGiven(DATA, data as Given)).toThrow(words);
    expect(() => readGiven([], data as Given)).toThrow('It takes none.');
  });
});

describe('somebody who came with data', () => {
  const byTotal: FlowDraft = {
    trigger,
    steps: [
      {
        id: 'asks',
        kind: 'branch',
        ways: [
          {
            id: 'large',
            given: [
              { code: 'total', compare: { test: 'at_least', number: 100 } },
              { code: 'gift', compare: { test: 'no' } },
            ],
            steps: [],
          },
          { id: 'late', given: [{ code: 'due_on', compare: { test: 'before', date: '2026-12-01' } }], steps: [] },
          { id: 'unknown', given: [{ code: 'order', compare: { test: 'empty' } }], steps: [] },
        ],
        otherwise: [],
      },
    ],
  };

  it('takes the first way that fits it', async () => {
    const people = (await sending.people(5)) as [ProfileId, ProfileId, ProfileId, ProfileId, ProfileId];
    const flowId = await publishTestFlow(account, byTotal);
    await send(
      flowId,
      new Map<ProfileId, Given | null>([
        [people[0], { order: 'A', total: 100, gift: false, due_on: '2026-11-30' }],
        [people[1], { order: 'A', total: 100, gift: true, due_on: '2026-11-30' }],
        [people[2], { total: 99.5, gift: false }],
        [people[3], null],
        [people[4], { order: 'A', due_on: '2026-12-01' }],
      ]),
    );
    await tick();
    const ways = await Promise.all(people.map(async (person) => (await history(flowId, person))[1]));
    expect(ways).toEqual([
      ...['asks passed large', 'asks passed late', 'asks passed unknown', 'asks passed unknown'],
      'asks passed otherwise',
    ]);
  });

  it('keeps that of their stay: the first of those at once, and each time anew; who comes by hand has none', async () => {
    const [person] = (await sending.people(1)) as [ProfileId];
    const flowId = await publishTestFlow(
      account,
      { trigger, steps: [{ id: 'leave', kind: 'leave' }] },
      { again: { kind: 'each_time' } },
    );
    await send(flowId, new Map([[person, { order: 'A-1' }]]));
    await send(flowId, new Map([[person, { order: 'A-2' }]]));
    await tick();
    expect(await givenTo(flowId, person)).toEqual({ order: 'A-1' });
    await send(flowId, new Map([[person, { order: 'A-3' }]]));
    await tick();
    expect(await givenTo(flowId, person)).toEqual({ order: 'A-3' });
    await send(flowId, new Map([[person, null]]));
    await tick();
    expect(await givenTo(flowId, person)).toBeNull();
  });

  it('keeps it while the flow is paused, until they are let in', async () => {
    const [person] = (await sending.people(1)) as [ProfileId];
    const flowId = await publishTestFlow(account, byTotal);
    await send(flowId, new Map([[person, { total: 500, gift: false }]]));
    valueOf(await pauseFlow(account.marketer, of(flowId)));
    await tick();
    valueOf(await resumeFlow(account.marketer, of(flowId)));
    valueOf(await settleKept(account.marketer, { ...of(flowId), enter: true }));
    await tick();
    expect((await history(flowId, person))[1]).toBe('asks passed large');
  });

  it('gets it in mails, in the language of the mail; who has none gets what stands there instead', async () => {
    const [person, other] = (await sending.people(2)) as [ProfileId, ProfileId];
    const document: Document = {
      subject: [
        { type: 'text', text: 'Order ' },
        { type: 'given', name: 'order', fallback: 'without a number' },
      ],
      blocks: [
        {
          id: 'a',
          kind: 'text',
          lines: [
            [
              { type: 'text', text: 'By ' },
              { type: 'given', name: 'due_on', fallback: 'some day' },
              { type: 'text', text: ' for ' },
              { type: 'given', name: 'total', fallback: 'nothing' },
            ],
          ],
        },
      ],
    };
    const messageId: MessageId = await sending.message({ document });
    const flowId = await publishTestFlow(account, { trigger, steps: [{ id: 'mail', kind: 'email', messageId }] });
    await send(
      flowId,
      new Map<ProfileId, Given | null>([
        [person, { order: 'A-1 <b>', total: 1234.5, due_on: '2026-11-30' }],
        [other, null],
      ]),
    );
    await tick();
    for (const slot of [0, 1]) {
      await sendMails(
        { sectionId: account.sectionId, senderId: sending.senderId, slot },
        { replyMs: 400, resetMs: 300, turnMs: 20_000 },
      );
    }
    const mails = sink.heard.mails.map((mail) => mail.replace(/=\r?\n/g, '').replaceAll('=20', ' '));
    const own = mails.find((mail) => mail.includes('Subject: Order A-1'))!;
    expect(own).toContain('By 30 November 2026 for 1,234.5');
    expect(mails.find((mail) => mail.includes('Subject: Order without a number'))).toContain('By some day for nothing');
  });

  it('is named with it in calls to other systems', async () => {
    const [person] = (await sending.people(1)) as [ProfileId];
    const flowId = await publishTestFlow(
      { ...account, marketer: account.admin },
      { trigger, steps: [{ id: 'tell', kind: 'webhook', address: 'http://127.0.0.1:9/hook' }] },
    );
    await send(flowId, new Map([[person, { total: 5 }]]));
    await tick();
    const [{ body } = { body: '' }] = await rows<{ body: string }>(
      pool(),
      sql`select body from flow_out where section_id = ${account.sectionId} and flow_id = ${flowId}`,
    );
    expect(JSON.parse(body)).toMatchObject({ data: { profile_id: person, data: { total: 5 } } });
  });

  it('loses it when they are erased, and thirteen months after they left', async () => {
    const [erased, gone] = (await sending.people(2)) as [ProfileId, ProfileId];
    const flowId = await publishTestFlow(account, { trigger, steps: [{ id: 'leave', kind: 'leave' }] });
    await send(flowId, new Map([erased, gone].map((person) => [person, { order: 'A-1' }])));
    await tick();
    const waiting = await publishTestFlow(account, { trigger, steps: [{ id: 'wait', kind: 'wait' }] });
    await send(waiting, new Map([[erased, { order: 'A-1' }]]));
    valueOf(await eraseProfile(account.admin, { sectionId: account.sectionId, profileId: erased }));
    const left = (table: 'signal' | 'flow_run') =>
      maybeOne(
        pool(),
        table === 'signal'
          ? sql`select from signal where section_id = ${account.sectionId} and profile_id = ${erased}`
          : sql`select from flow_run where section_id = ${account.sectionId} and profile_id = ${erased}`,
      );
    expect([await left('signal'), await left('flow_run')]).toEqual([undefined, undefined]);
    await removeOldHistory(soon(390 * 86_400_000));
    expect(await givenTo(flowId, gone)).toEqual({ order: 'A-1' });
    await removeOldHistory(soon(400 * 86_400_000));
    expect(await givenTo(flowId, gone)).toBeNull();
  });
});

it('a way that asks for what does not come with people keeps the flow from being published', async () => {
  const ways = [{ id: 'asks1', given: [{ code: 'color', compare: { test: 'not_empty' as const } }], steps: [] }];
  const { id, revision } = await createTestFlow(account, {
    trigger,
    steps: [{ id: 'asks', kind: 'branch', ways, otherwise: [] }],
  });
  const result = await publishFlow(account.marketer, { ...of(id), revision });
  expect(result).toMatchObject({
    refusal: { message: 'No “color” comes with people: what lets them in does not name it.', field: 'asks1' },
  });
});

it('a walk takes nobody’s data for granted', async () => {
  const [person] = (await sending.people(1)) as [ProfileId];
  const ways = [{ id: 'asks1', given: [{ code: 'total', compare: { test: 'above' as const, number: 1 } }], steps: [] }];
  const { id } = await createTestFlow(account, {
    trigger,
    steps: [{ id: 'asks', kind: 'branch', ways, otherwise: [] }],
  });
  const { lines } = valueOf(await readWalk(account.marketer, { ...of(id), profileId: person }));
  expect(lines).toMatchObject([{ stepId: 'asks', way: null, note: 'If no data comes with them.' }]);
});
