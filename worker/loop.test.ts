// The worker's real loop, queue and recovery included: long work ends, whatever its steps do.
import { Logger } from 'graphile-worker';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql, type Tx } from '@/lib/db/sql';
import { bulkTag, bulkTagStep } from '@/lib/operations/bulk-tag';
import { retryOperation } from '@/lib/operations/commands';
import type { Failure } from '@/lib/operations/failure';
import { getOperation } from '@/lib/operations/queries';
import { recoverOperations } from '@/lib/operations/run';
import type { OperationHandlers, OperationStep } from '@/lib/operations/schema';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import { expectSound } from '@/testing/sound';
import { startLoop } from './loop';

const times = { staleMs: 300, turnMs: 5_000, attempts: 3, retryMs: 20, recoverEveryMs: 20 };
const silent = new Logger(() => () => undefined);

let account: TestAccount;
let sectionId: SectionId;
let profiles: ProfileId[];
let tagId: TagId;
let loops: { stop: () => Promise<void> }[];
let failures: Failure[];
let problems: unknown[];

beforeAll(async () => {
  account = await createTestAccount();
});
afterAll(expectSound);
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Work');
  profiles = await createTestProfiles(sectionId, 6);
  tagId = await createTestTag(sectionId, 'Bulk');
  [loops, failures, problems] = [[], [], []];
});
afterEach(async () => {
  await Promise.all(loops.map((loop) => loop.stop()));
  expect(problems).toEqual([]);
});

/** A process that runs bulk changes by this step. */
async function work(step: OperationStep): Promise<void> {
  const handlers = { bulk_tag: () => ({ step }) } as unknown as OperationHandlers;
  const onFailure = (failure: Failure) => failures.push(failure);
  const onProblem = (_message: string, error: unknown) => problems.push(error);
  loops.push(await startLoop({ logger: silent, handlers, times, pollMs: 20, onFailure, onProblem }));
}

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

/** All are tagged, each by one row of the ledger. */
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

describe('a step', () => {
  it('that throws once is done again, and nothing twice', async () => {
    let calls = 0;
    await work(async (tx, operation) => {
      const result = await inTwos(tx, operation);
      if (++calls === 2) throw new Error('once');
      return result;
    });
    const id = await start();
    expect(await ended(id)).toMatchObject({ status: 'done', error: null });
    await expectTaggedOnce(id);
    expect(failures).toMatchObject([{ operationId: id, attempt: 1, of: 3, final: false }]);
  });

  it('that always throws ends as failed, with a reason, and can be tried again', async () => {
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
    expect(failures.map(({ attempt, final }) => [attempt, final])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    const { attempts, last, jobs } = await one<{ attempts: number; last: string; jobs: number }>(
      pool(),
      sql`
        select attempts, last_error as last,
          (select count(*) from graphile_worker.jobs where key = ${`operation:${sectionId}:${id}`}) as jobs
        from operation where section_id = ${sectionId} and id = ${id}`,
    );
    expect({ attempts, last, jobs }).toEqual({ attempts: 3, last: 'Error: always', jobs: 0 });
    expect(await recoverOperations({ ...times, staleMs: 0 })).toBe(0);
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

  it('that fails after it was committed is not done twice', async () => {
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

  it('that is only slow is left alone by other workers', async () => {
    const begun: number[] = [];
    const slow: OperationStep = async (tx, operation) => {
      begun.push(operation.cursor);
      const result = await inTwos(tx, operation);
      const before = await now();
      while ((await now()) < before + 2 * times.staleMs) expect(await recoverOperations(times)).toBe(0);
      return result;
    };
    await work(slow);
    await work(slow);
    const id = await start();
    expect(await ended(id)).toMatchObject({ status: 'done' });
    await expectTaggedOnce(id);
    expect(begun).toHaveLength(3);
    expect(failures).toEqual([]);
  });
});

describe('a process that ends in the middle', () => {
  async function die(id: OperationId, attempts: number): Promise<void> {
    await execute(
      pool(),
      sql`
        update operation
        set status = 'running', runner = 'dead', heartbeat = now() - interval '1 minute', attempts = ${attempts}
        where section_id = ${sectionId} and id = ${id}`,
    );
    await execute(
      pool(),
      sql`
        update graphile_worker._private_jobs set locked_at = now(), locked_by = 'dead', attempts = 1
        where key = ${`operation:${sectionId}:${id}`}`,
    );
  }

  it('is replaced', async () => {
    const id = await start();
    await die(id, 0);
    await work(inTwos);
    expect(await ended(id)).toMatchObject({ status: 'done' });
    expect(failures).toMatchObject([{ attempt: 1, final: false }]);
  });

  it('each time ends the work as failed: its step may be what ends processes', async () => {
    const id = await start();
    await die(id, 2);
    await work(inTwos);
    expect(await ended(id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('The process that worked on this ended in the middle, 3 times.') as string,
    });
    expect(failures).toMatchObject([{ attempt: 3, final: true }]);
  });
});

async function now(): Promise<number> {
  const { at } = await one<{ at: Date }>(pool(), sql`select clock_timestamp() as at`);
  return at.getTime();
}

/** The commit of this transaction takes effect, and its answer is lost. */
function failAfterCommit(tx: Tx): void {
  const query = tx.query.bind(tx) as (...args: unknown[]) => Promise<unknown>;
  tx.query = (async (...args: unknown[]) => {
    const answer = await query(...args);
    if (args[0] !== 'commit') return answer;
    tx.query = query as Tx['query'];
    throw new Error('the answer was lost');
  }) as Tx['query'];
}
