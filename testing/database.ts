// Each test file has its own database, copied from the migrated template before its tests and dropped after them. Files
// share a process, and with it what the product caches for the life of a process: ids of accounts, sections and
// keyspaces differ from file to file.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import { closePool, setPoolOptions } from '@/lib/db/pool';
import { isCluster } from './cluster';
import { insisting } from './server';
import { collectInto } from './statements/collect';

const IDS_PER_FILE = 10_000;
/** Milliseconds. On a cluster each new connection opens others to the nodes, which is slow on a shared machine. */
const CONNECT_ON_CLUSTER_MS = 60_000;

const shared = globalThis as typeof globalThis & {
  tagwellTestFiles?: number;
  /** A connection to the database `postgres` of each server, which all files of the process use. */
  tagwellAdministrators?: Map<string, pg.Client>;
};
shared.tagwellTestFiles = (shared.tagwellTestFiles ?? 0) + 1;
shared.tagwellAdministrators ??= new Map();

const name = `test_${randomUUID().replaceAll('-', '')}`;
const url = `${inject('serverUrl')}${name}`;
const outerEnvironment = { ...process.env };

const LOCK = `hashtext('tagwell: test databases')`;

async function administer(statement: string): Promise<void> {
  for (const node of inject('nodes')) {
    const client = await administratorOf(node);
    await client.query(`select pg_advisory_lock(${LOCK})`);
    try {
      await client.query(statement);
    } finally {
      await client.query(`select pg_advisory_unlock(${LOCK})`);
    }
  }
}

async function administratorOf(node: string): Promise<pg.Client> {
  const known = shared.tagwellAdministrators!.get(node);
  if (known) return known;
  const client = new pg.Client({ connectionString: `${node}postgres` });
  // The server stops before the process ends.
  client.on('error', () => shared.tagwellAdministrators!.delete(node));
  await client.connect();
  shared.tagwellAdministrators!.set(node, client);
  return client;
}

async function onDatabase(address: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

// Servers that tests start record their statements too.
process.env.TAGWELL_TEST_STATEMENTS = inject('statements');
collectInto(inject('statements'));
process.env.NEXTAUTH_SECRET ??= 'a secret of the tests only, 32 or more';

beforeAll(async () => {
  // A test of the previous file that timed out may have continued, and reopened it.
  await closePool();
  setPoolOptions(isCluster(inject('nodes')) ? { connectMs: CONNECT_ON_CLUSTER_MS } : {});
  await administer(`create database ${name} template ${inject('template')} strategy file_copy`);
  const firstId = shared.tagwellTestFiles! * IDS_PER_FILE;
  await onDatabase(
    url,
    `select setval(pg_get_serial_sequence(name, 'id'), ${firstId}, false)
     from unnest(array['account', 'section', 'keyspace']) name`,
  );
  process.env.DATABASE_URL = url;
});

afterAll(async () => {
  await closePool();
  await insisting(() => administer(`drop database if exists ${name} with (force)`));
  for (const key of Object.keys(process.env)) if (!(key in outerEnvironment)) delete process.env[key];
  Object.assign(process.env, outerEnvironment);
});
