// At the end of a test run, checks every statement that the product sent against the rules.
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { SECTION_TABLES } from '@/lib/db/distribution';
import type { Statement } from './collect';
import { EXCEPTIONS } from './exceptions';
import { openParser, problemsOf, type Catalogue, type Rule } from './rules';

const ADVICE: Record<Rule, string> = {
  section: 'is not pinned to one section: say `section_id = ${sectionId}`, or compare it with that of a table that is',
  outer: 'is pinned by a table of the query around its own: pin it by a constant',
  lock: 'is locked across sections: pin it to one',
  time: 'takes the time from the database in a writing statement: pass it as a parameter',
  with: 'gets the rows of a statement whose WITH comes before INSERT: put it before SELECT',
  copied: 'locks rows and joins more than tables: put it as `select * from (…) locked`',
  cast: 'returns a cast column (an enum in Prisma): select other columns',
  temporary: 'is a temporary table in a recursive query: send its rows along (lib/db/as-parameter.ts)',
  conditional: 'is in CASE or COALESCE of a writing statement and not immutable: pass its value as a parameter',
};

/** Migrations change every section at once, while nobody writes. */
const MIGRATIONS = 'lib/db/migrate.ts';

async function readCatalogue(url: string): Promise<Catalogue> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const names = async (text: string) =>
    new Set((await client.query<{ name: string }>(text)).rows.map(({ name }) => name));
  try {
    return {
      sectionTables: await names(SECTION_TABLES),
      tables: await names(`select relname as name from pg_class where relkind in ('r', 'p', 'v')`),
      mutableFunctions: await names(
        `select proname as name from pg_proc where prokind = 'f' group by proname having bool_and(provolatile <> 'i')`,
      ),
    };
  } finally {
    await client.end();
  }
}

/**
 * Describes the violations in the statements recorded in `folder`; undefined if there are none. `url`: a migrated
 * database.
 */
export async function checkStatements(url: string, folder: string): Promise<string | undefined> {
  const lines = fs.readdirSync(folder).flatMap((name) => fs.readFileSync(path.join(folder, name), 'utf8').split('\n'));
  const catalogue = await readCatalogue(url);
  await openParser();
  const found = new Map<string, string>();
  for (const line of new Set(lines)) {
    if (line === '') continue;
    const { text, file } = JSON.parse(line) as Statement;
    if (file === MIGRATIONS) continue;
    for (const { rule, detail } of problemsOf(text, catalogue)) {
      const key = `${file}: ${rule} ${detail}`;
      if (!(key in EXCEPTIONS)) found.set(key, `${key}\n  ${detail} ${ADVICE[rule]}\n${text}`);
    }
  }
  if (found.size === 0) return undefined;
  return [
    'Statements that break the rules of testing/statements/rules.ts. Where one has a reason, testing/statements/exceptions.ts says it.',
    ...found.values(),
  ].join('\n\n');
}
