// Syncs of a list that has a tenth of all profiles, against hand-written staging, diff and claims with the same effect; the memory of
// a worker that reads it; and pages while 50 connections are synced at once. The CRM is a made-up Dynamics 365.
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { from as copyFrom } from 'pg-copy-streams';
import type { UserActor } from '@/lib/access/actor';
import { OPERATION_KINDS } from '@/lib/activity/kinds';
import type {
  ClaimHolderId,
  ConnectionId,
  ConnectionListId,
  KeyspaceId,
  OperationId,
  SyncRunId,
  TagId,
} from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { keepLists, setOptions } from '@/lib/integrations/commands';
import { connectCrm } from '@/lib/integrations/connect';
import { keptLists, openConnection } from '@/lib/integrations/queries';
import { readConnection } from '@/lib/integrations/read';
import { ConnectionOptionsSchema } from '@/lib/integrations/schema';
import { applyDryRun, startSync } from '@/lib/integrations/run-commands';
import { openSession } from '@/lib/integrations/session';
import { runOperation } from '@/lib/work/run';
import { startDynamics, type Dynamics } from '@/testing/crm/dynamics';
import { spawnTagwell, spawnWorker } from '@/testing/process';
import { expectDone, makeTag } from './bulk';
import type { World } from './generate';
import { absolute, median, relative, timed, type Line } from './measure';
import { get, signIn } from './pages';

const ROUNDS = 3;
/** Of the members, so many in a hundred leave, and as many others join, before each sync. */
const CHANGED = 1;
const MANY = 50;
const SECRET = 'the secret of the bench, 32 or more';
const FIELDS = [{ field: 'lastname', code: 'lastname', existing: 'overwrite' }];
/** The bench changes more than people do by mistake. */
const GUARD = { share: 100, atLeast: 1_000_000, inAll: 10_000_000, emptied: 1_000_000 };

type Person = { email: string; lastname: string };
type Bench = { world: World; actor: UserActor; crm: Dynamics; people: Person[] };

/** The time of syncs, and the memory of a worker. */
export const measureSyncs = (url: string, world: World, actor: UserActor): Promise<Line[]> =>
  withCrm(world, actor, async (bench) => {
    const members = Math.ceil(world.main.profiles / 10);
    const kept = await connected(bench, 'One', bench.people.slice(0, members));
    return [...(await measureTimes(bench, kept, members)), await measureMemory(url, bench, kept, members)];
  });

/** Pages while many connections are synced. */
export const measureManySyncs = (url: string, world: World, actor: UserActor): Promise<Line[]> =>
  withCrm(world, actor, (bench) => measurePagesMeanwhile(url, bench));

async function withCrm(world: World, actor: UserActor, measure: (bench: Bench) => Promise<Line[]>): Promise<Line[]> {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.NEXTAUTH_SECRET = SECRET;
  const crm = await startDynamics();
  crm.simulator.reset({ contacts: 0, lists: 0 });
  try {
    const people = await rows<Person>(
      pool(),
      sql`
        select attributes ->> 'email' as email, attributes ->> 'lastname' as lastname from profile
        where section_id = ${world.main.sectionId} order by id limit ${Math.ceil(world.main.profiles / 5)}`,
    );
    return await measure({ world, actor, crm, people });
  } finally {
    await crm.simulator.stop();
  }
}

type Kept = {
  connectionId: ConnectionId;
  listId: ConnectionListId;
  tagId: TagId;
  holderId: ClaimHolderId;
  keyspaceId: KeyspaceId;
  /** The list in the CRM. */
  crmList: string;
  contacts: Map<string, string>;
};

/** Connects, keeps a list of these people, and syncs it for the first time. */
async function connected({ world, actor, crm }: Bench, name: string, members: readonly Person[]): Promise<Kept> {
  const { sectionId } = world.main;
  const { settings, secrets } = crm;
  const { id: connectionId } = expectDone(
    await connectCrm(actor, { sectionId, kind: 'dynamics', name, settings, secrets }, quick(crm)),
  );
  const options = ConnectionOptionsSchema.parse({ fields: FIELDS, guard: GUARD, everyMinutes: null });
  expectDone(await setOptions(actor, { sectionId, connectionId, options }));
  const contacts = new Map(
    members.map(({ email, lastname }) => [email, crm.world.addContact({ email, lastName: lastname })]),
  );
  const crmList = crm.world.addList(name, [...contacts.values()]);
  const list = { externalId: `contact:${crmList}`, name, kind: 'static', tag: { name: `${name} ${randomUUID()}` } };
  const { ids } = expectDone(await keepLists(actor, { sectionId, connectionId, lists: [list] }));
  const { runId } = expectDone(await startSync(actor, { sectionId, connectionId, dry: true }));
  await finish(world, crm, runId);
  expectDone(await applyDryRun(actor, { sectionId, runId }));
  await operate(world, runId);
  const kept = await one<Pick<Kept, 'tagId' | 'holderId' | 'keyspaceId'>>(
    pool(),
    sql`
      select list.tag_id as "tagId", list.holder_id as "holderId", connection.keyspace_id as "keyspaceId"
      from connection_list list
      join connection on connection.section_id = ${sectionId} and connection.id = list.connection_id
      where list.section_id = ${sectionId} and list.id = ${ids[0]}`,
  );
  return { connectionId, listId: ids[0]!, crmList, contacts, ...kept };
}

