// The process: starts what its role needs, in order, and stops it cleanly in reverse.
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { environment, EnvironmentError, type Environment } from '@/lib/config/environment';
import { ensureSetUpLink } from '@/lib/accounts/set-up';
import { writeUse } from '@/lib/accounts/tag-use';
import { DISK_FULL, unavailableReason } from '@/lib/db/condition';
import { Embedded, EmbeddedServerError } from '@/lib/db/embedded';
import { DatabaseError, migrate, SlowDatabaseError } from '@/lib/db/migrate';
import { formCounts } from '@/lib/forms/counts';
import { answers } from '@/lib/messages/answers';
import { closePool, pool, setPoolOptions } from '@/lib/db/pool';
import { ensureMailboxes } from '@/lib/sending/mailbox';
import { announceMadeUpCrm } from '@/lib/outbound/made-up-crm';
import { seedDemo } from '@/prisma/seed/demo';
import { watchCalls } from './calls';
import { Front, ListenError } from './front';
import { takeFolder, type FolderLock } from './lock';
import { log } from './log';
import { sessionSecret } from './secret';
import { state } from './state';
import type { Web } from './web';

/** Errors that an operator can fix are reported in one line, without a stack. */
const PLAIN_ERRORS = [EnvironmentError, EmbeddedServerError, DatabaseError, ListenError];

/** Time limits for stopping each part. Exceeding them loses nothing: see docs/operations.md. */
const WORKER_STOP_MS = 20_000;
const PART_STOP_MS = 10_000;
/** How long a start waits for a database that exists but does not answer, and how often it polls. */
const DATABASE_WAIT_MS = 300_000;
const DATABASE_POLL_MS = 1_000;
/** Percent of what a worker keeps in memory, after which V8 collects garbage. By itself it lets much more pile up where there is room. */
const WORKER_GARBAGE = 50;
/** A terminal's Ctrl-C arrives more than once; only one after this time means: stop at once. */
const IMPATIENT_MS = 1_000;

const running: {
  lock?: FolderLock;
  front?: Front;
  database?: Embedded;
  web?: Web;
  worker?: { stop: () => Promise<void> };
  crm?: { stop: () => Promise<void> };
} = {};
let stopSince: number | undefined;

class Stopped extends Error {}

/** Records the current step; throws if the process is to stop instead. */
function step(what: string): void {
  if (state.stopping) throw new Stopped();
  state.starting = what;
}

function say(line: string): void {
  console.log(line);
  if (state.starting !== null) state.starting = line;
}

/** Runs a step that needs the database, and retries while the database is not responding: the step may already be partly done. */
async function stepOnDatabase(what: string, work: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + DATABASE_WAIT_MS;
  for (let waiting = false; ; waiting = true) {
    if (!waiting) step(what);
    try {
      await work();
      return;
    } catch (error) {
      if (!mayAnswerLater(error) || performance.now() > until) throw error;
      if (!waiting)
        say(`${what}: the database is not responding, waiting for it (at most ${DATABASE_WAIT_MS / 60_000} minutes)`);
    }
    await pause(DATABASE_POLL_MS);
    if (state.stopping) throw new Stopped();
  }
}

/** An external database that refuses the first connection is down; the embedded one may still be starting. */
function mayAnswerLater(error: unknown): boolean {
  if (error instanceof DatabaseError) return running.database !== undefined || error instanceof SlowDatabaseError;
  const reason = unavailableReason(error);
  return reason !== null && reason !== DISK_FULL;
}

async function stop(code: number): Promise<never> {
  state.stopping = true;
  stopSince = performance.now();
  const { front, web, worker, crm, database, lock } = running;
  await Promise.all([within(PART_STOP_MS, front?.stop()), within(WORKER_STOP_MS, worker?.stop())]);
  await within(PART_STOP_MS, web?.stop());
  await within(PART_STOP_MS, crm?.stop());
  await within(PART_STOP_MS, answers.written());
  await within(PART_STOP_MS, formCounts.written());
  await within(PART_STOP_MS, writeUse());
  await within(PART_STOP_MS, closePool());
  await database?.stop().catch(() => undefined);
  await within(PART_STOP_MS, lock?.release());
  process.exit(code);
}

/** Waits until a part has stopped, successfully or not, or the time is up. */
async function within(milliseconds: number, part: Promise<void> | undefined): Promise<void> {
  await Promise.race([part?.catch(() => undefined), pause(milliseconds, undefined, { ref: false })]);
}

/** Under npm, systemd and in a terminal one stop arrives as several signals: only a later Ctrl-C ends the process at once. */
function onSignal(signal: NodeJS.Signals): void {
  if (stopSince === undefined) return void stop(0);
  if (signal !== 'SIGINT' || performance.now() - stopSince < IMPATIENT_MS) return;
  running.database?.kill();
  process.exit(1);
}

/** Tests use a database without fsync, and a small first account. */
const inTests = () => process.env.TAGWELL_TEST_DATABASE === 'fast';

async function openDatabase(settings: Environment): Promise<void> {
  let url = settings.DATABASE_URL;
  if (!url) {
    step('opening its database');
    const fast = inTests();
    const warn = (line: string, postgresLog: string[]) => log.error({ postgresLog }, line);
    running.database = new Embedded({ dataDir: settings.TAGWELL_DATA_DIR, fast, report: say, warn });
    url = await running.database.start();
    process.env.DATABASE_URL = url;
  }
  const address = url;
  await stepOnDatabase('bringing the database up to date', () => migrate(address));
}

