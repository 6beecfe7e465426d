// Migrates a database: one process at a time, each migration completely or not at all, and indexes on
// large tables while others write. Applied migrations are recorded
// in Prisma's own table (_prisma_migrations), so that `prisma migrate deploy` works on the same database.
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeWorkerUtils } from 'graphile-worker';
import pg from 'pg';
import { KEYS_TO_ADD } from './distribution';
import { statementsOf } from './statements';

const OLDEST_VERSION = 150_000;
const MIGRATIONS = path.join(process.cwd(), 'prisma', 'migrations');

const RECORD = `
  create table if not exists _prisma_migrations (
    id varchar(36) primary key not null,
    checksum varchar(64) not null,
    finished_at timestamptz,
    migration_name varchar(255) not null,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz not null default now(),
    applied_steps_count integer not null default 0
  )`;

/** The database cannot be used; the message is one line for the operator. */
export class DatabaseError extends Error {}

/** The server did not answer in time: it may just be busy. */
export class SlowDatabaseError extends DatabaseError {}

/** Checks that the server is reachable and recent enough, then applies missing migrations. Returns their names. */
export async function migrate(url: string): Promise<string[]> {
  const client = await connect(url);
  try {
    await requireVersion(client);
    await requireAllKeys(client);
    await lock(client);
    const applied = await applyMissing(client);
    const worker = await makeWorkerUtils({ connectionString: url });
    try {
      await worker.migrate();
    } finally {
      await worker.release();
    }
    return applied;
  } finally {
    await client.end();
  }
}

/**
 * Lets one process at a time migrate. The others ask again and again: waiting in a statement would make an index that is
 * built at the same time wait for them.
 */
async function lock(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(hashtext('tagwell: migrate')) as locked`,
    );
    if (rows[0]?.locked) return;
    await setTimeout(100);
  }
}

async function connect(url: string): Promise<pg.Client> {
  const { host } = new URL(url);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    const reason = error instanceof Error && error.message ? error.message : 'no answer';
    const Kind = reason === 'timeout expired' ? SlowDatabaseError : DatabaseError;
    throw new Kind(`The database at ${host} cannot be reached: ${reason}. Check DATABASE_URL and that it is running.`);
  }
}

async function requireVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: string; name: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as name`,
  );
  const [version] = rows;
  if (!version || Number(version.number) < OLDEST_VERSION) {
    throw new DatabaseError(`The database is PostgreSQL ${version?.name}; Tagwell needs 15 or newer.`);
  }
}

/** Without its foreign keys, the database would accept invalid data. */
async function requireAllKeys(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ missing: boolean }>(
    `select to_regclass('${KEYS_TO_ADD}') is not null as missing`,
  );
  if (rows[0]?.missing) {
    throw new DatabaseError(
      'This database is only partly distributed over its cluster, and lacks foreign keys. Run “npm run db:distribute” again, then start Tagwell.',
    );
  }
}

async function applyMissing(client: pg.Client): Promise<string[]> {
  await client.query(RECORD);
  const missing = await missingIn(client);
  for (const name of missing) await apply(client, name);
  return missing;
}

/** Refuses a database with missing migrations, in one line for the operator. Read-only. */
export async function requireMigrated(url: string): Promise<void> {
  const client = await connect(url);
  try {
    const { rows } = await client.query<{ record: string | null }>(
      `select to_regclass('_prisma_migrations') as record`,
    );
    const missing = rows[0]?.record ? (await missingIn(client)).length : null;
    if (missing === 0) return;
    throw new DatabaseError(
      missing === null
        ? 'This database has no Tagwell tables. Check DATABASE_URL, or start Tagwell once to create them.'
        : `The database is of an earlier version: ${missing} ${missing === 1 ? 'migration is' : 'migrations are'} missing. Start this version of Tagwell once: it brings the database up to date.`,
    );
  } finally {
    await client.end();
  }
}

/** The names of migrations that have not been applied, oldest first. */
async function missingIn(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ migration_name: string }>(
    `select migration_name from _prisma_migrations where finished_at is not null and rolled_back_at is null`,
  );
  const done = new Set(rows.map((row) => row.migration_name));
  const folders = fs.readdirSync(MIGRATIONS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map(({ name }) => name)
    .filter((name) => !done.has(name))
    .sort();
}

async function apply(client: pg.Client, name: string): Promise<void> {
  const script = fs.readFileSync(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8');
  const statements = statementsOf(script);
  const record = () =>
    client.query(
      `insert into _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
       values ($1, $2, now(), $3, 1)`,
      [randomUUID(), createHash('sha256').update(script).digest('hex'), name],
    );
  const [only = '', ...others] = statements;
  const index = BUILT_DURING_WRITES.exec(only)?.[1];
  if (index && others.length === 0) {
    // An interrupted build leaves an index that cannot be used.
    await client.query(`drop index concurrently if exists "${index}"`);
    await client.query(only);
    await record();
    return;
  }
  await client.query('begin');
  // Citus refuses to make a function in a transaction that has changed the parts of a table at the same time. Without
  // Citus nobody reads this setting.
  await client.query(`set local citus.multi_shard_modify_mode = 'sequential'`);
  try {
    for (const statement of statements) await client.query(statement);
    await record();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** The only statement of its migration, since it cannot run in a transaction. */
const BUILT_DURING_WRITES = /^(?:--[^\n]*\n)*create (?:unique )?index concurrently "(\w+)"/;
