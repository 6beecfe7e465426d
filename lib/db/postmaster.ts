// One run of PostgreSQL's server process: start, wait, stop. Also stops one that a killed Tagwell left behind.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { DISK_FULL, isDiskFull } from './condition';
import { EmbeddedServerError, type ServerFiles } from './embedded-files';

/**
 * How long PostgreSQL may be silent: neither log that it is ready nor answer. It answers during recovery, so that is
 * waited for.
 */
const SILENT_MS = 60_000;
/** How often to report what is being waited for. */
const REPORT_EVERY_MS = 2_000;
/** How long to wait for each kind of shutdown before a harder one. None of them loses data. */
const STOP_MS = 10_000;
const LOG_LINES = 20;

export type Postmaster = {
  /** Resolves once connections are accepted. Rejects with `EmbeddedServerError` if the process exits before that. */
  ready: Promise<void>;
  /** Resolves when the process has exited, for whatever reason, with the last lines of its log. */
  ended: Promise<{ how: string; log: string[] }>;
  /** Closes connections, keeps everything committed, and resolves once the process has exited. */
  stop: () => Promise<void>;
  /** Kills it at once; the next start recovers. */
  kill: () => void;
};

/**
 * Starts the server process on a cluster that no other process uses. `report`: what is being waited for, every few
 * seconds.
 */
export function startPostmaster(
  { programs, owner, cluster }: ServerFiles,
  settings: Record<string, string>,
  report: (line: string) => void,
): Postmaster {
  const args = ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const server = spawn(path.join(programs, 'bin', 'postgres'), args, {
    ...owner,
    stdio: ['ignore', 'ignore', 'pipe'],
    // In its own process group: Ctrl-C reaches only Tagwell, which stops the database last.
    detached: true,
  });
  const log: string[] = [];
  let accepting = false;
  // Read until it exits: PostgreSQL would block on a full pipe.
  server.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = chunk.split('\n').filter(Boolean);
    accepting ||= lines.some((line) => line.includes('ready to accept connections'));
    log.push(...lines);
    log.splice(0, log.length - LOG_LINES);
  });
  const ended = new Promise<{ how: string; log: string[] }>((resolve) => {
    server.once('error', (error) => resolve({ how: error.message, log }));
    // 'close' comes after the last output.
    server.once('close', (code, signal) =>
      resolve({ how: signal ? `ended by ${signal}` : `ended with code ${code}`, log }),
    );
  });
  let over = false;
  void ended.then(() => (over = true));
  const waiting = { accepting: () => accepting, over: () => over, port: Number(settings.port), report };
  const ready = untilAccepting(waiting).then(async (answers) => {
    if (answers) return;
    if (!over) await stopServer(server, ended);
    const { how } = await ended;
    const reason = log.some(isDiskFull) ? DISK_FULL : (log.at(-1) ?? how);
    throw new EmbeddedServerError(`PostgreSQL did not start: ${reason}`);
  });
  // A caller that only stops the server does not handle this.
  ready.catch(() => undefined);
  return { ready, ended, stop: () => stopServer(server, ended), kill: () => void server.kill('SIGQUIT') };
}

type WaitOptions = { accepting: () => boolean; over: () => boolean; port: number; report: (line: string) => void };

/**
 * True once the server accepts connections, however long recovery takes; false if it exits or is silent for too long.
 */
async function untilAccepting({ accepting, over, port, report }: WaitOptions): Promise<boolean> {
  const began = Date.now();
  let heard = began;
  let reportedAt = began;
  while (!over()) {
    if (accepting()) return true;
    if (Date.now() - reportedAt >= REPORT_EVERY_MS) {
      reportedAt = Date.now();
      const state = await probe(port);
      if (state === 'up') return true;
      if (state === 'starting') heard = reportedAt;
      if (reportedAt - heard > SILENT_MS) return false;
      const seconds = Math.round((reportedAt - began) / 1_000);
      report(
        state === 'starting'
          ? `Waiting for PostgreSQL: it recovers what it had not written yet when it was interrupted (${seconds} s)`
          : `Waiting for PostgreSQL to start (${seconds} s)`,
      );
    }
    await pause(20);
  }
  return false;
}

/**
 * How the server on a port answers: it accepts connections, is starting (or recovering, or stopping), or does not
 * answer.
 */
async function probe(port: number): Promise<'up' | 'starting' | 'silent'> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'tagwell', connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return 'up';
  } catch (error) {
    const code = error instanceof pg.DatabaseError ? error.code : undefined;
    if (code === '57P03') return 'starting';
    // It asked for a password, or refused the connection for another reason of its own: it is up.
    return code !== undefined || /password/i.test(String(error)) ? 'up' : 'silent';
  }
}

/** First a fast shutdown (closes connections, writes everything), then an immediate one, then a kill. */
async function stopServer(server: ChildProcess, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    server.kill(signal);
    await Promise.race([ended, pause(STOP_MS, undefined, { ref: false })]);
    if (over) return;
  }
}

/**
 * Stops the server that a killed Tagwell left behind on a cluster, if there is one. Signals a process only if its
 * command line shows PostgreSQL on this very folder, since the pid may have been reused. Waits for a server that is
 * recovering first.
 */
export async function stopOrphan(cluster: string, report: (line: string) => void): Promise<void> {
  const file = path.join(cluster, 'postmaster.pid');
  const [pidLine = '', , , portLine = ''] = readLines(file);
  const pid = Number(pidLine);
  if (!Number.isInteger(pid) || pid <= 1) return;
  if (!servesCluster(pid, cluster)) {
    forgetOwner(file);
    return;
  }
  const port = Number(portLine);
  for (
    let reportedAt = 0;
    port > 0 && servesCluster(pid, cluster) && (await probe(port)) === 'starting';
    await pause(200)
  ) {
    if (Date.now() - reportedAt < REPORT_EVERY_MS) continue;
    reportedAt = Date.now();
    report(`Waiting for a PostgreSQL (process ${pid}) that an earlier Tagwell left behind: it recovers its data`);
  }
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!servesCluster(pid, cluster)) return;
    process.kill(pid, signal);
    const until = Date.now() + STOP_MS;
    while (Date.now() < until && servesCluster(pid, cluster)) await pause(50);
  }
  if (!servesCluster(pid, cluster)) return;
  throw new EmbeddedServerError(`A PostgreSQL (process ${pid}) still uses ${cluster} and does not stop.`);
}

/**
 * PostgreSQL refuses to start while the process in its pid file lives, even if the pid was reused. It ignores the pid
 * of its own parent, and still checks whether the shared memory named in the file is in use; so this writes our pid
 * there.
 */
function forgetOwner(file: string): void {
  const [, ...rest] = readLines(file);
  fs.writeFileSync(file, [process.pid, ...rest].join('\n'));
}

function readLines(file: string): string[] {
  try {
    return fs.readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** Whether a process is PostgreSQL on this data directory. */
function servesCluster(pid: number, cluster: string): boolean {
  const [program = '', ...args] = commandLine(pid);
  if (process.platform === 'win32') return false;
  if (process.platform !== 'linux') return program.includes('postgres') && program.includes(`-D ${cluster} `);
  return path.basename(program) === 'postgres' && args[args.indexOf('-D') + 1] === cluster;
}

/**
 * A running process's command line: as a list on Linux, elsewhere as one string. Empty if the process does not exist
 * (or is a zombie).
 */
function commandLine(pid: number): string[] {
  try {
    if (process.platform === 'linux') return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return [execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })];
  } catch {
    return [];
  }
}
