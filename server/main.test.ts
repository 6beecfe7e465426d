// The process from an operator's view: clear messages when it cannot start, nothing lost when it is killed.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { saveMapping, startImport } from '@/lib/imports/commands';
import { uploadFile } from '@/lib/imports/stage';
import { createProfiles, reserveProfileIds } from '@/lib/profiles/change';
import { passwordFits } from '@/lib/accounts/passwords';
import { createTestAccount, createTestTag } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { takeFolder } from './lock';

const SECRET = 'a secret of the tests only, long enough';
const running = new Set<ChildProcess>();
const folders: string[] = [];

afterEach(async () => {
  for (const child of running) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  folders.splice(0).forEach(removeFolder);
});

function removeFolder(dataDir: string): void {
  const database = postmaster(dataDir);
  if (database) process.kill(database, 'SIGKILL');
  fs.rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

type Started = {
  child: ChildProcess;
  output: () => string;
  ended: Promise<{ code: number | null; output: string }>;
  /** Resolves with the output once it contains the text; rejects if the process ends first. */
  outputs: (text: string | RegExp) => Promise<string>;
};

function start(env: Record<string, string>, { command = [process.execPath, 'dist/server/main.js'] } = {}): Started {
  const { DATABASE_URL: _ours, VITEST: _vitest, ...outer } = process.env;
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    env: { ...outer, NODE_ENV: 'production', PORT: '0', ...env },
    // Its own process group, as under systemd.
    detached: true,
  });
  running.add(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code, output: output.trim() });
    }),
  );
  const outputs = (text: string | RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (typeof text === 'string' ? output.includes(text) : text.test(output)) resolve(output);
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.once('close', () => reject(new Error(`It ended without ${text}: ${output}`)));
      look();
    });
  return { child, output: () => output, ended, outputs };
}

function folder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwell-main-'));
  fs.chmodSync(made, 0o755);
  folders.push(made);
  return made;
}

const pidFile = (dataDir: string) => path.join(dataDir, 'postgres', 'cluster', 'postmaster.pid');

/** The process id of the folder's PostgreSQL, if its pid file exists. */
function postmaster(dataDir: string): number | undefined {
  if (!fs.existsSync(pidFile(dataDir))) return undefined;
  return Number(fs.readFileSync(pidFile(dataDir), 'utf8').split('\n')[0]);
}

/** Settings for an embedded database in a folder. The API role alone needs no built pages. */
const ownDatabase = (dataDir: string) => ({
  TAGWELL_DATA_DIR: dataDir,
  TAGWELL_ROLE: 'api',
  TAGWELL_TEST_DATABASE: 'fast',
});
const READY = /Tagwell is ready: (\S+)/;
const addressIn = (output: string) => READY.exec(output)![1]!;

