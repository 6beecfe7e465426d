// Real workers that move people through a flow and are killed at any moment, by SIGKILL: others go on, nobody is lost, nothing is done twice, and no mail
// leaves twice.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { isCluster } from '@/testing/cluster';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { publishTestFlow } from '@/testing/flows';
import { expectInvariants } from '@/testing/invariants';
import { spawnWorker } from '@/testing/process';
import { messageIds, TestSending } from '@/testing/sends';
import { startSink, type Sink } from '@/testing/smtp/sink';
import { readFlowNumbers } from './reads';

const PEOPLE = 200;
const SLOWLY = { timeout: isCluster(inject('nodes')) ? 600_000 : 90_000, interval: 100 };

let account: TestAccount;
let sending: TestSending;
let sink: Sink;
let tags: { trigger: TagId; first: TagId; done: TagId };
const workers: ChildProcess[] = [];

beforeEach(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  account = await createTestAccount();
  sink = await startSink({});
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
  await transaction((tx) =>
    changeTags(
      tx,
      { sectionId: account.sectionId, source: 'user', userId: null },
      wantedFor(sql`select unnest(${people}::bigint[]) as profile_id`, { apply: [tags.trigger], remove: [] }),
    ),
  );
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
  const { unknown } = await one<{ unknown: number }>(
    pool(),
    sql`
      select count(*)::int as unknown from recipient
      where section_id = ${account.sectionId} and state = 'unknown'`,
  );
  expect(ids.length).toBeGreaterThanOrEqual(PEOPLE - unknown);
  await expectInvariants();
});
