// Statements as PostgreSQL analyses them, with the function behind every operator and cast. It keeps the tree of a
// function's body, so the statement becomes one for a moment.
import type pg from 'pg';

/** A node with its kind, such as OPEXPR, and its fields. */
export type TreeNode = { kind: string; fields: ReadonlyMap<string, readonly Tree[]> };
export type Tree = string | TreeNode | readonly Tree[];

/** The tree of a statement. Throws PostgreSQL's error if it cannot be prepared. */
export async function analyse(client: pg.ClientBase, text: string): Promise<Tree> {
  await client.query('begin');
  try {
    await client.query(`prepare analysed as ${text}`);
    const { rows: prepared } = await client.query<{ types: string[] }>(
      `select parameter_types::text[] as types from pg_prepared_statements where name = 'analysed'`,
    );
    const parameters = prepared[0]!.types.join(', ');
    await client.query(`create function pg_temp.analysed (${parameters}) returns void begin atomic ${text}; end`);
    const { rows: made } = await client.query<{ body: string }>(
      `select prosqlbody::text as body from pg_proc where oid = 'pg_temp.analysed'::regproc`,
    );
    return readTree(made[0]!.body);
  } finally {
    await client.query('rollback');
    await client.query('deallocate all');
  }
}

const TOKENS = /[(){}]|"(?:[^"\\]|\\.)*"|(?:[^\s(){}\\]|\\.)+/gs;

/** Reads `{KIND :field value …}` and `(value …)`. */
function readTree(text: string): Tree {
  const tokens = text.match(TOKENS) ?? [];
  let at = 0;
  const readUntil = (isEnd: (token: string) => boolean): Tree[] => {
    const found: Tree[] = [];
    while (at < tokens.length && !isEnd(tokens[at]!)) found.push(readOne());
    return found;
  };
  const readOne = (): Tree => {
    const token = tokens[at++]!;
    if (token === '(') {
      const items = readUntil((next) => next === ')');
      at++;
      return items;
    }
    if (token !== '{') return token;
    const kind = tokens[at++]!;
    const fields = new Map<string, Tree[]>();
    while (tokens[at] !== '}') {
      const name = tokens[at++]!.slice(1);
      fields.set(
        name,
        readUntil((next) => next === '}' || next.startsWith(':')),
      );
    }
    at++;
    return { kind, fields };
  };
  return readUntil(() => false);
}
