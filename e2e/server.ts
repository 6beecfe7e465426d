// Starts what the stories run against: the built application, as operators start it, on a database of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEmbedded } from '@/lib/db/embedded';

const READY_MS = 60_000;

export default async function setup() {
  const { address, databaseUrl, stop } = await startTagwell('server.log');
  process.env.E2E_BASE_URL = address;
  process.env.DATABASE_URL = databaseUrl;
  return stop;
}

/** Tagwell on a database of its own; its log goes into test-results. */
export async function startTagwell(logFile: string) {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwell-e2e-'));
  fs.chmodSync(dataDir, 0o755);
  const database = { running: await startEmbedded({ dataDir, fast: true }) };
  const databaseUrl = database.running.url;
  const server = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      TAGWELL_SECRET: 'a secret of the end-to-end tests only, 32+',
      HOST: '127.0.0.1',
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = fs.createWriteStream(path.join('test-results', logFile));
  server.stdout.pipe(log);
  server.stderr.pipe(log);
  const address = await readAddress(server);
  return {
    address,
    databaseUrl,
    stopDatabase: () => database.running.stop(),
    startDatabase: async () => {
      database.running = await startEmbedded({ dataDir, fast: true, port: Number(new URL(databaseUrl).port) });
    },
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
      await database.running.stop();
      fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function readAddress(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`The server did not start: ${text}`)), READY_MS);
    const read = (chunk: Buffer) => {
      text += chunk.toString();
      const address = /Tagwell is ready: (\S+)/.exec(text)?.[1];
      if (!address) return;
      clearTimeout(timer);
      resolve(address);
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('exit', () => reject(new Error(`The server ended: ${text}`)));
  });
}
