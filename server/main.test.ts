// The process as an operator meets it: clear lines when it cannot start, nothing lost when it is killed.
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { saveMapping, startImport } from '@/lib/imports/commands';
import { uploadFile } from '@/lib/imports/stage';
import { createTestAccount, createTestTag } from '@/testing/fixtures';
import { takeFolder } from './lock';

const SECRET = 'a secret of the tests only, long enough';
const running = new Set<ChildProcess>();
const folders: string[] = [];

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

function start(env: Record<string, string>): {
  child: ChildProcess;
  ended: Promise<{ code: number | null; output: string }>;
} {
  const { DATABASE_URL: _ours, VITEST: _vitest, ...outer } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
    env: { ...outer, NODE_ENV: 'production', ...env },
  });
  running.add(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once('exit', (code) => resolve({ code, output: output.trim() })),
  );
  return { child, ended };
}

function folder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwell-main-'));
  fs.chmodSync(made, 0o755);
  folders.push(made);
  return made;
}

describe('a start that cannot be', () => {
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

  it('with a database of one’s own wants a secret', async () => {
    const { code, output } = await start({ DATABASE_URL: process.env.DATABASE_URL! }).ended;
    expect(code).toBe(1);
    expect(output).toMatch(/^TAGWELL_SECRET must be set with DATABASE_URL.*$/);
  });

  it('on a port in use says so, and leaves nothing running', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as net.AddressInfo;
    const dataDir = folder();
    const { code, output } = await start({ PORT: String(port), TAGWELL_DATA_DIR: dataDir }).ended;
    other.close();
    expect(code).toBe(1);
    expect(output).toContain(`Port ${port} is in use`);
    expect(output.split('\n')).toHaveLength(1);
    expect(fs.existsSync(path.join(dataDir, 'tagwell.lock'))).toBe(false);
    expect(fs.existsSync(path.join(dataDir, 'postgres', 'cluster', 'postmaster.pid'))).toBe(false);
  });

  it('on a folder where Tagwell already runs says where, and harms nothing', async () => {
    const dataDir = folder();
    expect(takeFolder(dataDir)).toBeUndefined();
    const { code, output } = await start({ TAGWELL_DATA_DIR: dataDir, PORT: '0' }).ended;
    expect(code).toBe(1);
    expect(output).toBe(`Tagwell already runs on ${dataDir} (process ${process.pid}).`);
    expect(fs.existsSync(path.join(dataDir, 'tagwell.lock'))).toBe(true);
  });

  it('on a folder that cannot be made says so', async () => {
    const file = path.join(folder(), 'a-file');
    fs.writeFileSync(file, '');
    const { code, output } = await start({ TAGWELL_DATA_DIR: path.join(file, 'data'), PORT: '0' }).ended;
    expect(code).toBe(1);
    expect(output).toContain('cannot be made or written to');
    expect(output.split('\n')).toHaveLength(1);
  });
});

describe('a worker that is killed in the middle of an import', () => {
  it('loses and doubles nothing: another goes on, each row once', { timeout: 120_000 }, async () => {
    const account = await createTestAccount();
    const { sectionId } = account;
    const tagId = await createTestTag(sectionId, 'Survivor');
    const count = 60_000;
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

    const first = start(env);
    const interrupted = await until(({ progress }) => progress > 0);
    first.child.kill('SIGKILL');
    await first.ended;
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

    second.child.kill('SIGTERM');
    expect((await second.ended).code).toBe(0);
  });
});
