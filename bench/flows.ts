// Flows: a hundred thousand who enter at once, against the same rows written by hand; one who enters while half a million pass through another flow, in the same
// section and in another one; the cost of a million who wait; and of a change that a flow listens for.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { UserActor } from '@/lib/access/actor';
import type { FlowId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql } from '@/lib/db/sql';
import { createFlow } from '@/lib/flows/commands';
import { publishFlow } from '@/lib/flows/publish';
import { moveDue } from '@/lib/flows/move';
import { tick } from '@/lib/flows/tick';
import { changeTags, wantedFor, wantedForOne } from '@/lib/tags/change';
import { spawnWorker } from '@/testing/process';
import { expectDone } from './bulk';
import { CONNECTIONS } from './door';
import type { World } from './generate';
import { absolute, relative, timed, type Line } from './measure';

const ROUNDS = 3;
const AT_ONCE = 100_000;
const PASSING = 500_000;
const WAITING = 1_000_000;
const UNDER_MS = 30_000;
const LATENCY_MS = 1_000;
const IDLE_MS = 5;
const BATCH = 1_000;
const BATCHES = 20;
const BATCH_MS = 1_000;
const LOOKS = 200;
/** Changes of one tag on one person, by each of the connections. */
const CHANGES = 150;
/** As people tag in bulk: in steps. */
const STEP = 5_000;
const WAIT = { id: 'wait', kind: 'wait' as const, time: { count: 30, unit: 'days' as const } };
const number = (count: number) => count.toLocaleString('en-GB');

type Bench = { actor: UserActor; sectionId: SectionId; profiles: number };

/** The time of flows. Changes the database, which is a copy. */
export async function measureFlows(world: World, actor: UserActor): Promise<Line[]> {
  const bench = benchOf(world, actor);
  return [...(await measureAtOnce(bench)), ...(await measureDoor(bench)), ...(await measureIdle(bench))];
}

/** How long one person waits for many others. Changes the database, which is a copy. */
export async function measureFlowsBeside(url: string, world: World, actor: UserActor): Promise<Line[]> {
  const bench = benchOf(world, actor);
  const other = await one<{ id: SectionId }>(pool(), sql`select id from section where slug = ${world.manyTags.slug}`);
  return measureLatency(url, bench, { ...bench, sectionId: other.id });
}

function benchOf(world: World, actor: UserActor): Bench {
  process.env.NEXTAUTH_SECRET = 'the secret of the bench, 32 or more';
  return { actor, sectionId: world.main.sectionId, profiles: world.main.profiles };
}

async function makeTag(sectionId: SectionId, name: string): Promise<TagId> {
  const key = `${name} ${randomUUID().slice(0, 8)}`;
  const { id } = await one<{ id: TagId }>(
    pool(),
    sql`
      insert into tag (section_id, discriminator, name, name_key)
      values (${sectionId}, ${`usercreated.tags.${randomUUID()}`}, ${key}, ${key.toLowerCase()})
      returning id`,
  );
  return id;
}

/** A live flow that gives a tag, then waits for a month. */
async function makeFlow({ actor, sectionId }: Bench): Promise<{ flowId: FlowId; trigger: TagId; given: TagId }> {
  const [trigger, given] = [await makeTag(sectionId, 'Trigger'), await makeTag(sectionId, 'Given')];
  const document = {
    trigger: { kind: 'tag_applied' as const, tagId: trigger },
    steps: [{ id: 'give', kind: 'tags' as const, apply: [given] }, WAIT],
  };
  const name = `Bench ${randomUUID().slice(0, 8)}`;
  const { id, revision } = expectDone(await createFlow(actor, { sectionId, name, document }));
  expectDone(await publishFlow(actor, { sectionId, flowId: id, revision }));
  return { flowId: id, trigger, given };
}

const cause = ({ sectionId }: Bench) => ({ sectionId, source: 'user' as const, userId: null });

