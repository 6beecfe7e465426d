// Passes temporary tables to statements that write. On a Citus cluster such a statement runs on a worker, which has
// none of the coordinator's temporary tables.
import { pool } from './pool';
import { one, sql, type Db, type Sql, type Tx } from './sql';

const shared = globalThis as typeof globalThis & { tagwellOnCluster?: Promise<boolean> };

/** Whether the database is on a Citus cluster. Checked once per process. */
export function isOnCluster(): Promise<boolean> {
  shared.tagwellOnCluster ??= hasCitus(pool()).catch((error: unknown) => {
    delete shared.tagwellOnCluster;
    throw error;
  });
  return shared.tagwellOnCluster;
}

async function hasCitus(db: Db): Promise<boolean> {
  const { found } = await one<{ found: boolean }>(
    db,
    sql`select exists (select from pg_extension where extname = 'citus') as found`,
  );
  return found;
}

/**
 * A relation in a form that a statement can use: unchanged on one server; on a cluster its current rows, as one
 * parameter. `columns`: with their types. `before`: a `with` clause that the relation needs.
 */
export async function asParameter(
  tx: Tx,
  relation: Sql,
  columns: Sql,
  { before = sql`` }: { before?: Sql } = {},
): Promise<Sql> {
  if (!(await isOnCluster())) return relation;
  const { json } = await one<{ json: string }>(
    tx,
    sql`${before} select coalesce(json_agg(given), '[]')::text as json from (${relation}) given`,
  );
  return sql`select * from json_to_recordset(${json}::json) as given (${columns})`;
}
