// Distributes a migrated database over a Citus cluster: tables of sections by section_id, and the tables that their
// statements read to every node (distribution.ts). Each step is a transaction and is skipped if done already, so an
// interrupted run can simply be repeated.
import pg from 'pg';
import { KEYS_TO_ADD, REFERENCE_TABLES, SECTION_TABLES } from './distribution';
import { DatabaseError, requireMigrated } from './migrate';

/** The other tables are colocated with it, section by section. */
const FIRST = 'profile';

/**
 * The door for profile data sets keys before it creates their profiles, in one statement. A cluster runs the parts of
 * such a statement one after the other, so this foreign key is deferred to the end of the transaction.
 */
const DEFERRED_KEY = 'profile_key_section_id_profile_id_fkey';

type Progress = { report?: (line: string) => void };

/**
 * Distributes the database, with its rows, over the workers of its cluster. Tagwell must not be running. Returns the
 * tables that this call distributed. Throws a DatabaseError, for the operator, if it cannot start.
 */
export async function distribute(url: string, { report = () => undefined }: Progress = {}): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await requireCluster(client);
    await requireMigrated(url);
    await client.query(`select pg_advisory_lock(hashtext('tagwell: migrate'))`);
    await requireQuiet(client);
    await allowTriggers(client);
    const missing = await missingTables(client);
    if (missing.length > 0) await takeOffKeys(client);
    for (const { table, command } of missing) {
      report(`Distributing ${table}`);
      await client.query(command);
    }
    await addKeys(client, report);
    return missing.map(({ table }) => table);
  } finally {
    await client.end();
  }
}

async function requireCluster(client: pg.Client): Promise<void> {
  const { rows: found } = await client.query(`select from pg_extension where extname = 'citus'`);
  if (found.length === 0) {
    throw new DatabaseError(
      'This database has no Citus. On every node: put citus into shared_preload_libraries, restart, and run “create extension citus” in this database.',
    );
  }
  const { rows } = await client.query<{ group: number; listed: boolean; workers: number }>(`
    select (select groupid from pg_dist_local_group) as group,
      exists (select from pg_dist_node where groupid = 0) as listed,
      (select count(*)::int from pg_dist_node where groupid <> 0 and noderole = 'primary' and isactive) as workers`);
  const { group, listed, workers } = rows[0]!;
  if (group !== 0) throw new DatabaseError('This is a worker of the cluster. Give DATABASE_URL of its coordinator.');
  if (!listed) {
    throw new DatabaseError(
      `The workers do not know the coordinator. Run: select citus_set_coordinator_host('<its address>', <its port>);`,
    );
  }
  if (workers === 0) {
    throw new DatabaseError(
      `The cluster has no worker. Run for each: select citus_add_node('<its address>', <its port>);`,
    );
  }
}

/** No writes may happen while the foreign keys are dropped. */
async function requireQuiet(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ others: number }>(`
    select count(*)::int as others from pg_stat_activity
    where datname = current_database() and application_name like 'tagwell%' and pid <> pg_backend_pid()`);
  if (rows[0]!.others > 0) {
    throw new DatabaseError('Tagwell is running on this database. Stop all its processes, then run this again.');
  }
}

/** The triggers that guard tags and the ledger read only the row itself, so they are safe on distributed tables. */
async function allowTriggers(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(`select quote_ident(current_database()) as name`);
  await client.query(`alter database ${rows[0]!.name} set citus.enable_unsafe_triggers = on`);
  await client.query('set citus.enable_unsafe_triggers = on');
}

type Missing = { table: string; command: string };

async function missingTables(client: pg.Client): Promise<Missing[]> {
  const names = async (statement: string) =>
    (await client.query<{ name: string }>(statement)).rows.map(({ name }) => name);
  const done = new Set(
    await names('select relname as name from pg_dist_partition join pg_class on pg_class.oid = logicalrelid'),
  );
  const section = (table: string) =>
    `select create_distributed_table('"${table}"', 'section_id', colocate_with => '${table === FIRST ? 'none' : FIRST}')`;
  const others = (
    await names(
      `select name from (${SECTION_TABLES}) all_of_them where not relation_is_a_known_shard(quote_ident(name)::regclass)`,
    )
  ).filter((table) => table !== FIRST);
  return [
    ...REFERENCE_TABLES.map((table) => ({ table, command: `select create_reference_table('"${table}"')` })),
    ...[FIRST, ...others.sort()].map((table) => ({ table, command: section(table) })),
  ].filter(({ table }) => !done.has(table));
}

/**
 * Drops all foreign keys and records how to add them again. Citus itself handles those of shards (`profile_102008`).
 */
async function takeOffKeys(client: pg.Client): Promise<void> {
  await client.query(`create table if not exists ${KEYS_TO_ADD} (id serial primary key, command text not null)`);
  const { rows } = await client.query<{ off: string; on: string }>(
    `
    select format('alter table %s drop constraint %I', conrelid::regclass, conname) as off,
      format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        || case when conname = '${DEFERRED_KEY}' and not condeferrable then ' deferrable initially deferred' else '' end as on
    from pg_constraint
    where contype = 'f' and connamespace = 'public'::regnamespace and not relation_is_a_known_shard(conrelid)
    order by conrelid::regclass::text, conname`,
  );
  for (const { off, on } of rows) {
    await client.query('begin');
    await client.query(`insert into ${KEYS_TO_ADD} (command) values ($1)`, [on]);
    await client.query(off);
    await client.query('commit');
  }
}

async function addKeys(client: pg.Client, report: (line: string) => void): Promise<void> {
  const { rows } = await client.query<{ kept: boolean }>(`select to_regclass('${KEYS_TO_ADD}') is not null as kept`);
  if (!rows[0]!.kept) return;
  const { rows: keys } = await client.query<{ id: number; command: string }>(
    `select id, command from ${KEYS_TO_ADD} order by id`,
  );
  report(`Adding ${keys.length} foreign keys`);
  for (const { id, command } of keys) {
    await client.query('begin');
    await client.query(command);
    await client.query(`delete from ${KEYS_TO_ADD} where id = $1`, [id]);
    await client.query('commit');
  }
  await client.query(`drop table ${KEYS_TO_ADD}`);
}
