// The database server of a test run: an embedded one, or the one of TAGWELL_TEST_DATABASE_URL (as a superuser). If the
// database of that address has Citus with workers, the tests run on a distributed database.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { startEmbedded } from '@/lib/db/embedded';
import { distribute } from '@/lib/db/distribute';
import { migrate } from '@/lib/db/migrate';
import { isCluster } from './cluster';

/** Few shards per distributed table, since test files copy all of them, but more than one. */
const SHARDS = 4;

/** Addresses without the name of the database. `nodes`: all servers that need each database, the tests' own first. */
type Nodes = [string, ...string[]];
export type TestServer = {
  nodes: Nodes;
  template: string;
  /** Reads the template once no file will copy it any more. */
  withTemplate: <T>(read: (url: string) => Promise<T>) => Promise<T>;
  stop: () => Promise<void>;
};

/** Creates the migrated template that each test file copies. `dataDir`: for the embedded server. */
export async function openTestServer(dataDir: string): Promise<TestServer> {
  const given = process.env.TAGWELL_TEST_DATABASE_URL;
  const own = given === undefined ? await startEmbedded({ dataDir, fast: true }) : undefined;
  const nodes: Nodes = own ? [withoutName(own.url)] : [withoutName(given!), ...(await workersOf(given!))];
  const template = `template_tagwell_${randomUUID().slice(0, 8)}`;
  const url = `${nodes[0]}${template}`;
  await makeDatabase(nodes, template);
  await migrate(url);
  if (isCluster(nodes)) await distribute(url);
  await setClosed(nodes, template, true);
  return {
    nodes,
    template,
    withTemplate: async (read) => {
      await setClosed(nodes, template, false);
      return read(url);
    },
    stop: async () => {
      await dropDatabase(nodes, template);
      await own?.stop();
    },
  };
}

/** Creates an empty database; on a cluster, one that can be distributed. */
export async function makeDatabase(nodes: readonly string[], name: string): Promise<void> {
  for (const node of nodes) await query(`${node}postgres`, `create database ${name}`);
  if (!isCluster(nodes)) return;
  for (const node of nodes) await query(`${node}${name}`, 'create extension citus');
  const [coordinator, ...workers] = nodes.map((node) => new URL(node));
  const url = `${nodes[0]}${name}`;
  await query(url, `alter database ${name} set citus.shard_count = ${SHARDS}`);
  await query(url, `select citus_set_coordinator_host('${coordinator!.hostname}', ${coordinator!.port})`);
  for (const { hostname, port } of workers) await query(url, `select citus_add_node('${hostname}', ${port})`);
}

export async function dropDatabase(nodes: readonly string[], name: string): Promise<void> {
  for (const node of nodes) {
    await insisting(() => query(`${node}postgres`, `drop database ${name} with (force)`));
  }
}

const IN_USE = '55006';
/** Milliseconds. */
const STARTS_MS = 500;

/**
 * Drops a database, with a second attempt. Citus starts a process of its own for each database, again and again, and one
 * that starts during a drop is waited for in vain. Once it has started, a drop ends it.
 */
export async function insisting(drop: () => Promise<unknown>): Promise<void> {
  try {
    await drop();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== IN_USE) throw error;
    await pause(STARTS_MS);
    await drop();
  }
}

/** Closes a database so that it can be copied: Citus has connections of its own to each. */
async function setClosed(nodes: readonly string[], name: string, closed: boolean): Promise<void> {
  for (const node of nodes) {
    await query(`${node}postgres`, `alter database ${name} allow_connections ${!closed}`);
    const connections = `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`;
    if (closed) await query(`${node}postgres`, connections);
  }
}

/** The workers that the database knows; none without Citus. */
async function workersOf(url: string): Promise<string[]> {
  const citus = await query(url, `select from pg_extension where extname = 'citus'`);
  if (citus.length === 0) return [];
  const found = await query<{ host: string; port: number }>(
    url,
    `select nodename as host, nodeport as port from pg_dist_node where groupid <> 0 and noderole = 'primary' order by 2`,
  );
  return found.map(({ host, port }) =>
    withoutName(Object.assign(new URL(url), { hostname: host, port: String(port) }).href),
  );
}

const withoutName = (url: string): string => new URL('/', url).href;

async function query<Row>(url: string, statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query(statement);
    return result.rows as Row[];
  } finally {
    await client.end();
  }
}
