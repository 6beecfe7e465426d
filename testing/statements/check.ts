// At the end of a test run, checks every statement that the product sent against the rules.
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { REFERENCE_TABLES, SECTION_TABLES } from '@/lib/db/distribution';
import type { Statement } from './collect';
import { EXCEPTIONS } from './exceptions';
import type { Catalogue } from './nodes';
import { openParser, parse, problemsOf, writesWith, type Rule } from './rules';
import { makeTemporaryTables } from './temporary-tables';
import { readFunctions, refusedFunctions } from './volatility';

const ADVICE: Record<Rule, string> = {
  section: 'is not pinned to one section: say `section_id = ${sectionId}`, or compare it with that of a table that is',
  outer: 'is pinned by a table of the query around its own: pin it by a constant',
  lock: 'is locked across sections: pin it to one',
  time: 'takes the time from the database in a writing statement: pass it as a parameter',
  with: 'gets the rows of a statement whose WITH comes before INSERT: put it before SELECT',
  copied: 'locks rows and joins more than tables: put it as `select * from (…) locked`',
  ids: 'gets ids from a sequence, which the coordinator makes: no table in FROM, NOT EXISTS and outer joins are beyond it (testing/statements/ids.ts)',
  temporary: 'is a temporary table in a recursive query: send its rows along (lib/db/as-parameter.ts)',
};
const ADVICE_ON_VOLATILITY =
  'is not immutable, and is applied to a column in what is set or asked for, or is in CASE, COALESCE, RETURNING (an enum in Prisma) or ON CONFLICT: compute the value before and pass it, or use an immutable function';

/** Migrations change every section at once, while nobody writes. */
const MIGRATIONS = 'lib/db/migrate.ts';

async function readCatalogue(client: pg.Client): Promise<Catalogue> {
  const names = async (text: string) =>
    new Set((await client.query<{ name: string }>(text)).rows.map(({ name }) => name));
  return {
    sectionTables: await names(SECTION_TABLES),
    tables: await names(`select relname as name from pg_class where relkind in ('r', 'p', 'v')`),
    sequences: await sequencesOf(client),
  };
}

async function sequencesOf(client: pg.Client): Promise<Catalogue['sequences']> {
  const { rows } = await client.query<{ table: string; column: string; isBig: boolean }>(`
    select relname as table, attname as column, atttypid = 'bigint'::regtype as "isBig"
    from pg_attrdef
    join pg_attribute on attrelid = adrelid and attnum = adnum
    join pg_class on pg_class.oid = adrelid and relnamespace = 'public'::regnamespace
    where pg_get_expr(adbin, adrelid) like 'nextval(%'`);
  return new Map(rows.map(({ table, ...sequence }) => [table, sequence]));
}

async function hasCitus(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(`select from pg_extension where extname = 'citus'`);
  return rows.length > 0;
}

/**
 * Describes the violations in the statements recorded in `folder`; undefined if there are none. `url`: a migrated
 * database.
 */
export async function checkStatements(url: string, folder: string): Promise<string | undefined> {
  const lines = fs.readdirSync(folder).flatMap((name) => fs.readFileSync(path.join(folder, name), 'utf8').split('\n'));
  const statements = [...new Set(lines)]
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Statement)
    .filter(({ file }) => file !== MIGRATIONS);
  await openParser();
  const found = new Map<string, string>();
  const note = ({ text, file }: Statement, rule: string, detail: string, advice: string) => {
    const key = `${file}: ${rule} ${detail}`;
    if (!(key in EXCEPTIONS)) found.set(key, `${key}\n  ${detail} ${advice}\n${text}`);
  };
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const catalogue = await readCatalogue(client);
    const onCluster = new Set([...catalogue.sectionTables, ...REFERENCE_TABLES]);
    const writing: Statement[] = [];
    for (const statement of statements) {
      const parsed = parse(statement.text);
      for (const { rule, detail } of problemsOf(parsed, catalogue)) note(statement, rule, detail, ADVICE[rule]);
      if (writesWith(parsed, onCluster)) writing.push(statement);
    }
    // On a cluster Citus itself has looked at them.
    if (!(await hasCitus(client))) {
      await makeTemporaryTables(client, statements);
      const functions = await readFunctions(client);
      for (const statement of writing) {
        for (const name of await refusedFunctions(client, statement.text, functions)) {
          note(statement, 'volatility', name, ADVICE_ON_VOLATILITY);
        }
      }
    }
  } finally {
    await client.end();
  }
  if (found.size === 0) return undefined;
  return [
    'Statements that break the rules of testing/statements/rules.ts. Where one has a reason, testing/statements/exceptions.ts says it.',
    ...found.values(),
  ].join('\n\n');
}
