// One database server for the whole test run, with a migrated template that each test file copies.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { openTestServer } from './server';
import { checkStatements } from './statements/check';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The address of the server, without the name of a database. */
    serverUrl: string;
    /** The addresses of all servers that need each database: several on a cluster. */
    nodes: string[];
    template: string;
    /** The folder in which each process records its statements. */
    statements: string;
    /** The seed of property tests: see testing/seed.ts. */
    seed: number;
  }
}

/** Constant, so that a run fails because of a change and not by chance. */
const SEED = 20_783;

const IN_MEMORY = '/dev/shm';
/** Bytes: far more than the databases of a test run need. */
const ROOM = 4 * 1_073_741_824;

/** In memory if there is enough: copying and dropping a database takes half the processor time there. */
function folderForData(): string {
  if (!fs.existsSync(IN_MEMORY)) return os.tmpdir();
  const { bavail, bsize } = fs.statfsSync(IN_MEMORY);
  return bavail * bsize >= ROOM ? IN_MEMORY : os.tmpdir();
}

export default async function setup(project: TestProject) {
  execFileSync(process.execPath, ['scripts/server.mjs'], { stdio: 'inherit' });
  const dataDir = fs.mkdtempSync(path.join(folderForData(), 'tagwell-test-'));
  fs.chmodSync(dataDir, 0o755);
  const server = await openTestServer(dataDir);
  project.provide('serverUrl', server.nodes[0]);
  project.provide('nodes', server.nodes);
  project.provide('template', server.template);
  const statements = path.join(dataDir, 'statements');
  fs.mkdirSync(statements);
  project.provide('statements', statements);
  const seed = Number(process.env.TAGWELL_TEST_SEED ?? SEED);
  console.log(`Property tests: TAGWELL_TEST_SEED=${seed}`);
  project.provide('seed', seed);
  return async () => {
    const problems = await server.withTemplate((url) => checkStatements(url, statements));
    await server.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
    if (!problems) return;
    console.error(`\n${problems}\n`);
    process.exitCode = 1;
  };
}
