// Workers that are killed while they send: real processes, by SIGKILL, at each state of a recipient. Others go on: nothing is lost, nobody gets
// it twice, and what was perhaps sent is counted as unknown.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { isCluster } from '@/testing/cluster';
import { createTestAccount } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { spawnWorker } from '@/testing/process';
import { messageIds, TestSending } from '@/testing/sends';
import { SILENCE, startSink, type Say, type Sink } from '@/testing/smtp/sink';

const PEOPLE = 240;
const CONNECTIONS = 4;
/** Processes start, and are missed, in their own time; on a cluster they work slowly too. */
const SLOWLY = { timeout: isCluster(inject('nodes')) ? 600_000 : 90_000, interval: 50 };

let sending: TestSending;
let sink: Sink;
let say: (command: string) => Say = () => undefined;
const workers: ChildProcess[] = [];

beforeEach(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  sink = await startSink({ reply: (command) => say(command) });
  sending = await TestSending.open(await createTestAccount(), { port: sink.port, connections: CONNECTIONS });
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

/** Whether a statement of another process waits for a lock. */
const isWaiting = async () => {
  const { waiting } = await one<{ waiting: boolean }>(
    pool(),
    sql`
      select exists (
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
      ) as waiting`,
  );
  return waiting;
};

it('in the freeze, with claimed rows, in the hand-over and beside another process: each gets it once', async () => {
  await sending.people(PEOPLE);
  const sendId = await sending.schedule(await sending.message());
  const states = () => sending.states(sendId);

  // Killed while the audience is frozen: nothing of it is there, and another one freezes it.
  const other = await pool().connect();
  try {
    await other.query('begin');
    await other.query('lock table recipient in share mode');
    const first = startWorker();
    await expect.poll(isWaiting, SLOWLY).toBe(true);
    await kill(first);
  } finally {
    await other.query('rollback');
    other.release();
  }
  expect(await sending.status(sendId)).toMatchObject({ status: 'preparing' });
  expect(await states()).toEqual({});

  // Killed with claimed rows, of which nothing has left: they wait again.
  say = (command) => (command.startsWith('RCPT') ? SILENCE : undefined);
  const second = startWorker();
  await expect
    .poll(() => sink.heard.commands.filter((command) => command.startsWith('RCPT')).length, SLOWLY)
    .toBe(CONNECTIONS);
  await kill(second);
  expect((await states()).claimed).toBeGreaterThan(0);
  expect(await states()).toMatchObject({ claimed: expect.any(Number) as number });
  expect((await states()).handing).toBeUndefined();

  // Killed when mails have left and the server has not answered: nobody knows.
  say = (command) => (command === '.' && sink.heard.mails.length > 20 ? SILENCE : undefined);
  const third = startWorker();
  await expect.poll(() => sink.heard.mails.length, SLOWLY).toBe(20 + CONNECTIONS);
  await kill(third);
  expect((await states()).handing).toBeGreaterThan(0);

  // Two processes at once, one of which is killed at some moment.
  say = () => undefined;
  const [fourth] = [startWorker(), startWorker()];
  await expect.poll(() => sink.heard.mails.length, SLOWLY).toBeGreaterThan(100);
  await kill(fourth);
  await expect.poll(async () => (await sending.status(sendId)).status, SLOWLY).toBe('done');

  const { sent = 0, 'unknown crash': unknown = 0, ...rest } = await states();
  expect(rest).toEqual({});
  expect(sent + unknown).toBe(PEOPLE);
  // Of each of the two crashes in the hand-over, at most twice the connections.
  expect(unknown).toBeGreaterThanOrEqual(CONNECTIONS);
  expect(unknown).toBeLessThanOrEqual(2 * 2 * CONNECTIONS);
  const ids = messageIds(sink.heard.mails);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThanOrEqual(sent);
  expect(ids.length).toBeLessThanOrEqual(PEOPLE);
  await expectInvariants();
});
