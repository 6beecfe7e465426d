// The REST API over HTTP, in a separate process: one tag on one profile against pgbench with the door's statement, sets
// of a thousand against psql with the same statement, the slowest answers at half of the top rate, and its memory.
import { execFileSync } from 'node:child_process';
import type { UserActor } from '@/lib/access/actor';
import { createApiKey } from '@/lib/accounts/api-keys';
import type { ProfileId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { changeStatement, wantedPairs } from '@/lib/tags/change';
import { spawnTagwell, type TagwellProcess } from '@/testing/process';
import { cause, CONNECTIONS, hasPgbench, ratePgbench, SECONDS } from './door';
import type { World } from './generate';
import { Connections } from './connections';
import { absolute, percentile, relative, type Line } from './measure';

const ROUNDS = 3;
const SETS = 20;
const SET = 1_000;
const MEMORY_MINUTES = 5;
const EMAIL = 'com.apsis1.keyspaces.email';

type Client = { server: TagwellProcess; token: string; section: string; connections: Connections };
type Pair = { profileId: ProfileId; tagId: TagId };

export async function measureApi(url: string, world: World, actor: UserActor): Promise<Line[]> {
  if (!hasPgbench()) return [];
  const client = await openClient(url, world, actor);
  try {
    await single(client, world);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      const limit = ratePgbench(url, world);
      rounds.push({ value: await topRate(client, world), limit });
    }
    const top = percentile(
      rounds.map(({ value }) => value),
      0.5,
    );
    const times = await latencies(client, world, { perSecond: top / 2, seconds: 10 });
    const sets = [];
    for (let round = 0; round < ROUNDS; round++) {
      const limit = (SETS * SET) / secondsOfPsql(url, world);
      sets.push({ value: (SETS * SET) / (await secondsOfSets(client, world)), limit });
    }
    return [
      relative(
        {
          work: `REST: one tag on one profile, ${CONNECTIONS} keep-alive connections`,
          unit: 'per s',
          limit: 'pgbench with the door’s statement',
          atLeast: 0.8,
        },
        rounds,
      ),
      {
        ...absolute(`REST: the same at ${Math.round(top / 2)} calls a second, p99`, times, 50, 0.99),
        goal: 'p99 under 50 ms',
      },
      relative(
        { work: 'REST: changes in sets of 1,000', unit: 'per s', limit: 'psql with the same sets', atLeast: 0.5 },
        sets,
      ),
    ];
  } finally {
    await close(client);
  }
}

/** The process's memory while it is called at half of its maximum rate. */
export async function measureApiMemory(url: string, world: World, actor: UserActor): Promise<Line[]> {
  const client = await openClient(url, world, actor);
  try {
    const perSecond = (await topRate(client, world)) / 2;
    const seen: number[] = [];
    const timer = setInterval(() => seen.push(memoryOf(client.server.pid)), 5_000);
    await latencies(client, world, { perSecond, seconds: MEMORY_MINUTES * 60 });
    clearInterval(timer);
    const minute = 12;
    const first = percentile(seen.slice(minute, 2 * minute), 0.5);
    const last = percentile(seen.slice(-minute), 0.5);
    return [
      {
        work: `REST: memory after ${MEMORY_MINUTES} minutes at ${Math.round(perSecond)} calls a second`,
        limit: { what: 'in the second minute', value: first },
        value: last,
        unit: 'MB',
        ratio: last / first,
        goal: 'flat: at most 1.1',
        met: last / first <= 1.1,
        rounds: seen.map((value) => ({ value })),
      },
    ];
  } finally {
    await close(client);
  }
}