describe('process warning', () => {
  it('is a line of the JSON log, and nothing more', async () => {
    const warn = `data:text/javascript,process.on('SIGUSR2', () => process.emitWarning('of the test'))`;
    const env = { DATABASE_URL: process.env.DATABASE_URL!, TAGWELL_SECRET: SECRET, TAGWELL_ROLE: 'api' };
    const { child, outputs, ended } = start(env, {
      command: [process.execPath, '--import', warn, 'dist/server/main.js'],
    });
    await outputs(READY);
    child.kill('SIGUSR2');
    const line = (await outputs('of the test')).split('\n').find((item) => item.includes('of the test'))!;
    expect(JSON.parse(line)).toMatchObject({ level: 40, err: { message: 'of the test' } });
    child.kill('SIGTERM');
    expect((await ended).output).not.toMatch(/^\(/m);
  });
});

describe('a start that must fail', () => {
  it.each([
    [{ PORT: 'eighty' }, 'PORT must be a port number'],
    [
      { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', TAGWELL_SECRET: SECRET },
      'The database at 127.0.0.1:1 cannot be reached',
    ],
  ])('with %j says so in one line', async (env, message) => {
    const { code, output } = await start(env).ended;
    expect(code).toBe(1);
    expect(output).toContain(message);
    expect(output.split('\n')).toHaveLength(1);
  });

  it('with an external database requires a secret', async () => {
    const { code, output } = await start({ DATABASE_URL: process.env.DATABASE_URL! }).ended;
    expect(code).toBe(1);
    expect(output).toMatch(/^TAGWELL_SECRET must be set with DATABASE_URL.*$/);
  });

  it('on a port in use says so, and creates no data folder', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as net.AddressInfo;
    const dataDir = path.join(folder(), 'data');
    const { code, output } = await start({ PORT: String(port), TAGWELL_DATA_DIR: dataDir }).ended;
    other.close();
    expect(code).toBe(1);
    expect(output).toContain(`Port ${port} is in use`);
    expect(output.split('\n')).toHaveLength(1);
    expect(fs.existsSync(dataDir)).toBe(false);
  });

  it('on a folder where Tagwell already runs says where, and harms nothing', async () => {
    const dataDir = folder();
    const lock = await takeFolder(dataDir);
    if ('holder' in lock) throw new Error('The folder is taken.');
    lock.announce('http://localhost:1');
    const { code, output } = await start({ TAGWELL_DATA_DIR: dataDir }).ended;
    expect(code).toBe(1);
    expect(output).toBe(`Tagwell already runs on ${dataDir} (process ${process.pid}, http://localhost:1).`);
    await lock.release();
    expect(fs.readdirSync(dataDir)).toEqual([]);
  });

  it('on a folder that cannot be created says so', async () => {
    const file = path.join(folder(), 'a-file');
    fs.writeFileSync(file, '');
    const { code, output } = await start({ TAGWELL_DATA_DIR: path.join(file, 'data'), PORT: '0' }).ended;
    expect(code).toBe(1);
    expect(output).toContain('cannot be created or written to');
    expect(output.split('\n')).toHaveLength(1);
  });
});

describe('a start', () => {
  it('waits for a database that does not answer yet, says so, and continues', async () => {
    const { hostname, port } = new URL(process.env.DATABASE_URL!);
    let answers = false;
    const held = new Set<net.Socket>();
    const slow = net.createServer((client) => {
      held.add(client.on('error', () => undefined));
      if (!answers) return;
      const database = net.connect(Number(port), hostname).on('error', () => client.destroy());
      held.add(database);
      client.pipe(database).pipe(client);
    });
    slow.listen(0, '127.0.0.1');
    await once(slow, 'listening');
    const url = new URL(process.env.DATABASE_URL!);
    url.host = `127.0.0.1:${(slow.address() as net.AddressInfo).port}`;
    const tagwell = start({ DATABASE_URL: url.href, TAGWELL_SECRET: SECRET, TAGWELL_ROLE: 'api' });
    await tagwell.outputs('bringing the database up to date: the database is not responding, waiting for it');
    answers = true;
    await tagwell.outputs(READY);
    tagwell.child.kill('SIGTERM');
    expect((await tagwell.ended).code).toBe(0);
    for (const socket of held) socket.destroy();
    slow.close();
  });
});

describe('stopping', () => {
  const settings = () => ({
    DATABASE_URL: process.env.DATABASE_URL!,
    TAGWELL_SECRET: SECRET,
    TAGWELL_ROLE: 'api',
    HOST: '127.0.0.1',
  });

  /** A call in progress: its body is incomplete. */
  async function startCall(address: string) {
    const body = JSON.stringify({ grant_type: 'client_credentials', client_id: 'nobody', client_secret: 'none' });
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const request = http.request(`${address}/oauth/token`, { method: 'POST', headers });
    const answer = new Promise<http.IncomingMessage>((resolve, reject) =>
      request.on('response', (response) => resolve(response.resume())).on('error', reject),
    );
    await new Promise((resolve) => request.write(body.slice(0, 10), resolve));
    // The server has answered another request, so it has seen the beginning of this one.
    await fetch(`${address}/healthz`);
    return { finish: () => request.end(body.slice(10)), answer };
  }
  const gone = (address: string) =>
    expect
      .poll(
        () =>
          fetch(`${address}/healthz`).then(
            () => false,
            () => true,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);

  it('npm start with SIGTERM to npm alone stops the server', async () => {
    const tagwell = start(settings(), { command: ['npm', 'start'] });
    const address = addressIn(await tagwell.outputs(READY));
    tagwell.child.kill('SIGTERM');
    await tagwell.ended;
    await gone(address);
  });

  it('with repeated SIGTERM to all of its processes finishes what is in progress', async () => {
    const tagwell = start(settings(), { command: [process.execPath, 'scripts/start.mjs'] });
    const address = addressIn(await tagwell.outputs(READY));
    const call = await startCall(address);
    process.kill(-tagwell.child.pid!, 'SIGTERM');
    process.kill(-tagwell.child.pid!, 'SIGTERM');
    await gone(address);
    call.finish();
    const answer = await call.answer;
    expect([answer.statusCode, answer.headers.connection]).toEqual([401, 'close']);
    expect((await tagwell.ended).code).toBe(0);
  });
});

describe('the lock of a data folder', () => {
  it('goes to one of many concurrent starts, also after its holder died', async () => {
    const dataDir = folder();
    const killed = spawn(process.execPath, [
      ...[
        '-e',
        `require('net').createServer().listen(${JSON.stringify(path.join(dataDir, 'tagwell.lock'))}, () => console.log('has it'))`,
      ],
    ]);
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'close');
    expect(fs.existsSync(path.join(dataDir, 'tagwell.lock'))).toBe(true);

    const taken = await Promise.all(Array.from({ length: 8 }, () => takeFolder(dataDir)));
    const locks = taken.flatMap((item) => ('holder' in item ? [] : [item]));
    expect(locks).toHaveLength(1);
    expect(taken.flatMap((item) => ('holder' in item ? [item.holder.pid] : []))).toEqual(Array(7).fill(process.pid));
    await locks[0]!.release();
    const again = await takeFolder(dataDir);
    expect(again).not.toHaveProperty('holder');
    if (!('holder' in again)) await again.release();
  });

  it('of an earlier version, which contains a process id, is ignored', async () => {
    const dataDir = folder();
    fs.writeFileSync(path.join(dataDir, 'tagwell.lock'), JSON.stringify({ pid: process.ppid, address: '' }));
    const lock = await takeFolder(dataDir);
    if ('holder' in lock) throw new Error('The folder is taken.');
    await lock.release();
  });
});

// One folder for all tests: creating it takes seconds.
describe('a process with the embedded database', () => {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwell-main-'));
  fs.chmodSync(dataDir, 0o755);
  afterAll(() => removeFolder(dataDir));

  it('whose first start is killed at any point starts the next time, and people can sign in', async () => {
    const there = (name: RegExp, within = dataDir) =>
      fs.existsSync(within) && fs.readdirSync(within).some((item) => name.test(item));
    const postgres = path.join(dataDir, 'postgres');
    const moments = [
      // During initdb, wherever it writes.
      () =>
        fs.existsSync(postgres) &&
        fs.readdirSync(postgres).some((item) => fs.existsSync(path.join(postgres, item, 'PG_VERSION'))),
      () => postmaster(dataDir) !== undefined,
      () => there(/^demo-sign-ins/),
    ];
    for (const reached of moments) {
      const interrupted = start(ownDatabase(dataDir));
      await expect.poll(reached, { timeout: 60_000, interval: 1 }).toBe(true);
      // The whole process group, as when a container is killed.
      process.kill(-interrupted.child.pid!, 'SIGKILL');
      await interrupted.ended;
    }
    const last = start(ownDatabase(dataDir));
    await last.outputs(READY);
    const signIns = fs.readFileSync(path.join(dataDir, 'demo-sign-ins.txt'), 'utf8');
    const password = /owner@example\.com\s+(\S+)/.exec(signIns)![1]!;
    const [, , , port] = fs.readFileSync(pidFile(dataDir), 'utf8').split('\n');
    const client = new pg.Client({
      host: '127.0.0.1',
      ...{ port: Number(port), user: 'tagwell', database: 'tagwell' },
      password: fs.readFileSync(path.join(dataDir, 'postgres', 'password'), 'utf8'),
    });
    await client.connect();
    const { rows: owners } = await client.query<{ hash: string }>(
      `select password_hash as hash from app_user where email = 'owner@example.com'`,
    );
    await client.end();
    expect(owners).toHaveLength(1);
    expect(await passwordFits(owners[0]!.hash, password)).toBe(true);
    last.child.kill('SIGTERM');
    expect((await last.ended).code).toBe(0);
  });

  it('restarts PostgreSQL when it exits, stops only its own, and leaves nothing behind', async () => {
    const tagwell = start(ownDatabase(dataDir));
    const address = addressIn(await tagwell.outputs(READY));
    const ready = () => fetch(`${address}/readyz`).then(({ status }) => status);
    expect(await ready()).toBe(200);

    const first = postmaster(dataDir)!;
    process.kill(first, 'SIGKILL');
    await expect.poll(ready, { timeout: 20_000 }).toBe(503);
    await expect.poll(ready, { timeout: 20_000 }).toBe(200);
    expect(tagwell.output()).toContain('PostgreSQL ended by SIGKILL');
    expect(postmaster(dataDir)).not.toBe(first);

    tagwell.child.kill('SIGTERM');
    expect((await tagwell.ended).code).toBe(0);
    expect(postmaster(dataDir)).toBeUndefined();
    expect(fs.existsSync(path.join(dataDir, 'tagwell.lock'))).toBe(false);

    // A stale pid file with the process id of another program, which must be left alone.
    const innocent = spawn('sleep', ['600'], asDatabaseUser());
    fs.writeFileSync(pidFile(dataDir), [innocent.pid, path.dirname(pidFile(dataDir)), '1', '1', '', '', ''].join('\n'));
    const second = start(ownDatabase(dataDir));
    await second.outputs(READY);
    expect(innocent.exitCode ?? innocent.signalCode).toBeNull();
    innocent.kill('SIGKILL');

    // Tagwell is killed while its PostgreSQL still runs: the next start stops that first.
    const orphan = postmaster(dataDir)!;
    second.child.kill('SIGKILL');
    await second.ended;
    const third = start(ownDatabase(dataDir));
    await third.outputs(READY);
    expect(postmaster(dataDir)).not.toBe(orphan);
    third.child.kill('SIGTERM');
    expect((await third.ended).code).toBe(0);
  });

  it('waits while PostgreSQL recovers, says so, and never interrupts it', async () => {
    // PostgreSQL waits for files to recover from until this file exists.
    const cluster = path.dirname(pidFile(dataDir));
    const go = path.join(dataDir, 'go');
    fs.writeFileSync(path.join(cluster, 'recovery.signal'), '');
    fs.appendFileSync(
      path.join(cluster, 'postgresql.conf'),
      `restore_command = 'while [ ! -e ${go} ]; do sleep 0.05; done; false'\n`,
    );

    const first = start(ownDatabase(dataDir));
    await first.outputs('Waiting for PostgreSQL: it recovers');
    const recovering = postmaster(dataDir)!;
    first.child.kill('SIGKILL');
    await first.ended;
    const second = start(ownDatabase(dataDir));
    await second.outputs('that an earlier Tagwell left behind: it recovers');
    expect(postmaster(dataDir)).toBe(recovering);
    fs.writeFileSync(go, '');
    const output = await second.outputs(READY);
    expect(output).not.toContain('did not start');
    expect((await fetch(`${addressIn(output)}/readyz`)).status).toBe(200);
    second.child.kill('SIGTERM');
    expect((await second.ended).code).toBe(0);
  });
});

/** Runs as PostgreSQL's user, which only sees processes of that user. */
const asDatabaseUser = () => (process.getuid?.() === 0 ? { uid: Number(execFileSync('id', ['-u', 'postgres'])) } : {});

describe('a worker that is killed in the middle of an import', () => {
  it('loses and duplicates nothing: another continues, and each row counts once', async () => {
    const account = await createTestAccount();
    const { sectionId } = account;
    const tagId = await createTestTag(sectionId, 'Survivor');
    // Three merge steps; the last one waits for a key that an open transaction is writing.
    const count = 12_000;
    async function* file() {
      yield Buffer.from('Email,First name\n');
      for (let row = 0; row < count; row++) yield Buffer.from(`s${row}@example.com,N${row}\n`);
    }
    const uploaded = await uploadFile(account.admin, { sectionId, fileName: 'big.csv', maxBytes: 1e8 }, file());
    if (!uploaded.ok) throw new Error(uploaded.refusal.message);
    const importId = uploaded.value.id;
    const columns = [
      { to: 'key', keyspaceId: account.keyspaces.email },
      { to: 'attribute', code: 'firstname' },
    ];
    const mapping = { match: account.keyspaces.email, columns, apply: [tagId], remove: [] };
    await saveMapping(account.admin, { sectionId, importId, mapping });
    const started = await startImport(account.admin, { sectionId, importId });
    if (!started.ok) throw new Error(started.refusal.message);
    const { operationId } = started.value;
    const state = () =>
      one<{ status: string; progress: number; counts: Record<string, number> }>(
        pool(),
        sql`select status, progress, counts from operation where section_id = ${sectionId} and id = ${operationId}`,
      );
    const until = async (reached: (now: Awaited<ReturnType<typeof state>>) => boolean) => {
      for (;;) {
        const now = await state();
        if (reached(now)) return now;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const env = { DATABASE_URL: process.env.DATABASE_URL!, TAGWELL_SECRET: SECRET, TAGWELL_ROLE: 'worker' };

    const other = await pool().connect();
    await other.query('begin');
    const [id] = await reserveProfileIds(other, 1);
    await createProfiles(
      other,
      { sectionId, source: 'user', userId: null },
      {
        profiles: sql`select ${id}::bigint as profile_id, '{}'::jsonb as attributes, '{}'::jsonb as noted`,
        keys: sql`
          select ${id}::bigint as profile_id, ${account.keyspaces.email}::int as keyspace_id,
            ${`s${count - 1}@example.com`} as key, 0 as slot`,
      },
    );

    const first = start(env);
    const interrupted = await until(({ counts }) => (counts.created ?? 0) > 0);
    first.child.kill('SIGKILL');
    await first.ended;
    await other.query('rollback');
    other.release();
    expect(interrupted.status).toBe('running');
    expect((await state()).progress).toBeLessThan(count);

    const second = start(env);
    const { counts } = await until(({ status }) => status === 'done');
    expect(counts).toMatchObject({ rows: count, created: count, rejected: 0, applied: count });
    const [{ profiles, ledger, tagged } = { profiles: 0, ledger: 0, tagged: 0 }] = await rows<{
      profiles: number;
      ledger: number;
      tagged: number;
    }>(
      pool(),
      sql`
        select
          (select count(*) from profile where section_id = ${sectionId}) as profiles,
          (select count(*) from tag_change where section_id = ${sectionId}) as ledger,
          (select sum(profiles)::int from tag_count where section_id = ${sectionId}) as tagged`,
    );
    expect({ profiles, ledger, tagged }).toEqual({ profiles: count, ledger: count, tagged: count });
    await expectInvariants();

    second.child.kill('SIGTERM');
    expect((await second.ended).code).toBe(0);
  });
});