/** Some people in the order of their ids: those after the `from` first. */
const someone = ({ sectionId }: Bench, from: number, count: number) => sql`
  select id as profile_id from profile where section_id = ${sectionId} order by id offset ${from} limit ${count}`;

const tagAll = (bench: Bench, tagId: TagId, from: number, count: number) =>
  transaction((tx) =>
    changeTags(tx, cause(bench), wantedFor(someone(bench, from, count), { apply: [tagId], remove: [] })),
  );

async function past(sectionId: SectionId, flowId: FlowId): Promise<number> {
  const { people } = await one<{ people: number }>(
    pool(),
    sql`
      select coalesce(sum(number), 0)::bigint as people from flow_count
      where section_id = ${sectionId} and flow_id = ${flowId} and step = 'give' and what = 'passed'`,
  );
  return people;
}

async function settle(): Promise<void> {
  await pool().query('vacuum (analyze) profile_tag, tag_change, signal, flow_run, flow_visit, flow_count');
  await pool().query('checkpoint');
}

/** From the tag to the first wait, beside the rows that this leaves behind, written by hand. */
async function measureAtOnce(bench: Bench): Promise<Line[]> {
  const count = Math.min(AT_ONCE, Math.floor(bench.profiles / 2));
  const rounds: { value: number; limit: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const hand = await makeFlow(bench);
    const limit = await timed(() => byHand(bench, hand, count));
    await settle();
    const ours = await makeFlow(bench);
    const value = await timed(() => passAll(bench, ours, count));
    rounds.push({ value, limit });
    await settle();
  }
  const work = `${number(count)} tagged at once, in a flow and past its first step`;
  return [
    relative({ work, unit: 'ms', limit: 'the same rows by hand-written INSERTs', atMost: 3 }, rounds),
    absolute(
      `${work}: the slowest`,
      rounds.map(({ value }) => value),
      UNDER_MS,
      1,
    ),
    ...(await besideSnapshot(bench, count, work)),
  ];
}

/** The same while a report reads: what is done leaves rows behind that cannot be cleaned up, and that a look for work must not pass again and again. */
async function besideSnapshot(bench: Bench, count: number, work: string): Promise<Line[]> {
  const report = await pool().connect();
  try {
    await report.query('begin isolation level repeatable read');
    await report.query('select count(*) from flow');
    const { flowId, trigger } = await makeFlow(bench);
    const value = await timed(() => passAll(bench, { flowId, trigger }, count));
    const looks: number[] = [];
    for (let look = 0; look < LOOKS; look++) looks.push(await timed(() => tick({ sparing: true })));
    return [
      absolute(`${work}, while a report reads`, [value], 2 * UNDER_MS, 1),
      absolute('a look for work after that, while the report still reads', looks, 4 * IDLE_MS),
    ];
  } finally {
    await report.query('rollback');
    report.release();
    await settle();
  }
}

async function passAll(bench: Bench, { flowId, trigger }: { flowId: FlowId; trigger: TagId }, count: number) {
  await tagAll(bench, trigger, 0, count);
  while ((await past(bench.sectionId, flowId)) < count) await tick();
}

