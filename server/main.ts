// The process: starts what its role needs, in order, and stops it cleanly in reverse.
import { environment, EnvironmentError, type Environment } from '@/lib/config/environment';
import { ensureSetUpLink } from '@/lib/accounts/set-up';
import { writeUse } from '@/lib/accounts/tag-use';
import { EmbeddedServerError, startEmbedded } from '@/lib/db/embedded';
import { DatabaseError, migrate } from '@/lib/db/migrate';
import { closePool } from '@/lib/db/pool';
import { seedDemo } from '@/prisma/seed/demo';
import { ListenError } from './listen';
import { announceAddress, leaveFolder, takeFolder } from './lock';
import { sessionSecret } from './secret';

/** Reasons that an operator can mend: one line each, no stack. */
const PLAIN_ERRORS = [EnvironmentError, EmbeddedServerError, DatabaseError, ListenError];

const stops: (() => Promise<void> | void)[] = [];
let stopping = false;

async function stop(code: number): Promise<never> {
  if (!stopping) {
    stopping = true;
    for (const undo of stops.reverse()) await Promise.resolve(undo()).catch(() => undefined);
  }
  process.exit(code);
}

async function openDatabase(settings: Environment): Promise<void> {
  if (settings.DATABASE_URL) {
    await migrate(settings.DATABASE_URL);
    return;
  }
  const holder = takeFolder(settings.TAGWELL_DATA_DIR);
  if (holder) {
    throw new EmbeddedServerError(
      `Tagwell already runs on ${settings.TAGWELL_DATA_DIR} (process ${holder.pid}${holder.address && `, ${holder.address}`}).`,
    );
  }
  stops.push(() => leaveFolder(settings.TAGWELL_DATA_DIR));
  const fast = process.env.TAGWELL_TEST_DATABASE === 'fast';
  const database = await startEmbedded({ dataDir: settings.TAGWELL_DATA_DIR, fast, say: console.log });
  stops.push(database.stop);
  process.env.DATABASE_URL = database.url;
  await migrate(database.url);
}

async function startServer(settings: Environment, host: string) {
  const where = { host, port: settings.PORT };
  if (settings.TAGWELL_ROLE === 'api') return (await import('./api')).startApi(where);
  return (await import('./web')).startWeb(where);
}

async function main(): Promise<void> {
  const settings = environment();
  const embedded = !settings.DATABASE_URL;
  await openDatabase(settings);
  stops.push(closePool);
  stops.push(writeUse);
  process.env.NEXTAUTH_SECRET = sessionSecret(settings);

  if (settings.TAGWELL_ROLE !== 'worker') {
    const host = settings.HOST ?? (embedded ? '127.0.0.1' : '0.0.0.0');
    process.env.NEXTAUTH_URL = settings.TAGWELL_URL ?? `http://localhost:${settings.PORT}`;
    const web = await startServer(settings, host);
    stops.push(web.stop);
    const address = settings.TAGWELL_URL ?? `http://localhost:${web.port}`;
    process.env.NEXTAUTH_URL = address;
    if (embedded) {
      announceAddress(settings.TAGWELL_DATA_DIR, address);
      await seedDemo(console.log);
    } else {
      const link = await ensureSetUpLink(address);
      if (link) console.log(`Set up your account (this link works once): ${link}`);
    }
    console.log(`Tagwell is ready: ${address}`);
  }
  if (settings.TAGWELL_ROLE === 'all' || settings.TAGWELL_ROLE === 'worker') {
    const { startWorker } = await import('./worker');
    const worker = await startWorker();
    stops.push(worker.stop);
  }
}

process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));

main().catch((error: unknown) => {
  const plain = PLAIN_ERRORS.some((kind) => error instanceof kind);
  console.error(plain ? (error as Error).message : error);
  void stop(1);
});