/** Waits for nothing that a vendor's limit asks for. */
const quick = ({ simulator }: Dynamics) => ({ http: { clock: simulator.clock } });

async function finish(world: World, crm: Dynamics, runId: SyncRunId): Promise<void> {
  await readConnection(world.main.sectionId, runId, quick(crm));
  await operate(world, runId);
}

async function operate({ main: { sectionId } }: World, runId: SyncRunId): Promise<void> {
  const { operationId } = await one<{ operationId: OperationId }>(
    pool(),
    sql`select operation_id as "operationId" from sync_run where section_id = ${sectionId} and id = ${runId}`,
  );
  // A turn ends early while other operations wait in the queue: here nobody takes them.
  for (let status = 'queued'; status === 'queued';) {
    let thrown: unknown;
    await runOperation(OPERATION_KINDS, sectionId, operationId, {
      runner: randomUUID(),
      onFailure: ({ error }) => (thrown = error),
    });
    if (thrown instanceof Error) throw thrown;
    ({ status } = await one<{ status: string }>(
      pool(),
      sql`select status from operation where section_id = ${sectionId} and id = ${operationId}`,
    ));
  }
}

async function sync({ world, actor, crm }: Bench, { connectionId }: Kept): Promise<Record<string, number>> {
  const { sectionId } = world.main;
  const { runId } = expectDone(await startSync(actor, { sectionId, connectionId, dry: false }));
  await finish(world, crm, runId);
  const { status, counts } = await one<{ status: string; counts: Record<string, number> }>(
    pool(),
    sql`select status, counts from sync_run where section_id = ${sectionId} and id = ${runId}`,
  );
  if (status !== 'done') throw new Error(`The sync is ${status}.`);
  return counts;
}

async function measureTimes(bench: Bench, kept: Kept, members: number): Promise<Line[]> {
  const { crm, people } = bench;
  const changed = Math.ceil((members * CHANGED) / 100);
  const hand = await handMade(bench, kept);
  const still: number[] = [];
  await drain(bench, kept);
  const rounds: { value: number; limit: number }[] = [];
  let next = members;
  for (let round = 0; round < ROUNDS; round += 1) {
    const joined = people.slice(next, next + 2 * changed);
    next += 2 * changed;
    const lines = handChange(hand, joined.slice(0, changed));
    await settle();
    const limit = await timed(() => syncByHand(bench, hand, lines));
    for (const { email, lastname } of joined.slice(changed)) {
      kept.contacts.set(email, crm.world.addContact({ email, lastName: lastname }));
    }
    const leaving = [...kept.contacts.keys()].slice(0, changed);
    crm.site.setMembers(
      kept.crmList,
      [...kept.contacts].filter(([email]) => !leaving.includes(email)).map(([, id]) => id),
    );
    for (const email of leaving) kept.contacts.delete(email);
    await settle();
    // Each round has its own: what the machine does besides changes from round to round.
    const calls = await timed(() => drain(bench, kept));
    let counts: Record<string, number> = {};
    const total = await timed(async () => (counts = await sync(bench, kept)));
    if (counts.adds !== changed || counts.removes !== changed) throw new Error(JSON.stringify(counts));
    rounds.push({ value: total - calls, limit });
    await settle();
    still.push((await timed(() => sync(bench, kept))) - calls);
  }
  const number = members.toLocaleString('en-GB');
  return [
    relative(
      {
        work: `sync of a list of ${number}, 2 % changed, without the round’s own calls to the CRM, ${ROUNDS} rounds`,
        unit: 'ms',
        limit: 'hand-written COPY, diff, claims and ledger',
        atMost: 1.5,
      },
      rounds,
    ),
    absolute(`sync of it without changes, without the round’s own calls, ${ROUNDS} rounds`, still, 5_000, 0.5),
  ];
}

/** Reads the list without storing it: what waiting for the CRM costs. */
async function drain({ world, crm }: Bench, { connectionId, listId }: Kept): Promise<void> {
  const { sectionId } = world.main;
  const connection = (await openConnection(pool(), sectionId, connectionId))!;
  const lists = await keptLists(pool(), sectionId, connectionId);
  const { session } = openSession(connection, lists, quick(crm));
  await session.check();
  const list = (await session.findList(lists.find(({ id }) => id === listId)!.externalId))!;
  const reading = session.readMembers(list, ['lastname']);
  for (;;) if ((await reading.next()).done) break;
  await session.close();
}

