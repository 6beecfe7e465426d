// What flows tell others: mails to colleagues and signed calls, while the run stands at its step.
import { createHmac } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { sendMails } from '@/lib/messages/deliver';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import {
  createTestFlow,
  historyOf,
  publishTestFlow,
  runOf,
  type FlowDraft,
  type FlowDraftSettings,
} from '@/testing/flows';
import { TestSending } from '@/testing/sends';
import { startSink, type Sink } from '@/testing/smtp/sink';
import { publishFlow } from './publish';
import { readFlowNumbers, readFlowSecret, readFurtherProblems } from './reads';
import { sendOut } from './send-out';
import { tick } from './tick';

let account: TestAccount;
let sending: TestSending;
let sink: Sink;
let receiver: http.Server;
let calls: { headers: http.IncomingHttpHeaders; body: string }[];
let status: number;
let tags: { trigger: TagId; stop: TagId };

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  account = await createTestAccount();
  sink = await startSink({});
  sending = await TestSending.open(account, { port: sink.port });
  tags = {
    trigger: await createTestTag(account.sectionId, 'Trigger'),
    stop: await createTestTag(account.sectionId, 'Stop'),
  };
  [calls, status] = [[], 200];
  receiver = http.createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      calls.push({ headers: request.headers, body });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready));
});
afterEach(async () => {
  await sink.close();
  await new Promise((closed) => receiver.close(closed));
});

const apply = (ids: readonly ProfileId[], ...applied: TagId[]) =>
  transaction((tx) =>
    changeTags(
      tx,
      { sectionId: account.sectionId, source: 'user', userId: null },
      wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply: applied, remove: [] }),
    ),
  );
const admin = () => ({ ...account, marketer: account.admin });
const flow = (step: object, settings: FlowDraftSettings = {}) =>
  publishTestFlow(
    admin(),
    { trigger: { kind: 'tag_applied', tagId: tags.trigger }, steps: [{ id: 'tell', ...step }] as FlowDraft['steps'] },
    settings,
  );
const address = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
const soon = (ms = 2_000) => new Date(Date.now() + ms);
const history = (flowId: FlowId, profileId: ProfileId) => historyOf(account.sectionId, flowId, profileId);
const numbers = async (flowId: FlowId) =>
  valueOf(await readFlowNumbers(account.marketer, { sectionId: account.sectionId, flowId }));

describe('a call', () => {
  it('is signed, names the person, and is the same each time until it is taken', async () => {
    const [person] = await sending.people(1);
    const flowId = await flow({ kind: 'webhook', address: address(), name: 'Tell the shop' });
    await apply([person!], tags.trigger);
    await tick();
    status = 503;
    await sendOut();
    await tick({ now: soon() });
    expect((await numbers(flowId)).steps.tell).toMatchObject({ waiting: 1 });
    status = 200;
    await sendOut({ now: soon(61_000) });
    await tick({ now: soon(400_000) });
    expect(await history(flowId, person!)).toEqual(['entered', 'tell passed', 'left done']);
    expect(calls).toHaveLength(2);
    const [first, second] = calls as [(typeof calls)[0], (typeof calls)[0]];
    expect(second.body).toBe(first.body);
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(JSON.parse(first.body)).toMatchObject({
      ...{
        type: 'flow.step',
        data: { flow_id: flowId, step_id: 'tell', step_name: 'Tell the shop', profile_id: person },
      },
    });
    const { secret } = valueOf(await readFlowSecret(account.admin, { sectionId: account.sectionId }));
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = first.headers;
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key)
      .update(`${String(id)}.${String(timestamp)}.${first.body}`)
      .digest('base64');
    expect(signature).toBe(`v1,${expected}`);
  });

  it('that is never taken is given up at last, and people go on', async () => {
    const [person] = await sending.people(1);
    const flowId = await flow({ kind: 'webhook', address: address() });
    await apply([person!], tags.trigger);
    await tick();
    status = 410;
    await sendOut();
    await tick({ now: soon() });
    expect(await history(flowId, person!)).toEqual(['entered', 'tell skipped It answered 410.', 'left done']);
  });

  it('is made about nobody who has left, and published by Admins only', async () => {
    const [person] = await sending.people(1);
    await flow({ kind: 'webhook', address: address() }, { exitTagId: tags.stop });
    await apply([person!], tags.trigger);
    await tick();
    await apply([person!], tags.stop);
    await sendOut();
    expect(calls).toHaveLength(0);
    const draft = await createTestFlow(account, {
      trigger: { kind: 'none' },
      steps: [{ id: 'tell', kind: 'webhook', address: address() }],
    });
    const place = { sectionId: account.sectionId, flowId: draft.id, revision: draft.revision };
    expect(await publishFlow(account.marketer, place)).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
  });
});

