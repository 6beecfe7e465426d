// The bundled database: PostgreSQL 18 from npm, in the data folder, on the loopback interface. It is supervised: if it
// exits unexpectedly it is restarted, and pages say what they are waiting for.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DISK_FULL, setDatabaseProblem, isDiskFull } from './condition';
import { EmbeddedServerError, prepareFiles, type ServerFiles } from './embedded-files';
import { startPostmaster, stopOrphan, type Postmaster } from './postmaster';

export { EmbeddedServerError, createDataFolder } from './embedded-files';

/** Pauses before restarts after PostgreSQL exited by itself, in milliseconds; the last one repeats. */
const RESTART_PAUSES_MS = [100, 500, 1_000, 2_000, 5_000, 10_000];
const UNFINISHED = 'unfinished-';
/** After running this long, pauses start from the first one again. */
const STEADY_MS = 60_000;

export type EmbeddedServer = {
  /** Connection string of the server's database `tagwell`. */
  url: string;
  stop: () => Promise<void>;
};

export type EmbeddedOptions = {
  dataDir: string;
  /** For tests: does not wait for the disk. Never use it for real data. */
  fast?: boolean;
  /** The port to listen on; by default any free port. */
  port?: number;
  /** Reports what happens or is waited for during the start, a line each. */
  report?: (line: string) => void;
  /** PostgreSQL has exited by itself, or runs again. */
  warn?: (line: string, postgresLog: string[]) => void;
};

/** Starts the server and resolves when it is usable. If it throws `EmbeddedServerError`, nothing is left running. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const server = new Embedded(options);
  const url = await server.start();
  return { url, stop: () => server.stop() };
}

/** The embedded server of one data folder. Only one process may use a folder at a time: see server/lock.ts. */
export class Embedded {
  private running: Postmaster | undefined;
  private readonly stopping = new AbortController();
  private supervised: Promise<void> = Promise.resolve();

  constructor(private readonly options: EmbeddedOptions) {}

  /**
   * Creates the data folder the first time, stops a server left behind by a killed process, starts the server and waits
   * until it has recovered. Returns the connection string of the database `tagwell`.
   */
  async start(): Promise<string> {
    const { dataDir, fast = false, port: wantedPort, report = () => undefined } = this.options;
    const place = prepareFiles(dataDir, report);
    await makeCluster(place, fast, this.stopping.signal);
    await stopOrphan(place.cluster, report);
    const port = wantedPort ?? (await freePort());
    this.stopping.signal.throwIfAborted();
    const settings = serverSettings(port, fast);
    this.running = startPostmaster(place, settings, report);
    const address = (database: string) => `postgres://tagwell:${place.password}@127.0.0.1:${port}/${database}`;
    try {
      await this.running.ready;
      await makeDatabase(address('postgres'));
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.supervised = this.supervise(place, settings);
    return address('tagwell');
  }

  /** Closes all connections and stops the server, keeping everything committed. Works even during a start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running?.stop();
    await this.supervised;
    setDatabaseProblem(undefined);
  }

  /** Kills the server without waiting; the next start recovers. */
  kill(): void {
    this.stopping.abort();
    this.running?.kill();
  }

  /** Restarts the server whenever it exits, until `stop`. */
  private async supervise(place: ServerFiles, settings: Record<string, string>): Promise<void> {
    const { report = () => undefined, warn = () => undefined } = this.options;
    const { signal } = this.stopping;
    for (let failures = 0; ;) {
      const began = Date.now();
      const { how, log } = await this.running!.ended;
      if (signal.aborted) return;
      const full = log.some(isDiskFull);
      const problem = full ? DISK_FULL : 'The database has stopped and is being restarted. Try again in a few seconds.';
      setDatabaseProblem(problem);
      warn(`PostgreSQL ${how}. ${full ? DISK_FULL : 'It is being restarted.'}`, log);
      if (Date.now() - began > STEADY_MS) failures = 0;
      await pause(RESTART_PAUSES_MS[Math.min(failures, RESTART_PAUSES_MS.length - 1)], undefined, { signal }).catch(
        () => undefined,
      );
      if (signal.aborted) return;
      failures += 1;
      this.running = startPostmaster(place, settings, report);
      try {
        await this.running.ready;
        setDatabaseProblem(undefined);
        warn('PostgreSQL is running again.', []);
      } catch {
        // It exited again: the next iteration reports how.
      }
    }
  }
}

/**
 * Creates the cluster in a temporary folder and moves it when complete, so that a start may be interrupted at any
 * point.
 */
async function makeCluster(
  { programs, folder, cluster, owner }: ServerFiles,
  fast: boolean,
  signal: AbortSignal,
): Promise<void> {
  removeUnfinished(folder);
  if (fs.existsSync(path.join(cluster, 'PG_VERSION'))) return;
  const unfinished = path.join(folder, `${UNFINISHED}${randomUUID().slice(0, 8)}`);
  const args = [
    `--pgdata=${unfinished}`,
    '--username=tagwell',
    `--pwfile=${path.join(folder, 'password')}`,
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(fast ? FAST_INITDB : ['--auth=scram-sha-256']),
  ];
  try {
    await promisify(execFile)(path.join(programs, 'bin', 'initdb'), args, { ...owner, cwd: folder, signal });
  } catch (error) {
    const reason = String((error as { stderr?: string }).stderr ?? error).trim();
    throw new EmbeddedServerError(
      `The database could not be created in ${cluster}: ${isDiskFull(reason) ? DISK_FULL : reason.split('\n').at(-1)}`,
    );
  }
  // An earlier version could leave an empty folder here.
  fs.rmSync(cluster, { recursive: true, force: true });
  fs.renameSync(unfinished, cluster);
  if (process.platform === 'win32') return;
  const handle = fs.openSync(folder, 'r');
  fs.fsyncSync(handle);
  fs.closeSync(handle);
}

/** Removes what interrupted starts left. If a program of one is still writing, the rest is removed at a later start. */
function removeUnfinished(folder: string): void {
  for (const name of fs.readdirSync(folder).filter((entry) => entry.startsWith(UNFINISHED))) {
    try {
      fs.rmSync(path.join(folder, name), { recursive: true, force: true });
    } catch {
      continue;
    }
  }
}

/**
 * For a database that may be lost. Each connection sends its password in plain text, only within the machine: SCRAM takes
 * half of the processor time of connecting.
 */
const FAST_INITDB = ['--no-sync', '--auth=password', '--set=scram_iterations=1'];

/** For a database that may be lost: writes as little as possible and uses little shared memory. */
const FAST_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_wal_size: '1GB',
  wal_init_zero: 'off',
  wal_recycle: 'off',
  shared_buffers: '128MB',
};

function serverSettings(port: number, fast: boolean): Record<string, string> {
  return {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    // Answers are short and cores few: parallel workers would cost more time than they save.
    max_parallel_workers_per_gather: '0',
    shared_buffers: '256MB',
    work_mem: '32MB',
    maintenance_work_mem: '256MB',
    effective_cache_size: '2GB',
    max_wal_size: '4GB',
    random_page_cost: '1.1',
    log_min_messages: 'warning',
    ...(fast && FAST_SETTINGS),
  };
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

async function makeDatabase(adminUrl: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: adminUrl });
  // If the connection breaks, the running query fails.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query(`select from pg_database where datname = 'tagwell'`);
    if (!rowCount) await client.query('create database tagwell');
  } finally {
    await client.end();
  }
}
