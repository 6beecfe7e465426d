// A file of a million rows, 30 % of them for existing profiles, with two tags: against a hand-written COPY and merge in
// psql with the same effect (staging, profiles, keys, history, tags, ledger, counters). Also the process's memory at
// one and at five million rows, a dry run, and the 360 view during an import.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { UserActor } from '@/lib/access/actor';
import { createAttribute } from '@/lib/attributes/commands';
import type { ImportId, KeyspaceId, OperationId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { saveMapping, startDryRun, startImport } from '@/lib/imports/commands';
import { MappingSchema } from '@/lib/imports/schema';
import { checkFile } from '@/lib/imports/stage';
import { getOperation } from '@/lib/activity/queries';
import { spawnTagwell, type TagwellProcess } from '@/testing/process';
import { expectDone, makeTag, settle } from './bulk';
import type { World } from './generate';
import { absolute, relative, timed, type Line } from './measure';
import { get, signIn } from './pages';

const ROUNDS = 2;
const EXISTING_SHARE = 0.3;
const MANY = 5;
const MEMORY_GOAL = 400;
const PAGE_GOAL = 300;

/** The time of a run and of a dry run against psql, and of the 360 view during a run. */
export async function measureImports(url: string, world: World, actor: UserActor): Promise<Line[]> {
  if (!hasPsql()) {
    console.log('psql is not on this machine (Debian: postgresql-client): imports are not measured.');
    return [];
  }
  return withServer(url, world, actor, measureTimes);
}

/** The maximum memory of the process during an upload, its run, and a run of five times as many rows. */
export async function measureImportMemory(url: string, world: World, actor: UserActor): Promise<Line[]> {
  return withServer(url, world, actor, measureMemory);
}

async function withServer(
  url: string,
  world: World,
  actor: UserActor,
  measure: (bench: Bench) => Promise<Line[]>,
): Promise<Line[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwell-bench-import-'));
  const environment = { DATABASE_URL: url, TAGWELL_SECRET: 'the secret of the bench, 32 or more' };
  const server = await spawnTagwell({ ...environment, TAGWELL_ROLE: 'all' });
  try {
    const attribute = async (name: string) => {
      const input = { sectionId: world.main.sectionId, name, type: 'text' };
      return expectDone(await createAttribute(actor, input)).code;
    };
    const codes: Bench['codes'] = [await attribute('Phone'), await attribute('Notes')];
    return await measure({ url, world, actor, server, folder, codes, rows: world.main.profiles });
  } finally {
    await server.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

type Bench = {
  url: string;
  world: World;
  actor: UserActor;
  server: TagwellProcess;
  folder: string;
  rows: number;
  /** Codes of the attributes for the file's last two columns. */
  codes: [string, string];
};

async function measureTimes(bench: Bench): Promise<Line[]> {
  const { rows } = bench;
  const runs: { value: number; limit: number }[] = [];
  const dryRuns: { value: number; limit: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const byHand = await writeFile(bench, `hand${round}`, rows);
    const tags = [await makeTag(bench.world, `Hand A ${round}`), await makeTag(bench.world, `Hand B ${round}`)];
    const limit = await timed(() => mergeByHand(bench, byHand, tags));
    fs.rmSync(byHand);
    await settle();
    const importId = await uploaded(bench, `ours${round}`, rows);
    const dry = await timed(async () =>
      ended(bench, expectDone(await startDryRun(bench.actor, target(bench, importId)))),
    );
    await settle();
    const value = await timed(() => run(bench, importId));
    console.log(`Round ${round + 1}: psql ${seconds(limit)}, dry run ${seconds(dry)}, run ${seconds(value)}`);
    runs.push({ value, limit });
    dryRuns.push({ value: dry, limit: value });
    await settle();
  }
  const during = await uploaded(bench, 'during', rows);
  const times = await pageTimes(bench, expectDone(await startImport(bench.actor, target(bench, during))));
  const fastest = Math.min(...runs.map(({ value }) => value / 1_000));
  console.log(`Fastest run: ${named(Math.round(rows / fastest))} rows a second.`);
  return [
    relative({ work: `import of ${named(rows)} rows`, unit: 'ms', limit: 'COPY and merge in psql', atMost: 1.5 }, runs),
    relative({ work: 'dry run of it', unit: 'ms', limit: 'the run', atMost: 1 }, dryRuns),
    absolute('360 view while it runs', times, PAGE_GOAL),
  ];
}

async function measureMemory(bench: Bench): Promise<Line[]> {
  const lines: Line[] = [];
  // Pages allocate memory too, which is not released.
  await get(profilePage(bench), await signIn(bench.server.address));
  for (const rows of [bench.rows, bench.rows * MANY]) {
    const watch = watchMemory(bench.server);
    const importId = await uploaded(bench, `memory${rows}`, rows);
    console.log(`Uploaded ${named(rows)} rows; memory up to ${Math.round(watch.most())} MB.`);
    await run(bench, importId);
    lines.push(megabytes(`memory, upload and run of ${named(rows)} rows`, watch.end()));
    await settle();
  }
  return lines;
}

async function run(bench: Bench, importId: ImportId): Promise<void> {
  await ended(bench, expectDone(await startImport(bench.actor, target(bench, importId))));
}

const named = (number: number) => number.toLocaleString('en-GB');
const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(1)} s`;

function megabytes(work: string, value: number): Line {
  const goal = `under ${MEMORY_GOAL} MB`;
  return { work, limit: null, value, unit: 'MB', ratio: null, goal, met: value < MEMORY_GOAL, rounds: [{ value }] };
}

const target = ({ world }: Bench, importId: ImportId) => ({ sectionId: world.main.sectionId, importId });

/** Six columns; the first 30 % are existing profiles, every second of them with another last name. */
async function writeFile({ folder }: Bench, name: string, rows: number): Promise<string> {
  const file = path.join(folder, `${name}.csv`);
  const existing = Math.floor(rows * EXISTING_SHARE);
  function* lines() {
    yield 'Email,First name,Last name,Birth date,Phone,Notes\n';
    let lines = '';
    for (let number = 1; number <= rows; number++) {
      const email =
        number <= existing ? `person${number}@${number % 997}.example.com` : `${name}.${number}@new.example.com`;
      const first = `Given${number % 100}`;
      const last = number % 2 ? `Family${name}${number % 1000}` : 'Family';
      const day = String(1 + (number % 28)).padStart(2, '0');
      lines += `${email},${first},${last},19${50 + (number % 50)}-05-${day},+4670${1000000 + (number % 9000000)},"Note, ${number}"\n`;
      if (number % 1_000 === 0 || number === rows) {
        yield lines;
        lines = '';
      }
    }
  }
  await pipeline(Readable.from(lines()), fs.createWriteStream(file));
  return file;
}

/** Uploads such a file as a browser does, and maps its columns. */
async function uploaded(bench: Bench, name: string, rows: number): Promise<ImportId> {
  const { server, world, actor } = bench;
  const { sectionId, slug } = world.main;
  const file = await writeFile(bench, name, rows);
  const answer = await fetch(`${server.address}/data/${slug}/imports/upload?name=${name}.csv`, {
    method: 'POST',
    headers: { cookie: await signIn(server.address), origin: server.address },
    body: Readable.toWeb(fs.createReadStream(file)) as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  const result = (await answer.json()) as { ok: true; value: { id: ImportId } };
  if (!answer.ok || !result.ok) throw new Error(`The upload failed: ${answer.status} ${JSON.stringify(result)}`);
  fs.rmSync(file);
  const importId = result.value.id;
  expectDone(await checkFile(actor, { sectionId, importId }));
  const { keyspaceId } = await one<{ keyspaceId: KeyspaceId }>(
    pool(),
    sql`select id as "keyspaceId" from keyspace where kind = 'email'`,
  );
  const attribute = (code: string) => ({ to: 'attribute', code });
  const mapping = MappingSchema.parse({
    match: keyspaceId,
    columns: [{ to: 'key', keyspaceId }, ...['firstname', 'lastname', 'birthdate', ...bench.codes].map(attribute)],
    apply: [await makeTag(world, `${name} A`), await makeTag(world, `${name} B`)],
  });
  expectDone(await saveMapping(actor, { sectionId, importId, mapping }));
  return importId;
}

async function ended(bench: Bench, { operationId }: { operationId: OperationId }): Promise<void> {
  for (;;) {
    const operation = await getOperation(pool(), bench.world.main.sectionId, operationId);
    if (operation?.status === 'done') return;
    if (operation && !['queued', 'running'].includes(operation.status))
      throw new Error(operation.error ?? 'It failed.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const profilePage = ({ server, world }: Bench) =>
  `${server.address}/${world.main.slug}/profiles/${world.busyProfileId}`;

/** Opens one 360 view after another, with short pauses like a person, until the operation has ended. */
async function pageTimes(bench: Bench, started: { operationId: OperationId }): Promise<number[]> {
  const cookie = await signIn(bench.server.address);
  const address = profilePage(bench);
  const times: number[] = [];
  let running = true;
  const asking = (async () => {
    await get(address, cookie);
    while (running) {
      times.push(await timed(() => get(address, cookie)));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  await ended(bench, started);
  running = false;
  await asking;
  return times;
}

/** The process's maximum resident memory since the call, in MB; `end` stops watching. */
function watchMemory({ pid }: TagwellProcess): { most: () => number; end: () => number } {
  let most = 0;
  const sample = () => {
    const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    most = Math.max(most, Number(kilobytes) / 1_024);
  };
  const timer = setInterval(sample, 500);
  return {
    most: () => most,
    end: () => {
      clearInterval(timer);
      return most;
    },
  };
}

function hasPsql(): boolean {
  try {
    execFileSync('psql', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What an expert would write by hand: without undo by value, rejected rows, progress, or cancellation. */
async function mergeByHand({ url, world, folder, codes }: Bench, file: string, tags: TagId[]): Promise<void> {
  const section = world.main.sectionId;
  const keyspace = `(select id from keyspace where kind = 'email')`;
  const changed = `jsonb_strip_nulls(jsonb_build_object(
    'firstname', staged.first, 'lastname', staged.last, 'birthdate', staged.birth, '${codes[0]}', staged.phone, '${codes[1]}', staged.note))`;
  const operation = `(select id from operation where section_id = ${section} and summary = '${path.basename(file)}')`;
  const script = `
    \\set ON_ERROR_STOP on
    insert into operation (section_id, kind, summary, input, status)
    values (${section}, 'import', '${path.basename(file)}', '{}', 'done');
    begin;
    create temporary table staged (line bigserial, email text, first text, last text, birth text, phone text, note text);
    \\copy staged (email, first, last, birth, phone, note) from '${file}' csv header
    create temporary table merged as
    select distinct on (staged.key) staged.key, known.profile_id, known.profile_id is null as created, wanted
    from (
      select lower(trim(email)) collate "C" as key, line, jsonb_build_object('email', lower(trim(email))) || ${changed} as wanted
      from staged
    ) staged
    left join profile_key known
      on known.section_id = ${section} and known.keyspace_id = ${keyspace} and known.key = staged.key
    order by staged.key, line desc;
    update merged set profile_id = nextval('profile_id_seq') where created;
    analyze merged;
    insert into profile (section_id, id, attributes)
    select ${section}, profile_id, wanted from merged where created order by profile_id;
    insert into profile_count as counter (section_id, slot, profiles)
    select ${section}, 0, count(*) from merged where created
    on conflict (section_id, slot) do update set profiles = counter.profiles + excluded.profiles;
    insert into profile_key (section_id, keyspace_id, key, profile_id)
    select ${section}, ${keyspace}, key, profile_id from merged where created order by key;
    insert into profile_change (section_id, profile_id, created, after, source, user_id, operation_id)
    select ${section}, profile_id, true, wanted, 3, ${world.userId}, ${operation} from merged where created order by profile_id;
    create temporary table changes as
    select merged.profile_id, differing.before, differing.after
    from merged
    join profile on profile.section_id = ${section} and profile.id = merged.profile_id
    cross join lateral (
      select jsonb_object_agg(value.key, profile.attributes -> value.key) as before,
        jsonb_object_agg(value.key, value.value) as after
      from jsonb_each(merged.wanted) value
      where coalesce(profile.attributes -> value.key, 'null') <> value.value
    ) differing
    where not merged.created and differing.after is not null;
    update profile set attributes = profile.attributes || changes.after, updated_at = now()
    from changes where profile.section_id = ${section} and profile.id = changes.profile_id;
    insert into profile_change (section_id, profile_id, before, after, source, user_id, operation_id)
    select ${section}, profile_id, before, after, 3, ${world.userId}, ${operation} from changes order by profile_id;
    with applied as (
      insert into profile_tag (section_id, tag_id, profile_id, direct)
      select ${section}, tag_id, profile_id, true
      from merged cross join unnest(array[${tags.join(', ')}]) tag_id
      order by tag_id, profile_id
      on conflict do nothing
      returning tag_id, profile_id
    ),
    ledger as (
      insert into tag_change (section_id, tag_id, profile_id, action, visible, source, user_id, operation_id)
      select ${section}, tag_id, profile_id, 1, true, 3, ${world.userId}, ${operation} from applied
    ),
    by_day as (
      insert into tag_day (section_id, tag_id, day, source, slot, applied, removed)
      select ${section}, tag_id, current_date, 3, 0, count(*), 0 from applied group by tag_id
    )
    insert into tag_count (section_id, tag_id, slot, profiles, last_applied)
    select ${section}, tag_id, 0, count(*), now() from applied group by tag_id;
    commit;`;
  const scriptFile = path.join(folder, 'by-hand.sql');
  fs.writeFileSync(scriptFile, script.replaceAll(/\n +(\\)/g, '\n$1'));
  execFileSync('psql', ['-q', '-X', '-f', scriptFile, url], { stdio: ['ignore', 'ignore', 'inherit'] });
}