/** Each table in one statement: tags with their ledger and numbers, the stay, its history, and the numbers of the flow. */
async function byHand(
  bench: Bench,
  { flowId, trigger, given }: { flowId: FlowId; trigger: TagId; given: TagId },
  count: number,
): Promise<void> {
  const { sectionId } = bench;
  const now = new Date();
  const later = new Date(now.getTime() + 30 * 86_400_000);
  await transaction(async (tx) => {
    for (const [tagId, source] of [
      [trigger, 1],
      [given, 5],
    ] as const) {
      await execute(
        tx,
        sql`
          with applied as (
            insert into profile_tag (section_id, tag_id, profile_id)
            select ${sectionId}::int, ${tagId}::int, profile_id from (${someone(bench, 0, count)}) chosen
            returning profile_id
          ), ledger as (
            insert into tag_change (section_id, tag_id, profile_id, action, visible, source)
            select ${sectionId}::int, ${tagId}::int, profile_id, 1, true, ${source}::int from applied
          )
          insert into tag_count (section_id, tag_id, slot, profiles, last_applied)
          select ${sectionId}::int, ${tagId}::int, 0, count(*), ${now}::timestamptz from applied`,
      );
    }
    await execute(
      tx,
      sql`
        insert into flow_run (section_id, flow_id, profile_id, entry, version, step, stage, due_at, arrived_at, entered_at)
        select ${sectionId}::int, ${flowId}::int, profile_id, 1, 1, 'wait', 1, ${later}::timestamptz,
          ${now}::timestamptz, ${now}::timestamptz
        from (${someone(bench, 0, count)}) chosen`,
    );
    await execute(
      tx,
      sql`
        insert into flow_visit (section_id, flow_id, profile_id, entry, version, step, what, at)
        select ${sectionId}::int, ${flowId}::int, profile_id, 1, 1, line.step, line.what, ${now}::timestamptz
        from (${someone(bench, 0, count)}) chosen
        cross join (values (null, 'entered'), ('give', 'passed')) line (step, what)`,
    );
    await execute(
      tx,
      sql`
        insert into flow_count (section_id, flow_id, version, step, what, slot, number)
        select ${sectionId}::int, ${flowId}::int, 1, step, what, 0, ${count}::bigint
        from (values ('', 'entered'), ('give', 'arrived'), ('give', 'passed'), ('wait', 'arrived')) line (step, what)`,
    );
  });
}

/** One tag on one person: a tag that starts a flow against one that nobody listens for. The flow is not moved meanwhile. */
async function measureDoor(bench: Bench): Promise<Line[]> {
  const rounds: { value: number; limit: number }[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const { trigger } = await makeFlow(bench);
    const quiet = await makeTag(bench.sectionId, 'Quiet');
    const sample = await rows<{ id: ProfileId }>(
      pool(),
      sql`select profile_id as id from (${someone(bench, 0, CONNECTIONS * CHANGES)}) chosen order by md5(profile_id::text)`,
    );
    const change = (tagId: TagId) =>
      timed(() =>
        Promise.all(
          Array.from({ length: CONNECTIONS }, async (_, writer) => {
            for (const { id } of sample.slice(writer * CHANGES, (writer + 1) * CHANGES))
              await transaction((tx) => changeTags(tx, cause(bench), wantedForOne(id, { apply: [tagId], remove: [] })));
          }),
        ),
      );
    const limit = await change(quiet);
    const value = await change(trigger);
    if (round > 0) rounds.push({ value, limit });
  }
  const bulk: { value: number; limit: number }[] = [];
  const count = Math.min(AT_ONCE, Math.floor(bench.profiles / 2));
  for (let round = 0; round < ROUNDS; round++) {
    const { trigger } = await makeFlow(bench);
    const quiet = await makeTag(bench.sectionId, 'Quiet');
    const limit = await timed(() => tagAll(bench, quiet, 0, count));
    await settle();
    bulk.push({ value: await timed(() => tagAll(bench, trigger, 0, count)), limit });
    await settle();
  }
  await execute(pool(), sql`delete from signal where section_id = ${bench.sectionId}`);
  await settle();
  const limit = 'one that no flow listens for';
  return [
    relative({ work: 'a tag on one person that starts a flow', unit: 'ms', limit, atMost: 1.2 }, rounds),
    relative({ work: `a tag on ${number(count)} at once that starts a flow`, unit: 'ms', limit, atMost: 1.2 }, bulk),
  ];
}

