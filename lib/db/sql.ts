// SQL as SQL: a tagged template that turns every value into a parameter and can be nested, and a few functions to run
// it.
import { createHash } from 'node:crypto';
import type pg from 'pg';

/** A connection that is inside a transaction (see `transaction` in pool.ts). */
export type Tx = pg.PoolClient;

/** Anything that can run a statement. */
export type Db = pg.Pool | Tx;

/** What can stand in a statement: a parameter that the driver knows (undefined is null), or another piece. JSON is text. */
export type SqlValue = Sql | Parameter | readonly Parameter[] | readonly (readonly Parameter[])[];
type Parameter = string | number | bigint | boolean | Date | Uint8Array | null | undefined;

/** A piece of SQL with its parameters. Only `sql` creates it, so no text from outside can become SQL. */
export class Sql {
  constructor(
    readonly strings: readonly string[],
    readonly values: readonly SqlValue[],
  ) {}

  /** The statement for the server: text with $1…$n, and the parameters in that order. */
  compile(): { text: string; values: unknown[] } {
    const values: unknown[] = [];
    const text = this.write(values);
    return { text, values };
  }

  private write(values: unknown[]): string {
    let text = this.strings[0] ?? '';
    this.values.forEach((value, index) => {
      if (value instanceof Sql) {
        text += value.write(values);
      } else {
        values.push(value);
        text += `$${values.length}`;
      }
      text += this.strings[index + 1] ?? '';
    });
    return text;
  }
}

/** `sql\`select… where id = ${id}\``: values become parameters, nested `sql` pieces are inserted. */
export function sql(strings: TemplateStringsArray, ...values: SqlValue[]): Sql {
  return new Sql(strings, values);
}

type Separator = ' ' | ', ' | ' and ' | ' or ' | '\nunion\n' | '\nunion all\n';

/** Joins pieces with a separator from the code, such as `, ` or ` and `. */
export function join(pieces: readonly Sql[], separator: Separator): Sql {
  if (pieces.length === 0) return sql``;
  return new Sql(['', ...pieces.slice(1).map(() => separator), ''], pieces);
}

/**
 * Runs a statement and returns its rows; the caller names their type. `prepare`: keeps the statement and, after a few
 * runs, its plan on the connection. For frequent statements with a plan that suits all values.
 */
export async function rows<Row>(db: Db, statement: Sql, { prepare = false } = {}): Promise<Row[]> {
  const { text, values } = statement.compile();
  const result = await db.query({ text, values, ...(prepare && { name: preparedName(text) }) });
  return result.rows as Row[];
}

/** Rows as arrays of columns, for large numbers of rows that are only passed on. */
export async function rowsAsArrays<Row extends unknown[]>(db: Db, statement: Sql): Promise<Row[]> {
  const { text, values } = statement.compile();
  const result = await db.query<Row>({ text, values, rowMode: 'array' });
  return result.rows;
}

const preparedNames = new Map<string, string>();

/**
 * A name derived from the text, because pages and the API are bundled separately but share the connections. The texts
 * are constants of the code, so there are few.
 */
function preparedName(text: string): string {
  let name = preparedNames.get(text);
  if (name === undefined) {
    name = `tagwell_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
    preparedNames.set(text, name);
  }
  return name;
}

/** The first row, or undefined if there is none. */
export async function maybeOne<Row>(db: Db, statement: Sql): Promise<Row | undefined> {
  const [row] = await rows<Row>(db, statement);
  return row;
}

/** The first row. Throws if there is none: for statements that always return a row. */
export async function one<Row>(db: Db, statement: Sql): Promise<Row> {
  const row = await maybeOne<Row>(db, statement);
  if (row === undefined) throw new Error(`No row came back from: ${statement.compile().text}`);
  return row;
}

/** Runs a statement and returns the number of affected rows. */
export async function execute(db: Db, statement: Sql): Promise<number> {
  const { text, values } = statement.compile();
  const result = await db.query(text, values);
  return result.rowCount ?? 0;
}