async function settle(): Promise<void> {
  await pool().query('vacuum (analyze) tag_claim, profile_tag, profile_key, sync_member, sync_change');
  await pool().query('checkpoint');
}

type Hand = { tagId: TagId; holderId: ClaimHolderId; keyspaceId: KeyspaceId; members: Map<string, Person> };

/** Another tag that a list keeps, with the same members and claims. */
async function handMade({ world, people }: Bench, kept: Kept): Promise<Hand> {
  const { sectionId } = world.main;
  const tagId = await makeTag(world, `By hand ${randomUUID()}`);
  const { id: holderId } = await one<{ id: ClaimHolderId }>(
    pool(),
    sql`insert into claim_holder (section_id, name) values (${sectionId}, 'By hand') returning id`,
  );
  await execute(
    pool(),
    sql`
      insert into tag_claim (section_id, tag_id, profile_id, holder_id)
      select ${sectionId}::int, ${tagId}::int, profile_id, ${holderId}::int from tag_claim
      where section_id = ${sectionId} and tag_id = ${kept.tagId} and holder_id = ${kept.holderId}`,
  );
  await execute(
    pool(),
    sql`
      insert into profile_tag (section_id, tag_id, profile_id)
      select ${sectionId}::int, ${tagId}::int, profile_id from profile_tag
      where section_id = ${sectionId} and tag_id = ${kept.tagId}`,
  );
  await execute(
    pool(),
    sql`
      insert into tag_count (section_id, tag_id, slot, profiles, last_applied)
      select ${sectionId}::int, ${tagId}::int, 0, count(*), now() from profile_tag
      where section_id = ${sectionId} and tag_id = ${tagId}`,
  );
  const byEmail = new Map(people.map((person) => [person.email, person]));
  const members = new Map([...kept.contacts].map(([email, id]) => [`contact:${id}`, byEmail.get(email)!]));
  return { tagId, holderId, keyspaceId: kept.keyspaceId, members };
}

/** Some leave, and these join. Returns the members as lines of COPY. */
function handChange({ members }: Hand, joined: readonly Person[]): string {
  for (const key of [...members.keys()].slice(0, joined.length)) members.delete(key);
  for (const person of joined) members.set(`contact:${randomUUID()}`, person);
  return [...members].map(([key, { email, lastname }]) => `${key}\t${email}\t${lastname}\n`).join('');
}

async function syncByHand({ world }: Bench, { tagId, holderId, keyspaceId }: Hand, lines: string): Promise<void> {
  const { sectionId } = world.main;
  const db = await pool().connect();
  try {
    await db.query('begin');
    await db.query(
      'create unlogged table hand_member (key text primary key, email text, lastname text, profile_id bigint)',
    );
    const copy = db.query(copyFrom('copy hand_member (key, email, lastname) from stdin'));
    await pipeline(Readable.from([lines]), copy);
    await db.query('analyze hand_member');
    await execute(
      db,
      sql`
        update hand_member member set profile_id = linked.profile_id
        from profile_key linked
        where linked.section_id = ${sectionId} and linked.keyspace_id = ${keyspaceId} and linked.key = member.key`,
    );
    await execute(
      db,
      sql`
        update hand_member member set profile_id = known.profile_id
        from profile_key known
        where member.profile_id is null and known.section_id = ${sectionId} and known.key = member.email
          and known.keyspace_id = (select min(id) from keyspace where kind = 'email')`,
    );
    await execute(
      db,
      sql`
        insert into profile_key (section_id, keyspace_id, key, profile_id, slot)
        select ${sectionId}::int, ${keyspaceId}::int, key, profile_id, hashtext(key) from hand_member
        where profile_id is not null
        on conflict do nothing`,
    );
    await execute(
      db,
      sql`
        update profile set attributes = attributes || jsonb_build_object('lastname', member.lastname)
        from hand_member member
        where profile.section_id = ${sectionId} and profile.id = member.profile_id
          and profile.attributes ->> 'lastname' is distinct from member.lastname`,
    );
    await execute(
      db,
      sql`
        with wanted as (select distinct profile_id from hand_member where profile_id is not null),
        begun as (
          insert into tag_claim (section_id, tag_id, profile_id, holder_id)
          select ${sectionId}::int, ${tagId}::int, profile_id, ${holderId}::int from wanted
          where not exists (
            select from tag_claim claim
            where claim.section_id = ${sectionId} and claim.tag_id = ${tagId} and claim.holder_id = ${holderId}
              and claim.profile_id = wanted.profile_id
          )
          returning profile_id
        ),
        ended as (
          delete from tag_claim claim
          where claim.section_id = ${sectionId} and claim.tag_id = ${tagId} and claim.holder_id = ${holderId}
            and not exists (select from wanted where wanted.profile_id = claim.profile_id)
          returning profile_id
        ),
        applied as (
          insert into profile_tag (section_id, tag_id, profile_id)
          select ${sectionId}::int, ${tagId}::int, profile_id from begun
          returning profile_id
        ),
        removed as (
          delete from profile_tag held using ended
          where held.section_id = ${sectionId} and held.tag_id = ${tagId} and held.profile_id = ended.profile_id
          returning held.profile_id
        ),
        ledger as (
          insert into tag_change (section_id, tag_id, profile_id, action, visible, source, origin_id)
          select ${sectionId}::int, ${tagId}::int, profile_id, 1, true, 6, ${holderId}::int from applied
          union all
          select ${sectionId}::int, ${tagId}::int, profile_id, -1, true, 6, ${holderId}::int from removed
        )
        update tag_count
        set profiles = profiles + (select count(*) from applied) - (select count(*) from removed)
        where section_id = ${sectionId} and tag_id = ${tagId}`,
    );
    await db.query('commit');
    await db.query('drop table hand_member');
  } finally {
    db.release();
  }
}

