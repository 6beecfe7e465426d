// The real worker, with queue, lanes, loops and leader: work always ends, whatever its steps do and whichever process
// dies.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { retryOperation } from '@/lib/activity/commands';
import { getOperation } from '@/lib/activity/queries';
import type { OperationId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql, type Tx } from '@/lib/db/sql';
import { bulkTag, bulkTagKind } from '@/lib/operations/bulk-tag';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  withStep,
  type TestAccount,
} from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { QUICK, TestWorkers } from '@/testing/worker';
import type { OperationStep } from './kind';
import { recover } from './recover';

let account: TestAccount;
let sectionId: SectionId;
let profiles: ProfileId[];
let tagId: TagId;
let workers: TestWorkers;

beforeAll(async () => {
  account = await createTestAccount();
});
afterAll(expectInvariants);
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Work');
  profiles = await createTestProfiles(sectionId, 6);
  tagId = await createTestTag(sectionId, 'Bulk');
  workers = new TestWorkers();
});
afterEach(async () => {
  await workers.stop();
  expect(workers.problems).toEqual([]);
});

const { step: bulkTagStep } = bulkTagKind.open();
/** A worker that runs bulk changes with this step. */
const work = (step: OperationStep) => workers.start({ kinds: [withStep(bulkTagKind, step)] });

async function start(): Promise<OperationId> {
  const started = await bulkTag(account.admin, { sectionId, selection: { kind: 'all', filter: {} }, apply: [tagId] });
  if (!started.ok) throw new Error(started.refusal.message);
  return started.value.operationId;
}

const view = async (id: OperationId) => (await getOperation(pool(), sectionId, id))!;

async function ended(id: OperationId) {
  await expect.poll(async () => (await view(id)).status, { timeout: 20_000, interval: 10 }).toMatch(/done|failed/);
  return view(id);
}

/** The bulk step, two profiles at a time. */
const inTwos: OperationStep = async (tx, operation) => {
  const ids = profiles.filter((id) => id > operation.cursor).slice(0, 2);
  const input = { ...(operation.input as object), selection: { kind: 'ids', ids } };
  const result = await bulkTagStep(tx, { ...operation, input });
  return { ...result, done: ids.at(-1) === profiles.at(-1) };
};

/** All profiles are tagged, each by one row of the ledger. */
async function expectTaggedOnce(id: OperationId): Promise<void> {
  const found = await one<{ held: number; entries: number }>(
    pool(),
    sql`
      select
        (select count(*) from profile_tag where section_id = ${sectionId} and tag_id = ${tagId}) as held,
        (select count(*) from tag_change where section_id = ${sectionId} and operation_id = ${id}) as entries`,
  );
  expect(found).toEqual({ held: 6, entries: 6 });
}

const keyOf = (id: OperationId) => `operation:${sectionId}:${id}`;