type Doors = { host: string; port: number; address: string };

/** Locks the data folder and listens: from here on callers get an answer, if only 'starting'. */
async function openDoors(settings: Environment): Promise<Doors> {
  const { DATABASE_URL, TAGWELL_DATA_DIR: dataDir } = settings;
  if (DATABASE_URL) return listen(settings);
  // A folder that does not exist needs no lock yet. It is created last, so that a start that fails on its port leaves none behind.
  const isNew = !fs.existsSync(dataDir);
  if (!isNew) await lockFolder(dataDir);
  const doors = await listen(settings);
  if (isNew) await lockFolder(dataDir);
  running.lock?.announce(doors.address);
  return doors;
}

async function lockFolder(dataDir: string): Promise<void> {
  const taken = await takeFolder(dataDir);
  if ('holder' in taken) {
    const { pid, address } = taken.holder;
    throw new EmbeddedServerError(`Tagwell already runs on ${dataDir} (process ${pid}${address && `, ${address}`}).`);
  }
  running.lock = taken;
}

async function listen(settings: Environment): Promise<Doors> {
  const host = settings.HOST ?? (settings.DATABASE_URL ? '0.0.0.0' : '127.0.0.1');
  if (settings.TAGWELL_ROLE === 'worker') return { host, port: 0, address: '' };
  running.front = new Front({
    times: {
      wholeMs: settings.TAGWELL_API_TIMEOUT_SECONDS * 1_000,
      uploadPeriodMs: settings.TAGWELL_UPLOAD_TIMEOUT_SECONDS * 1_000,
      uploadPeriodBytes: settings.TAGWELL_UPLOAD_TIMEOUT_SECONDS * 1_000,
    },
    uploadBytes: settings.TAGWELL_MAX_UPLOAD_MB * 1_048_576,
  });
  const port = await running.front.listen(host, settings.PORT);
  return { host, port, address: settings.TAGWELL_URL ?? `http://localhost:${port}` };
}

async function main(): Promise<void> {
  const settings = environment();
  log.level = settings.TAGWELL_LOG_LEVEL;
  setPoolOptions({ size: settings.TAGWELL_DATABASE_CONNECTIONS });
  watchCalls();
  const { host, port, address } = await openDoors(settings);
  await openDatabase(settings);
  process.env.NEXTAUTH_SECRET = sessionSecret(settings);
  if (running.front) {
    process.env.NEXTAUTH_URL = address;
    step('preparing the pages');
    if (settings.TAGWELL_ROLE === 'api') {
      running.front.serve((await import('./api')).apiHandler());
    } else {
      running.web = await (await import('./web')).openWeb(running.front, { host, port });
      running.front.serve(running.web.handler);
    }
    await stepOnDatabase('preparing the first account', () =>
      running.database ? seedDemo(console.log, inTests() ? { profiles: 20 } : {}) : logSetUpLink(address),
    );
    if (running.database) await stepOnDatabase('preparing the built-in mailboxes', () => ensureMailboxes(pool()));
    if (isTriedOut(settings, host)) running.crm = await openMadeUpCrm(settings);
  }
  if (settings.TAGWELL_ROLE === 'worker') setFlagsFromString(`--heap-growing-percent=${WORKER_GARBAGE}`);
  if (settings.TAGWELL_ROLE === 'all' || settings.TAGWELL_ROLE === 'worker') {
    const { startWorker } = await import('./worker');
    await stepOnDatabase('starting the worker', async () => (running.worker = await startWorker()));
  }
  step('done');
  state.starting = null;
  if (running.front) console.log(`Tagwell is ready: ${address}`);
}

/** Whether somebody tries Tagwell out: its own database, everything in one process, and nobody else can reach it. */
const isTriedOut = ({ TAGWELL_ROLE, TAGWELL_URL }: Environment, host: string): boolean =>
  running.database !== undefined && TAGWELL_ROLE === 'all' && !TAGWELL_URL && ['127.0.0.1', 'localhost'].includes(host);

/** Starts the CRM that a visitor can connect. Its key stays the same, so that a connection outlives a restart. */
async function openMadeUpCrm(settings: Environment): Promise<{ stop: () => Promise<void> }> {
  step('starting the made-up CRM');
  const { peopleOf, startCrm } = await import('@/demo/crm/server');
  const apiKey = createHmac('sha256', sessionSecret(settings)).update('made-up CRM').digest('hex');
  const { port, stop } = await startCrm({
    file: path.join(settings.TAGWELL_DATA_DIR, 'made-up-crm.json'),
    apiKey,
    peopleOf,
  });
  announceMadeUpCrm({ port, apiKey });
  return { stop };
}

async function logSetUpLink(address: string): Promise<void> {
  const link = await ensureSetUpLink(address);
  if (link) console.log(`Set up your account (this link works once): ${link}`);
}

// Node would write its warnings as plain text among the JSON lines.
process.removeAllListeners('warning');
process.on('warning', (warning) => log.warn({ err: warning }, 'process warning'));
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);

main().catch((error: unknown) => {
  if (state.stopping) return;
  const plain = PLAIN_ERRORS.some((kind) => error instanceof kind);
  console.error(plain ? (error as Error).message : (unavailableReason(error) ?? error));
  void stop(1);
});