async function openClient(url: string, world: World, actor: UserActor): Promise<Client> {
  const server = await spawnTagwell({
    DATABASE_URL: url,
    TAGWELL_SECRET: 'a secret of the bench only, 32 or more',
    TAGWELL_ROLE: 'api',
    TAGWELL_API_CALLS_PER_SECOND: '1000000',
  });
  const all = { sections: 'all', keyspaces: 'all', canWrite: true, expiresAt: null };
  const made = await createApiKey(actor, { name: 'Bench', ...all });
  if (!made.ok) throw new Error(made.refusal.message);
  const answer = await fetch(`${server.address}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      grant_type: 'client_credentials',
      client_id: made.value.clientId,
      client_secret: made.value.secret,
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const { section } = await one<{ section: string }>(
    pool(),
    sql`select discriminator as section from section where id = ${world.main.sectionId}`,
  );
  return { server, token, section, connections: await Connections.open(server.address, CONNECTIONS) };
}

async function close({ server, connections }: Client): Promise<void> {
  connections.close();
  await server.stop();
}

function requestOf({ server, token }: Client, method: string, path: string, body: string): string {
  return [
    `${method} ${path} HTTP/1.1`,
    `Host: ${new URL(server.address).host}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

const keyOf = (profileId: number) => `person${profileId}@${profileId % 997}.example.com`;
const random = <Value>(values: readonly Value[]) => values[Math.floor(Math.random() * values.length)]!;

function single(client: Client, { main }: World): Promise<void> {
  const key = encodeURIComponent(keyOf(1 + Math.floor(Math.random() * main.profiles)));
  const path = `/audience/keyspaces/${EMAIL}/profiles/${key}/sections/${client.section}/tags`;
  return client.connections.send(
    requestOf(client, 'PATCH', path, JSON.stringify({ [random(main.tagIds)]: true })),
    204,
  );
}

async function topRate(client: Client, world: World): Promise<number> {
  const until = performance.now() + SECONDS * 1_000;
  let done = 0;
  const writer = async () => {
    while (performance.now() < until) {
      await single(client, world);
      done++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, writer));
  return done / SECONDS;
}

/** Milliseconds since a call was due, so that a stall also counts for the calls queued behind it. */
async function latencies(
  client: Client,
  world: World,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<number[]> {
  const times: number[] = [];
  const calls: Promise<void>[] = [];
  const began = performance.now();
  for (let number = 0; number < perSecond * seconds; number++) {
    const due = began + (number * 1_000) / perSecond;
    const wait = due - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    calls.push(single(client, world).then(() => void times.push(performance.now() - due)));
  }
  await Promise.all(calls);
  return times;
}

function randomSet({ main }: World): Pair[] {
  return Array.from({ length: SET }, () => ({
    profileId: (1 + Math.floor(Math.random() * main.profiles)) as ProfileId,
    tagId: random(main.tagIds),
  }));
}

async function secondsOfSets(client: Client, world: World): Promise<number> {
  const path = `/audience/keyspaces/${EMAIL}/sections/${client.section}/profiles/tags`;
  const bodies = Array.from({ length: SETS }, () =>
    JSON.stringify({
      items: randomSet(world).map(({ profileId, tagId }) => ({
        profile_key: keyOf(profileId),
        tag: String(tagId),
        apply: true,
      })),
    }),
  );
  const began = performance.now();
  for (const body of bodies) await client.connections.send(requestOf(client, 'POST', path, body), 207);
  return (performance.now() - began) / 1_000;
}

/** The same statement with other sets, one transaction each; the time to start psql is not counted. */
function secondsOfPsql(url: string, world: World): number {
  const script = Array.from({ length: SETS }, () => `begin;\n${statementOf(world, randomSet(world))};\ncommit;`);
  const run = (input: string) => {
    const began = performance.now();
    execFileSync('psql', ['-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', url], { input });
    return (performance.now() - began) / 1_000;
  };
  const start = run('select 1;');
  return run(script.join('\n')) - start;
}

function statementOf(world: World, pairs: readonly Pair[]): string {
  const wanted = wantedPairs(
    sql`select * from unnest(
          ${pairs.map(({ profileId }) => profileId)}::bigint[], ${pairs.map(({ tagId }) => tagId)}::int[],
          ${pairs.map(() => true)}::boolean[]) wanted (profile_id, tag_id, apply)`,
    { removes: false },
  );
  const { text, values } = changeStatement(cause(world), wanted).compile();
  return text.replace(/\$(\d+)/g, (_, number: string) => literal(values[Number(number) - 1]));
}

function literal(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof Date) return `'${value.toISOString()}'`;
  if (Array.isArray(value)) return `'{${value.join(',')}}'`;
  if (typeof value !== 'number' && typeof value !== 'boolean')
    throw new Error(`No literal for ${JSON.stringify(value)}`);
  return String(value);
}

function memoryOf(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;
}