describe('a step', () => {
  it('that throws once is retried, and nothing is done twice', async () => {
    let calls = 0;
    await work(async (tx, operation) => {
      const result = await inTwos(tx, operation);
      if (++calls === 2) throw new Error('once');
      return result;
    });
    const id = await start();
    expect(await ended(id)).toMatchObject({ status: 'done', error: null });
    await expectTaggedOnce(id);
    expect(workers.failures).toMatchObject([{ operationId: id, attempt: 1, of: 3, final: false }]);
  });

  it('that always throws ends as failed, with a reason, and can be retried', async () => {
    let broken = true;
    await work(async (tx, operation) => {
      if (broken && operation.cursor > 0) throw new Error('always');
      return inTwos(tx, operation);
    });
    const id = await start();
    expect(await ended(id)).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(
        /^Something went wrong on our side\. It was tried 3 times\. .*Try it again/,
      ) as string,
    });
    expect(workers.failures.map(({ attempt, final }) => [attempt, final])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    const row = () =>
      one<object>(
        pool(),
        sql`
        select attempts, last_error as last,
          (select count(*) from graphile_worker.jobs where key = ${keyOf(id)}) as jobs
        from operation where section_id = ${sectionId} and id = ${id}`,
      );
    await expect.poll(row, { interval: 10 }).toEqual({ attempts: 3, last: 'Error: always', jobs: 0 });
    expect(await recover(QUICK)).toEqual({ workers: 0, operations: 0 });
    broken = false;
    expect(await retryOperation(account.marketer, { sectionId: account.sectionId, operationId: id })).toMatchObject({
      refusal: { code: 'not_found' },
    });
    expect(await retryOperation(account.admin, { sectionId, operationId: id })).toMatchObject({ ok: true });
    expect(await ended(id)).toMatchObject({ status: 'done', error: null });
    await expectTaggedOnce(id);
    expect(await retryOperation(account.admin, { sectionId, operationId: id })).toMatchObject({
      refusal: { code: 'conflict' },
    });
  });

  it('that fails after its commit is not done twice', async () => {
    const lost = new Set<number>();
    await work(async (tx, operation) => {
      const result = await inTwos(tx, operation);
      if (!lost.has(operation.cursor)) failAfterCommit(tx);
      lost.add(operation.cursor);
      return result;
    });
    const id = await start();
    expect(await ended(id)).toMatchObject({ status: 'done', error: null });
    await expectTaggedOnce(id);
    expect(lost.size).toBe(3);
  });

  it('that is slow is not taken over by other workers, however long it takes', async () => {
    const begun: number[] = [];
    const slow: OperationStep = async (tx, operation) => {
      begun.push(operation.cursor);
      const result = await inTwos(tx, operation);
      for (let look = 0; look < 3; look++) expect(await recover(QUICK)).toEqual({ workers: 0, operations: 0 });
      return result;
    };
    await Promise.all([work(slow), work(slow)]);
    const id = await start();
    expect(await ended(id)).toMatchObject({ status: 'done' });
    await expectTaggedOnce(id);
    expect(begun).toHaveLength(3);
    expect(workers.failures).toEqual([]);
  });
});

describe('an operation of a kind that this version does not have', () => {
  it('ends as failed', async () => {
    await workers.start({ kinds: [] });
    expect(await ended(await start())).toMatchObject({ status: 'failed' });
    expect(String(workers.failures[0]?.error)).toContain(`no work of the kind 'bulk_tag'`);
  });
});

/** The state after a SIGKILL: a dead process holds the operation and its job. */
async function die(id: OperationId, attempts: number): Promise<void> {
  await execute(
    pool(),
    sql`
      update operation set status = 'running', runner = 'gone', attempts = ${attempts}
      where section_id = ${sectionId} and id = ${id}`,
  );
  await lockJob(keyOf(id));
}

const lockJob = (key: string) =>
  execute(
    pool(),
    sql`
      update graphile_worker._private_jobs set locked_at = clock_timestamp(), locked_by = 'gone', attempts = 1
      where key = ${key}`,
  );

const addJob = (task: string, key: string) =>
  rows(pool(), sql`select graphile_worker.add_job(${task}, '{}'::json, job_key := ${key})`);

describe('a process that dies during work', () => {
  it('is replaced', async () => {
    const id = await start();
    await die(id, 0);
    await work(inTwos);
    expect(await ended(id)).toMatchObject({ status: 'done' });
    await expectTaggedOnce(id);
    expect(workers.failures).toMatchObject([{ attempt: 1, final: false }]);
  });

  it('again and again makes the work end as failed: its step may be what kills processes', async () => {
    const id = await start();
    await die(id, 2);
    await work(inTwos);
    expect(await ended(id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('The process that was working on this ended unexpectedly, 3 times.') as string,
    });
    expect(workers.failures).toMatchObject([{ attempt: 3, final: true }]);
  });

  it('leaves its other jobs, and its queue, to the other processes', async () => {
    let done = 0;
    await addJob('ping', 'ping');
    await rows(
      pool(),
      sql`select graphile_worker.add_job('size', '{}'::json, queue_name := 'sizes', job_key := 'size')`,
    );
    await lockJob('ping');
    await lockJob('size');
    await execute(
      pool(),
      sql`update graphile_worker._private_job_queues set locked_at = clock_timestamp(), locked_by = 'gone'`,
    );
    const count = () => void done++;
    await workers.start({ tasks: { now: { ping: count }, work: {}, night: { size: count } } });
    await expect.poll(() => done, { timeout: 10_000, interval: 10 }).toBe(2);
  });

  it('is replaced even if its job is lost too', async () => {
    const id = await start();
    await execute(pool(), sql`delete from graphile_worker._private_jobs where key = ${keyOf(id)}`);
    await work(inTwos);
    expect(await ended(id)).toMatchObject({ status: 'done' });
  });
});

