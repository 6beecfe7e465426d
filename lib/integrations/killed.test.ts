// Workers that are killed in the middle of a sync: real processes, by SIGKILL. Another worker goes on where they were.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { isCluster } from '@/testing/cluster';
import { createTestAccount, createTestSection } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { spawnWorker } from '@/testing/process';
import { valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import { applyDryRun } from './run-commands';

const MEMBERS = 250;
/** Processes start, and are missed, in their own time; on a cluster they work slowly too. */
const SLOWLY = { timeout: isCluster(inject('nodes')) ? 600_000 : 90_000 };

let shop: TestConnection;
const workers: ChildProcess[] = [];

beforeEach(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  const account = await createTestAccount();
  shop = await TestConnection.open(account, await createTestSection(account.accountId, 'Killed'), {
    unmatched: 'create',
  });
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => kill(worker)));
  await shop.stop();
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

/** The calls that read members of a list, by their pages. */
const pagesOf = (list: string) =>
  shop.crm.simulator.log
    .filter(({ line }) => line.includes(`profile_lists/profile/${list}/records?`))
    .map(({ url }) => url.searchParams.get('page'));

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

it('in the read, and while tags are changed: the sync ends as if nobody had died', async () => {
  const { world, simulator } = shop.crm;
  const known = await shop.known(['a@example.org', 'b@example.org']);
  const strangers = Array.from({ length: MEMBERS - 2 }, (_, index) =>
    world.addContact({ email: `stranger.${index}@example.org` }),
  );
  const [short, long] = [world.addList('Short', known), world.addList('Long', [...known, ...strangers])];
  await shop.keep(short, 'Short');
  await shop.keep(long, 'Long');
  const runId = await shop.start(true);
  const status = async () => (await shop.state(runId)).status;

  // Killed in the read: one list is whole, of the other one page is stored, and the next one does not come.
  simulator.faults.set({ kind: 'timeout', match: `/${long}/records\\?page=1`, times: 1 });
  const first = startWorker();
  await expect.poll(() => pagesOf(long), SLOWLY).toEqual(['0', '1']);
  await kill(first);
  expect(await status()).toBe('reading');
  const ofFirst = simulator.log.length;
  const [whole, again] = [pagesOf(short), pagesOf(long).length];

  const second = startWorker();
  await expect.poll(status, SLOWLY).toBe('planned');
  expect(pagesOf(short)).toEqual(whole);
  expect(pagesOf(long).slice(again)[0]).toBe('0');
  const planned = await shop.state(runId);
  expect(planned.lists.map(({ counts }) => [counts.seen, counts.adds])).toEqual([
    [2, 2],
    [MEMBERS, MEMBERS - strangers.length],
  ]);
  // Of the first worker's calls, only those of the list that it did not finish are not counted.
  const { calls } = await one<{ calls: number }>(
    pool(),
    sql`select calls from sync_run where section_id = ${shop.sectionId} and id = ${runId}`,
  );
  expect(calls).toBeGreaterThan(simulator.log.length - ofFirst);

  // Killed while the plan is carried out: profiles are created, and the first tag waits for a lock of ours.
  const other = await pool().connect();
  try {
    await other.query('begin');
    await other.query('lock table tag_claim in share mode');
    valueOf(await applyDryRun(shop.actor, { sectionId: shop.sectionId, runId }));
    await expect.poll(isWaiting, SLOWLY).toBe(true);
    await kill(second);
  } finally {
    await other.query('rollback');
    other.release();
  }
  expect(await status()).toBe('applying');

  startWorker();
  await expect.poll(status, SLOWLY).toBe('done');
  expect(await shop.tagged('Short')).toEqual(['a@example.org', 'b@example.org']);
  expect(await shop.tagged('Long')).toHaveLength(MEMBERS);
  const made = await one<{ profiles: number; changes: number }>(
    pool(),
    sql`
      select
        (select count(*) from profile where section_id = ${shop.sectionId}) as profiles,
        (select count(*) from tag_change where section_id = ${shop.sectionId}) as changes`,
  );
  expect(made).toEqual({ profiles: MEMBERS, changes: MEMBERS + 2 });
  await expectInvariants();
});
