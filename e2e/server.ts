// Starts what the stories run against: the built application, as operators start it, on a new database.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEmbedded } from '@/lib/db/embedded';
import { spawnTagwell } from '@/testing/process';

/** Signs session cookies; the stories create some themselves. */
export const SECRET = 'a secret of the end-to-end tests only, 32+';

export default async function setup() {
  const { address, databaseUrl, stop } = await startTagwell('server.log', {
    TAGWELL_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1',
  });
  process.env.E2E_BASE_URL = address;
  process.env.DATABASE_URL = databaseUrl;
  return stop;
}

/** Tagwell on a new database, with additional settings; its log goes to test-results. */
export async function startTagwell(logFile: string, env: Record<string, string> = {}) {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwell-e2e-'));
  fs.chmodSync(dataDir, 0o755);
  const database = { running: await startEmbedded({ dataDir, fast: true }) };
  const databaseUrl = database.running.url;
  fs.mkdirSync('test-results', { recursive: true });
  const log = fs.createWriteStream(path.join('test-results', logFile));
  const started = spawnTagwell({ DATABASE_URL: databaseUrl, TAGWELL_SECRET: SECRET, ...env }, { log });
  const server = await started.catch(async (failure: Error) => {
    await database.running.stop();
    throw failure;
  });
  return {
    address: server.address,
    output: server.output,
    databaseUrl,
    stopDatabase: () => database.running.stop(),
    startDatabase: async () => {
      database.running = await startEmbedded({ dataDir, fast: true, port: Number(new URL(databaseUrl).port) });
    },
    stop: async () => {
      await server.stop();
      await database.running.stop();
      fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
