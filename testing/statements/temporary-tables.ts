// The product's temporary tables, without rows, so that the statements that use them can be analysed.
import pg from 'pg';
import type { Statement } from './collect';

const CREATES = /^\s*create temporary table (\w+) on commit drop as\b(.*)$/s;

/**
 * Makes the tables that recorded statements create, on this connection; one that reads another comes after it. Each name
 * is made once, so a table's columns have the same types wherever it is created.
 */
export async function makeTemporaryTables(client: pg.Client, statements: readonly Statement[]): Promise<void> {
  let left = statements.map(({ text }) => CREATES.exec(text)).filter((match) => match !== null);
  let before: number;
  do {
    before = left.length;
    const readsMissing: RegExpExecArray[] = [];
    for (const match of left) if (!(await make(client, match[1]!, match[2]!))) readsMissing.push(match);
    left = readsMissing;
  } while (left.length < before);
}

const NO_TABLE = '42P01';

/** Returns false if the query reads a table that is not there yet. */
async function make(client: pg.Client, name: string, query: string): Promise<boolean> {
  try {
    await client.query(`prepare made as ${query}`);
    const { rows } = await client.query<{ count: number }>(
      `select cardinality(parameter_types) as count from pg_prepared_statements where name = 'made'`,
    );
    const nulls = rows[0]!.count > 0 ? `(${Array.from({ length: rows[0]!.count }, () => 'null').join()})` : '';
    await client.query(`create temporary table if not exists ${name} as execute made${nulls} with no data`);
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === NO_TABLE) return false;
    throw error;
  } finally {
    await client.query('deallocate all');
  }
}
