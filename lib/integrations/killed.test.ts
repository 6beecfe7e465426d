// Workers that are killed in the middle of a sync: real processes, by SIGKILL. Another worker goes on where they were.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import type { SyncRunId } from '@/lib/db/ids';
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
/** `TAGWELL_TEST_KILLS=100 npx vitest run lib/integrations/killed.test.ts`: so many more, at moments that nobody has chosen. */
const KILLS = Number(process.env.TAGWELL_TEST_KILLS ?? 0);
/** Processes start, and are missed, in their own time; on a cluster they work slowly too. */
const SLOWLY = { timeout: KILLS > 0 || isCluster(inject('nodes')) ? 600_000 : 90_000 };

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

/** Tags that lists keep, whose members change at random, and what must have become of them in the end. */
async function startChanging() {
  const { world, simulator } = shop.crm;
  await shop.set({
    unmatched: 'create',
    fields: [{ field: 'last_name', code: 'lastname', existing: 'overwrite' }],
    guard: { share: 100, atLeast: 1_000_000, inAll: 10_000_000, emptied: 1_000_000 },
  });
  simulator.faults.set({ kind: 'slow', match: 'records', delayMs: 20 });
  const names = ['North', 'South', 'West'];
  const lists = names.map((name) => ({ name, id: world.addList(name), had: new Set<string>(), changes: 0 }));
  for (const { id, name } of lists) await shop.keep(id, name);
  const contacts = Array.from({ length: 1_000 }, (_, index) => ({
    id: world.addContact({ email: `person.${index}@example.org` }),
    email: `person.${index}@example.org`,
  }));
  const emailOf = new Map(contacts.map(({ id, email }) => [id, email]));
  const seen = new Set<string>();
  return {
    lists,
    seen,
    change(round: number): void {
      for (const list of lists) {
        world.removeMembers(
          list.id,
          world.membersOf(list.id).filter(() => Math.random() < 0.3),
        );
        world.addMembers(
          list.id,
          contacts.filter(() => Math.random() < 0.2).map(({ id }) => id),
        );
        const members = new Set(world.membersOf(list.id).map((id) => emailOf.get(id)!));
        const [joined, left] = [
          [...members].filter((email) => !list.had.has(email)),
          [...list.had].filter((email) => !members.has(email)),
        ];
        list.changes += joined.length + left.length;
        list.had = members;
        for (const email of members) seen.add(email);
      }
      for (const { id } of contacts) if (Math.random() < 0.3) world.changeContact(id, { lastName: `Name ${round}` });
    },
  };
}

/** The process that runs the operation of the sync, or either of them: a read has no such note. */
async function atWork(pair: readonly ChildProcess[]): Promise<number> {
  const found = await pool().query<{ runner: string | null }>(
    `select runner from operation where section_id = $1 and status = 'running'`,
    [shop.sectionId],
  );
  const pid = Number.parseInt(found.rows[0]?.runner ?? '', 10);
  const which = pair.findIndex((worker) => worker.pid === pid);
  return which >= 0 ? which : Math.floor(Math.random() * pair.length);
}

it.runIf(KILLS > 0)(
  'again and again, at any moment: everybody gets what the lists say, once',
  async () => {
    const crm = await startChanging();
    const pair = [startWorker(), startWorker()];
    const killedAt: Record<string, number> = {};
    const state = async (runId: SyncRunId) => {
      const found = await pool().query<{ status: string; phase: number | null }>(
        `select run.status, operation.phase from sync_run run
         left join operation on operation.section_id = run.section_id and operation.id = run.operation_id
         where run.section_id = $1 and run.id = $2`,
        [shop.sectionId, runId],
      );
      return found.rows[0]!;
    };
    /** Some time in the read, or shortly after a step: which, is left to chance. */
    const moment = async (runId: SyncRunId, over: string) => {
      const read = Math.random() < 0.3;
      const wanted = Math.floor(Math.random() * 6);
      const reached = async () => {
        const { status, phase } = await state(runId);
        return status === over || (phase !== null && phase >= wanted);
      };
      while (!read && !(await reached())) await new Promise((resolve) => setTimeout(resolve, 2));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * (read ? 1_500 : 60)));
    };
    for (let killed = 0, round = 0; killed < KILLS; round++) {
      crm.change(round);
      const dry = round === 0;
      const runId = await shop.start(dry);
      const over = dry ? 'planned' : 'done';
      for (let alive = Math.random() * 3; alive > 0; alive--) {
        await moment(runId, over);
        const which = await atWork(pair);
        await kill(pair[which]!);
        const { status, phase } = await state(runId);
        const at = phase === null || status === over ? status : `${status}, phase ${phase}`;
        killedAt[at] = (killedAt[at] ?? 0) + 1;
        killed++;
        pair[which] = startWorker();
      }
      await expect.poll(async () => (await state(runId)).status, SLOWLY).toBe(over);
      if (dry) {
        valueOf(await applyDryRun(shop.actor, { sectionId: shop.sectionId, runId }));
        await expect.poll(async () => (await state(runId)).status, SLOWLY).toBe('done');
      }
      for (const { name, had } of crm.lists) expect(await shop.tagged(name)).toEqual([...had].toSorted());
    }
    const counted = await one<{ profiles: number; changes: number }>(
      pool(),
      sql`
        select
          (select count(*) from profile where section_id = ${shop.sectionId}) as profiles,
          (select count(*) from tag_change where section_id = ${shop.sectionId}) as changes`,
    );
    expect(counted).toEqual({
      profiles: crm.seen.size,
      changes: crm.lists.reduce((sum, { changes }) => sum + changes, 0),
    });
    await expectInvariants();
    console.log({ kills: KILLS, killedAt, ...counted });
  },
  7_200_000,
);