/** One person after the other enters a flow, while many pass through another one: moved by a worker of its own. */
async function measureLatency(url: string, bench: Bench, elsewhere: Bench): Promise<Line[]> {
  const count = Math.min(PASSING, Math.floor(bench.profiles / 2));
  const many = await makeFlow(bench);
  const places = [
    { bench, ...(await makeFlow(bench)), times: [] as number[] },
    { bench: elsewhere, ...(await makeFlow(elsewhere)), times: [] as number[] },
  ];
  const worker = spawnWorker({ DATABASE_URL: url, TAGWELL_SECRET: randomUUID() });
  try {
    let isOver = false;
    const sampling = Promise.all(
      places.map(async ({ bench: at, trigger, given, times }) => {
        const people = await rows<{ id: ProfileId }>(
          pool(),
          sql`select profile_id as id from (${someone(at, 0, 2_000)}) chosen`,
        );
        // The first are not counted: the worker has only just begun.
        for (let seen = 0; !isOver && seen < people.length; seen++) {
          const { id } = people[seen]!;
          const passed = () =>
            maybeOne(
              pool(),
              sql`
                select from profile_tag
                where section_id = ${at.sectionId} and tag_id = ${given} and profile_id = ${id}`,
            );
          const time = await timed(async () => {
            await transaction((tx) => changeTags(tx, cause(at), wantedForOne(id, { apply: [trigger], remove: [] })));
            while ((await passed()) === undefined) await pause(10);
          });
          if ((await past(bench.sectionId, many.flowId)) > 0) times.push(time);
          await pause(100);
        }
      }),
    );
    await pause(3_000);
    const began = performance.now();
    for (let from = 0; from < count; from += STEP) {
      await tagAll(bench, many.trigger, from, Math.min(STEP, count - from));
    }
    while ((await past(bench.sectionId, many.flowId)) < count) await pause(250);
    const took = performance.now() - began;
    isOver = true;
    await sampling;
    const work = (where: string) => `one trigger to its step${where}, while ${number(count)} pass through another flow`;
    const [here, there] = places;
    return [
      absolute(work(''), here!.times, LATENCY_MS),
      absolute(work(' in another section'), there!.times, LATENCY_MS),
      {
        ...{ work: `${number(count)} through a flow, by a worker`, limit: null, ratio: null, unit: 'per s', goal: '–' },
        ...{ value: (count * 1_000) / took, met: true, rounds: [] },
      },
    ];
  } finally {
    const ended = once(worker, 'exit');
    worker.kill('SIGTERM');
    await ended;
  }
}

/** A look for work, while a million wait in five flows and nothing is due. */
async function measureIdle(bench: Bench): Promise<Line[]> {
  const { sectionId } = bench;
  const each = Math.floor(Math.min(WAITING, bench.profiles * 5) / 5);
  const later = new Date(Date.now() + 30 * 86_400_000);
  const now = new Date();
  const flowIds: FlowId[] = [];
  for (let flow = 0; flow < 5; flow++) {
    const { flowId } = await makeFlow(bench);
    flowIds.push(flowId);
    await execute(
      pool(),
      sql`
        insert into flow_run (section_id, flow_id, profile_id, entry, version, step, stage, due_at, arrived_at, entered_at)
        select ${sectionId}::int, ${flowId}::int, profile_id, 1, 1, 'wait', 1, ${later}::timestamptz,
          ${now}::timestamptz, ${now}::timestamptz
        from (${someone(bench, 0, each)}) chosen`,
    );
  }
  await settle();
  const times: number[] = [];
  await tick();
  for (let look = 0; look < LOOKS; look++) times.push(await timed(() => tick()));
  // All of a flow are due at the same moment.
  const due: number[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    due.push(await timed(() => moveDue({ sectionId, flowId: flowIds[0]! }, { limit: BATCH, now: later })));
  }
  return [
    absolute(`a look for work, while ${number(each * 5)} wait in five flows`, times, IDLE_MS),
    absolute(`${number(BATCH)} of ${number(each)} that are due at the same moment`, due, BATCH_MS),
  ];
}
