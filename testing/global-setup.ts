// One PostgreSQL for the whole test run, with a migrated template from which each test file gets its own database.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '@/lib/db/embedded';
import { migrate } from '@/lib/db/migrate';
import { checkStatements } from './statements/check';

declare module 'vitest' {
  export interface ProvidedContext {
    serverUrl: string;
    /** Where each process notes its statements. */
    statements: string;
  }
}

export default async function setup(project: TestProject) {
  execFileSync(process.execPath, ['scripts/server.mjs'], { stdio: 'inherit' });
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwell-test-'));
  fs.chmodSync(dataDir, 0o755);
  const server = await startEmbedded({ dataDir, fast: true });
  await migrate(server.url);
  const admin = new pg.Client({ connectionString: server.url.replace(/tagwell$/, 'postgres') });
  await admin.connect();
  await admin.query('alter database tagwell rename to template_tagwell');
  await admin.end();
  project.provide('serverUrl', server.url.replace(/tagwell$/, ''));
  const statements = path.join(dataDir, 'statements');
  fs.mkdirSync(statements);
  project.provide('statements', statements);
  return async () => {
    const problems = await checkStatements(server.url.replace(/tagwell$/, 'template_tagwell'), statements);
    await server.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
    if (!problems) return;
    console.error(`\n${problems}\n`);
    process.exitCode = 1;
  };
}