/** The most memory of a worker process that syncs the list, in megabytes. */
async function measureMemory(url: string, bench: Bench, kept: Kept, members: number): Promise<Line> {
  const worker = spawnWorker(environment(url, 'worker'));
  try {
    await syncsDone(bench, [kept.connectionId]);
    const status = fs.readFileSync(`/proc/${worker.pid}/status`, 'utf8');
    const value = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
    return {
      work: `memory of a worker that syncs a list of ${members.toLocaleString('en-GB')}`,
      limit: null,
      value,
      unit: 'MB',
      ratio: null,
      goal: 'under 200 MB',
      met: value < 200,
      rounds: [{ value }],
    };
  } finally {
    await ended(worker);
  }
}

const environment = (url: string, role: string) => ({
  DATABASE_URL: url,
  TAGWELL_SECRET: SECRET,
  TAGWELL_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1',
  TAGWELL_ROLE: role,
});

async function ended(worker: ChildProcess): Promise<void> {
  const exit = once(worker, 'exit');
  worker.kill('SIGTERM');
  await exit;
}

/** Starts a sync of each connection, and waits until all are done. */
async function syncsDone({ world, actor }: Bench, connections: readonly ConnectionId[]): Promise<void> {
  const { sectionId } = world.main;
  for (const connectionId of connections) expectDone(await startSync(actor, { sectionId, connectionId, dry: false }));
  for (;;) {
    const open = await rows<{ status: string }>(
      pool(),
      sql`
        select distinct on (connection_id) status from sync_run
        where section_id = ${sectionId} and connection_id = any(${connections}::int[])
        order by connection_id, id desc`,
    );
    if (open.every(({ status }) => status === 'done')) return;
    if (open.some(({ status }) => status === 'failed')) throw new Error('A sync has failed.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A page, again and again, without syncs and while 50 connections are synced at once by another process. */
async function measurePagesMeanwhile(url: string, bench: Bench): Promise<Line[]> {
  const { world, people } = bench;
  const each = Math.max(20, Math.ceil(world.main.profiles / 500));
  const connections: ConnectionId[] = [];
  for (let index = 0; index < MANY; index += 1) {
    const from = (index * each) % (people.length - each);
    connections.push((await connected(bench, `Many ${index}`, people.slice(from, from + each))).connectionId);
  }
  const web = await spawnTagwell(environment(url, 'web'));
  const worker = spawnWorker(environment(url, 'worker'));
  try {
    const cookie = await signIn(web.address);
    const { slug, tagIds } = world.main;
    const ask = (number: number) => get(`${web.address}/${slug}/profiles?has=${tagIds[number % 50]!}`, cookie);
    for (let number = 0; number < 20; number += 1) await ask(number);
    const alone: number[] = [];
    for (let number = 0; number < 50; number += 1) alone.push(await timed(() => ask(number)));
    const meanwhile: number[] = [];
    let running = true;
    const syncs = syncsDone(bench, connections).finally(() => (running = false));
    for (let number = 0; running || meanwhile.length < 20; number += 1) {
      meanwhile.push(await timed(() => ask(number)));
    }
    await syncs;
    const what = `profiles list while ${MANY} lists of ${each.toLocaleString('en-GB')} are synced`;
    return [absolute(`${what} (alone: median ${median(alone).toFixed(0)} ms)`, meanwhile, 200)];
  } finally {
    await ended(worker);
    await web.stop();
  }
}
