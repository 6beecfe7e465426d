// Real workers that move people through a flow and are killed at any moment, by SIGKILL: others go on, nobody is lost, nothing is done twice, and no mail
// leaves twice.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { isCluster } from '@/testing/cluster';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { publishTestFlow } from '@/testing/flows';
import { expectInvariants } from '@/testing/invariants';
import { spawnWorker } from '@/testing/process';
import { messageIds, TestSending } from '@/testing/sends';
import { DIE, SILENCE, startSink, type Say, type Sink } from '@/testing/smtp/sink';
import { readFlowNumbers } from './reads';

const PEOPLE = 200;
/** `TAGWELL_TEST_KILLS=200 npx vitest run lib/flows/killed.test.ts`: so many more, at moments that nobody has chosen. */
const KILLS = Number(process.env.TAGWELL_TEST_KILLS ?? 0);
const MORE_EACH_TIME = 15;
const SLOWLY = { timeout: isCluster(inject('nodes')) ? 600_000 : 90_000, interval: 100 };

let account: TestAccount;
let sending: TestSending;
let sink: Sink;
let say: (command: string) => Say;
let tags: { trigger: TagId; first: TagId; done: TagId };
const workers: ChildProcess[] = [];

beforeEach(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  account = await createTestAccount();
  say = () => undefined;
  sink = await startSink({ reply: (command) => say(command) });
  sending = await TestSending.open(account, { port: sink.port, connections: 4 });
  const tag = (name: string) => createTestTag(account.sectionId, name);
  tags = { trigger: await tag('Trigger'), first: await tag('First'), done: await tag('Emailed') };
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => kill(worker)));
  await sink.close();
});

function startWorker(): ChildProcess {
  const worker = spawnWorker({ DATABASE_URL: process.env.DATABASE_URL!, TAGWELL_SECRET: process.env.NEXTAUTH_SECRET! });
  workers.push(worker);
  return worker;
}

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exit = once(worker, 'exit');
  worker.kill('SIGKILL');
  await exit;
}

const numbers = async (flowId: FlowId) =>
  valueOf(await readFlowNumbers(account.marketer, { sectionId: account.sectionId, flowId }));

/** How often flows have applied a tag. */
async function applied(tagId: TagId): Promise<number> {
  const { times } = await one<{ times: number }>(
    pool(),
    sql`
      select count(*)::int as times from tag_change
      where section_id = ${account.sectionId} and tag_id = ${tagId} and source = 5`,
  );
  return times;
}

const give = (people: readonly ProfileId[]) =>
  transaction((tx) =>
    changeTags(
      tx,
      { sectionId: account.sectionId, source: 'user', userId: null },
      wantedFor(sql`select unnest(${people}::bigint[]) as profile_id`, { apply: [tags.trigger], remove: [] }),
    ),
  );

const countUnknown = async () => {
  const { unknown } = await one<{ unknown: number }>(
    pool(),
    sql`
      select count(*)::int as unknown from recipient
      where section_id = ${account.sectionId} and state = 'unknown'`,
  );
  return unknown;
};

it('everybody comes through once, and a mail leaves once or is unknown (cases 7, 8, 12, 13, 15, 23, 26 and 167)', async () => {
  const people = await sending.people(PEOPLE);
  const messageId = await sending.message();
  const flowId = await publishTestFlow(account, {
    trigger: { kind: 'tag_applied', tagId: tags.trigger },
    steps: [
      { id: 'first', kind: 'tags', apply: [tags.first] },
      { id: 'mail', kind: 'email', messageId },
      { id: 'done', kind: 'tags', apply: [tags.done] },
    ],
  });
  await give(people);
  // At each of these, somebody is in the middle of it.
  const moments = [
    async () => (await numbers(flowId)).entered > 0,
    () => Promise.resolve(sink.heard.mails.length > 10),
    () => Promise.resolve(sink.heard.mails.length > 60),
    async () => ((await numbers(flowId)).left.done ?? 0) > 0,
  ];
  for (const isThere of moments) {
    const worker = startWorker();
    await expect.poll(isThere, { ...SLOWLY, interval: 5 }).toBe(true);
    await kill(worker);
  }
  startWorker();
  await expect.poll(async () => (await numbers(flowId)).left.done ?? 0, SLOWLY).toBe(PEOPLE);
  const ids = messageIds(sink.heard.mails);
  expect(new Set(ids).size).toBe(ids.length);
  expect(await applied(tags.first)).toBe(PEOPLE);
  expect(await applied(tags.done)).toBe(PEOPLE);
  expect(await numbers(flowId)).toMatchObject({ entered: PEOPLE, inside: 0 });
  expect(ids.length).toBeGreaterThanOrEqual(PEOPLE - (await countUnknown()));
  await expectInvariants();
});

/** Counts what it is told by the id of the call, and breaks off now and then, before or after it has taken it. */
async function startReceiver() {
  const bodies = new Map<string, Set<string>>();
  let calls = 0;
  let breaks = true;
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const broken = breaks && Math.random() < 0.03;
      if (broken && Math.random() < 0.5) return void response.destroy();
      const id = String(request.headers['webhook-id']);
      bodies.set(id, (bodies.get(id) ?? new Set()).add(body));
      calls++;
      if (broken) response.destroy();
      else response.writeHead(200).end();
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return {
    bodies,
    calls: () => calls,
    address,
    mend: () => void (breaks = false),
    close: () => new Promise((closed) => server.close(closed)),
  };
}

it.runIf(KILLS > 0)(
  'workers are killed again and again, at any moment: each comes through once, is told of once, and gets one mail at most',
  async () => {
    const receiver = await startReceiver();
    const messageId = await sending.message();
    const flowId = await publishTestFlow(
      { ...account, marketer: account.admin },
      {
        trigger: { kind: 'tag_applied', tagId: tags.trigger },
        steps: [
          { id: 'first', kind: 'tags', apply: [tags.first] },
          { id: 'tell', kind: 'webhook', address: receiver.address },
          { id: 'mail', kind: 'email', messageId },
          { id: 'done', kind: 'tags', apply: [tags.done] },
        ],
      },
    );
    say = (command) => {
      if (command !== '.' || Math.random() > 0.02) return undefined;
      return Math.random() < 0.5 ? DIE : SILENCE;
    };
    let total = 0;
    const pair = [startWorker(), startWorker()];
    for (let killed = 0; killed < KILLS; killed++) {
      await give(await sending.people(MORE_EACH_TIME));
      total += MORE_EACH_TIME;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 6_000));
      const which = killed % pair.length;
      await kill(pair[which]!);
      pair[which] = startWorker();
    }
    say = () => undefined;
    receiver.mend();
    await expect
      .poll(async () => (await numbers(flowId)).left.done ?? 0, { timeout: 2_400_000, interval: 500 })
      .toBe(total);
    const ids = messageIds(sink.heard.mails);
    const unknown = await countUnknown();
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(total - unknown);
    expect(receiver.bodies.size).toBe(total);
    expect([...receiver.bodies.values()].filter((of) => of.size > 1)).toEqual([]);
    expect(await applied(tags.first)).toBe(total);
    expect(await applied(tags.done)).toBe(total);
    expect(await numbers(flowId)).toMatchObject({ entered: total, inside: 0 });
    await expectInvariants();
    console.log({ kills: KILLS, people: total, mails: ids.length, unknown, calls: receiver.calls() });
    await receiver.close();
  },
  7_200_000,
);