it('a colleague who is a person of the section too gets the notice, and does not enter by it (case 14)', async () => {
  const [person, colleague] = await sending.people(2);
  const { address: to } = await one<{ address: string }>(
    pool(),
    sql`select key as address from profile_key where section_id = ${account.sectionId} and profile_id = ${colleague}`,
  );
  const messageId = await sending.message();
  const flowId = await publishTestFlow(admin(), {
    trigger: { kind: 'tag_applied', tagId: tags.trigger },
    steps: [
      { id: 'tell', kind: 'notify', to: [to], subject: 'A new lead' },
      { id: 'mail', kind: 'email', messageId },
    ],
  });
  await apply([person!], tags.trigger);
  for (let turn = 0; turn < 5; turn++) {
    await tick({ now: soon(turn * 600_000) });
    await sendOut();
    await execute(pool(), sql`update recipient set next_at = ${new Date()} where section_id = ${account.sectionId}`);
    await sendMails({ sectionId: account.sectionId, senderId: sending.senderId, slot: 0 }, { turnMs: 5_000 });
    await sendMails({ sectionId: account.sectionId, senderId: sending.senderId, slot: 1 }, { turnMs: 5_000 });
  }
  expect(sink.heard.mails).toHaveLength(2);
  expect(await numbers(flowId)).toMatchObject({ entered: 1, left: { done: 1 } });
  expect(await runOf(account.sectionId, flowId, colleague!)).toBeUndefined();
});

it('colleagues are told by mail, each once', async () => {
  const people = await sending.people(2);
  const flowId = await flow({
    ...{ kind: 'notify', to: ['mia@example.org', 'bo@example.org'], subject: 'A new lead', text: 'Please call.' },
  });
  await apply(people, tags.trigger);
  await tick();
  await sendOut();
  await sendOut();
  await tick({ now: soon() });
  expect(sink.heard.mails).toHaveLength(4);
  expect(sink.heard.mails[0]).toMatch(/^Subject: A new lead/m);
  expect(sink.heard.mails[0]).toMatch(/https:\/\/tagwell\.example\.org\/.*\/profiles\/\d+/);
  expect(await numbers(flowId)).toMatchObject({ inside: 0, left: { done: 2 } });
});

describe('a notice to somebody who does not work here', () => {
  const notice = (to: string) => ({ id: 'tell', kind: 'notify' as const, to: [to], subject: '50 % off' });
  const draft = (to: string): FlowDraft => ({
    trigger: { kind: 'tag_applied', tagId: tags.trigger },
    steps: [notice(to)],
  });
  const told = async (flowId: FlowId, person: ProfileId) => {
    await apply([person], tags.trigger);
    await tick();
    await sendOut();
    await tick({ now: soon() });
    return history(flowId, person);
  };

  it('is published by Admins only, as it is no way round approval and consent', async () => {
    const [person] = await sending.people(1);
    const { id, revision } = await createTestFlow(account, draft('customer@elsewhere.example'));
    const place = { sectionId: account.sectionId, flowId: id, revision };
    expect(await publishFlow(account.marketer, place)).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
    const said = async (who: typeof account.admin) => valueOf(await readFurtherProblems(who, place));
    expect(await said(account.marketer)).toMatchObject([{ stepId: 'tell', must: true }]);
    expect(await said(account.admin)).toEqual([]);
    valueOf(await publishFlow(account.admin, place));
    expect(await told(id, person!)).toEqual(['entered', 'tell passed', 'left done']);
    expect(sink.heard.mails).toHaveLength(1);
  });

  it('is not sent once they have left the account, nor if who published it may no longer', async () => {
    const [person, other] = await sending.people(2);
    const of = (to: string) => publishTestFlow(account, draft(to));
    const colleague = await of(account.marketer.email.toUpperCase());
    expect(await told(colleague, person!)).toEqual(['entered', 'tell passed', 'left done']);
    const outside = await publishTestFlow(admin(), draft('shop@elsewhere.example'));
    const { userId } = account.marketer;
    await execute(pool(), sql`update app_user set deactivated_at = ${new Date()} where id = ${userId}`);
    await execute(pool(), sql`update app_user set role = 'user' where id = ${account.admin.userId}`);
    expect(await told(colleague, other!)).toEqual(['entered', 'tell skipped nobody to tell', 'left done']);
    expect(await history(outside, other!)).toEqual(['entered', 'tell skipped nobody to tell', 'left done']);
  });
});
