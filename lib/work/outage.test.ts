// The database goes down during work and comes back: all work continues in the same process, without a restart.
import { Logger } from 'graphile-worker';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { getOperation } from '@/lib/activity/queries';
import type { OperationId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
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
import { DatabaseProxy } from '@/testing/proxy';
import { TestWorkers } from '@/testing/worker';

let account: TestAccount;
let sectionId: SectionId;
let profiles: ProfileId[];
let tagId: TagId;
let workers: TestWorkers;
let proxy: DatabaseProxy;

beforeAll(async () => {
  account = await createTestAccount();
});
afterAll(expectInvariants);
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Outage');
  profiles = await createTestProfiles(sectionId, 4);
  tagId = await createTestTag(sectionId, 'Bulk');
  proxy = await DatabaseProxy.open();
  workers = new TestWorkers();
});
afterEach(async () => {
  await workers.stop();
  await proxy.close();
});

/** Cuts the connections, and restores them after the worker has tried to reconnect for a while. */
async function outage(): Promise<void> {
  const before = workers.problems.length;
  proxy.cut();
  await expect.poll(() => workers.problems.length - before, { timeout: 10_000, interval: 5 }).toBeGreaterThan(5);
  await proxy.restore();
}

async function start(): Promise<OperationId> {
  const started = await bulkTag(account.admin, { sectionId, selection: { kind: 'all', filter: {} }, apply: [tagId] });
  if (!started.ok) throw new Error(started.refusal.message);
  return started.value.operationId;
}

const until = (reached: () => unknown) => expect.poll(reached, { timeout: 10_000, interval: 10 });

async function expectDone(id: OperationId): Promise<void> {
  await until(async () => (await getOperation(pool(), sectionId, id))!.status).toMatch(/done|failed/);
  const found = await one<object>(
    pool(),
    sql`
      select
        (select status from operation where section_id = ${sectionId} and id = ${id}),
        (select count(*) from profile_tag where section_id = ${sectionId} and tag_id = ${tagId}) as held,
        (select count(*) from tag_change where section_id = ${sectionId} and operation_id = ${id}) as entries`,
  );
  expect(found).toEqual({ status: 'done', held: profiles.length, entries: profiles.length });
}

const addJob = (task: string) =>
  rows(
    proxy.direct,
    sql`select graphile_worker.add_job(${task}, '{}'::json, queue_name := 'queue', job_key := ${task})`,
  );

const jobs = () =>
  rows<{ task: string; lockedBy: string | null }>(
    proxy.direct,
    sql`select task_identifier as task, locked_by as "lockedBy" from graphile_worker.jobs`,
  );

const { step } = bulkTagKind.open();

describe('an operation whose database goes down during a step', () => {
  it('continues when the database is back, and counts one failed attempt', async () => {
    let steps = 0;
    const kind = withStep(bulkTagKind, async (tx, operation) => {
      if (++steps === 1) proxy.cut();
      return step(tx, operation);
    });
    await workers.start({ kinds: [kind] });
    const id = await start();
    await until(() => workers.problems.length).toBeGreaterThan(5);
    expect(steps).toBe(1);
    await proxy.restore();
    await expectDone(id);
    expect(steps).toBe(2);
    expect(workers.failures).toMatchObject([{ operationId: id, attempt: 1, final: false }]);
    await until(jobs).toEqual([]);
  });
});

describe('a job', () => {
  it.each(['ends', 'fails'])('that %s during an outage does not stay locked, in each lane', async (how) => {
    const runs = { now: 0, work: 0, night: 0 };
    const task = (lane: keyof typeof runs) => () => {
      if (++runs[lane] > 1) return;
      proxy.cut();
      if (how === 'fails') throw new Error('the database is away');
    };
    const tasks = { now: { now: task('now') }, work: { work: task('work') }, night: { night: task('night') } };
    await workers.start({ tasks });
    for (const lane of ['now', 'work', 'night'] as const) {
      const before = workers.problems.length;
      await addJob(lane);
      await until(() => runs[lane]).toBe(1);
      await until(() => workers.problems.length - before).toBeGreaterThan(5);
      await proxy.restore();
      // A failed job is retried after a few seconds.
      if (how === 'ends') await until(jobs).toEqual([]);
      else await until(async () => (await jobs()).filter(({ lockedBy }) => lockedBy !== null)).toEqual([]);
      await rows(proxy.direct, sql`select graphile_worker.remove_job(${lane})`);
    }
  });

  it('whose end cannot be recorded is run again', async () => {
    let runs = 0;
    // The last thing the queue does before it records the end.
    const logger = new Logger(() => (_level, message) => {
      if (runs === 1 && message.startsWith('Completed task')) proxy.cut();
    });
    await workers.start({ tasks: { now: { ping: () => void runs++ }, work: {}, night: {} }, logger });
    await addJob('ping');
    await until(() => workers.problems.length).toBeGreaterThan(5);
    await proxy.restore();
    await until(() => runs).toBe(2);
    await until(jobs).toEqual([]);
  });

  it('is freed if this process has locked but does not run it, and left alone if it runs', async () => {
    let key = '';
    let pings = 0;
    const kind = withStep(bulkTagKind, async (tx, operation) => {
      key = `operation:${sectionId}:${operation.id}`;
      const lockedAt = async () =>
        (await one<{ at: Date }>(pool(), sql`select locked_at as at from graphile_worker.jobs where key = ${key}`)).at;
      const before = await lockedAt();
      // As if the answer in which the queue took the job had been lost.
      await addJob('ping');
      await execute(
        pool(),
        sql`
          with job as (
            update graphile_worker._private_jobs set locked_at = clock_timestamp(), attempts = 1,
              locked_by = (select locked_by from graphile_worker._private_jobs where key = ${key})
            where key = 'ping'
            returning *
          )
          update graphile_worker._private_job_queues set locked_at = job.locked_at, locked_by = job.locked_by
          from job where _private_job_queues.id = job.job_queue_id`,
      );
      await workers.start({ tasks: { now: { ping: () => void pings++ }, work: {}, night: {} } });
      await until(() => pings).toBe(1);
      expect(await lockedAt()).toEqual(before);
      return step(tx, operation);
    });
    await workers.start({ kinds: [kind] });
    await expectDone(await start());
  });
});

describe('loops and the lead', () => {
  it('continue after each of several outages', async () => {
    let turns = 0;
    const loop = { name: 'reading', everyMs: 5, turn: async () => void (await pool().query('select'), turns++) };
    const { presence } = await workers.start({ loops: [loop] });
    for (let round = 0; round < 3; round++) {
      const before = turns;
      await until(() => turns).toBeGreaterThan(before + 3);
      await outage();
      await until(() => presence.leading).toBe(true);
    }
    const before = turns;
    await until(() => turns).toBeGreaterThan(before + 3);
  });
});