describe('lanes', () => {
  it('long operations do not delay prompt jobs, and yield to operations that wait', async () => {
    let finish = false;
    const running = new Set<OperationId>();
    const long: OperationStep = async (_tx, operation) => {
      running.add(operation.id);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { cursor: operation.cursor, progress: 0, counts: {}, done: finish };
    };
    let pings = 0;
    await workers.start({
      kinds: [withStep(bulkTagKind, long)],
      tasks: { now: { ping: () => void pings++ }, work: {}, night: {} },
      options: { ...QUICK, turnMs: 100 },
    });
    const ids = [await start(), await start(), await start(), await start()];
    await expect.poll(() => running.size, { timeout: 10_000, interval: 10 }).toBe(4);
    await addJob('ping', 'ping');
    await expect.poll(() => pings, { timeout: 10_000, interval: 5 }).toBe(1);
    // One that has just yielded is queued again.
    for (const { status } of await Promise.all(ids.map(view))) expect(['running', 'queued']).toContain(status);
    const fifth = await start();
    await expect.poll(() => running.has(fifth), { timeout: 10_000, interval: 10 }).toBe(true);
    finish = true;
    for (const id of [...ids, fifth]) expect(await ended(id)).toMatchObject({ status: 'done' });
  });
});

describe('loops', () => {
  it('run in only one of many processes, and in another once that one stops', async () => {
    const turns: string[] = [];
    const worker = async (name: string) =>
      workers.start({ loops: [{ name, everyMs: 5, turn: async () => void turns.push(name) }] });
    const all = { a: await worker('a'), b: await worker('b'), c: await worker('c') };
    await expect.poll(() => turns.length, { timeout: 10_000, interval: 10 }).toBeGreaterThan(10);
    const [first] = turns as [keyof typeof all];
    expect(new Set(turns)).toEqual(new Set([first]));
    await all[first].stop();
    const before = turns.length;
    await expect.poll(() => turns.length, { timeout: 10_000, interval: 10 }).toBeGreaterThan(before + 10);
    const later = new Set(turns.slice(before));
    expect(later.size).toBe(1);
    expect(later.has(first)).toBe(false);
  });

  it('continue after failures, and report them', async () => {
    let turns = 0;
    await workers.start({
      loops: [
        {
          name: 'failing',
          everyMs: 1,
          turn: async () => {
            if (++turns < 3) throw new Error(`turn ${turns}`);
          },
        },
      ],
    });
    await expect.poll(() => turns, { timeout: 10_000, interval: 10 }).toBeGreaterThan(5);
    expect(workers.problems.splice(0).map(String)).toEqual(['Error: turn 1', 'Error: turn 2']);
  });
});

/** Lets the commit of this transaction take effect but loses its answer. */
function failAfterCommit(tx: Tx): void {
  const query = tx.query.bind(tx) as (...args: unknown[]) => Promise<unknown>;
  tx.query = (async (...args: unknown[]) => {
    const answer = await query(...args);
    if (args[0] !== 'commit') return answer;
    tx.query = query as Tx['query'];
    throw new Error('the answer was lost');
  }) as Tx['query'];
}
