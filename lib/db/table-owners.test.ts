// Each table is written only by its owner, as found in the source: a table written in two places has two sets of rules,
// and one of them gets forgotten.
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

/**
 * Who writes a table with SQL: files, or folders (with a trailing slash). A table that is not listed is written in one
 * folder of lib only, and by the demo data.
 */
const OWNERS: Record<string, string[]> = {
  profile: ['lib/profiles/change.ts'],
  profile_key: ['lib/profiles/change.ts'],
  profile_change: ['lib/profiles/change.ts'],
  profile_count: ['lib/profiles/change.ts', 'lib/profiles/counts.ts'],
  profile_tag: ['lib/tags/'],
  tag_claim: ['lib/tags/'],
  tag_change: ['lib/tags/'],
  use: ['lib/uses/'],
  attribute: ['lib/attributes/', 'lib/accounts/create.ts', 'prisma/seed/'],
  operation: ['lib/work/', 'lib/activity/commands.ts', 'prisma/seed/'],
  segment: ['lib/segments/', 'lib/used-in/commands.ts'],
};

/** Writes a table of its own, whose name is a constant. */
const BY_CONSTANT = ['lib/db/distribute.ts'];

const ROOT = path.resolve(import.meta.dirname, '../..');
const FOLDERS = ['api', 'app', 'demo', 'lib', 'prisma/seed', 'server', 'worker'];
const COMMENTS = /^\s*\/\*\*[\s\S]*?\*\/|\/\/ .*$|-- .*$/gm;
/**
 * The table after a writing keyword; `${` if the table is a value. `update` may also be a lock or part of an upsert.
 */
const WRITES =
  /\b(?:insert\s+into|delete\s+from|truncate|merge\s+into|(?<!\()copy|(?<!\b(?:for|for no key|do) )update)\s+(?:only\s+|table\s+)?"?(\w+|\$\{)/g;

type Write = { table: string; file: string };

/** The tables that a source text writes. */
const tablesIn = (source: string): string[] =>
  [...source.replace(COMMENTS, '').matchAll(WRITES)].map(([, table]) => table!);

function writesIn(folder: string): Write[] {
  return fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll(path.sep, '/')}`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !BY_CONSTANT.includes(file))
    .flatMap((file) => tablesIn(fs.readFileSync(path.join(ROOT, file), 'utf8')).map((table) => ({ table, file })));
}

const mayWrite = (owners: readonly string[], file: string) =>
  owners.some((owner) => (owner.endsWith('/') ? file.startsWith(owner) : file === owner));

/** The folder of lib that owns the table: the one that writes it, if it is only one. */
function ownersOf(table: string, writes: readonly Write[]): readonly string[] {
  if (OWNERS[table]) return OWNERS[table];
  const first = writes.find((write) => write.table === table && write.file.startsWith('lib/'));
  return [`${first?.file.split('/').slice(0, 2).join('/')}/`, 'prisma/seed/'];
}

it('finds writing statements in any form', () => {
  const source = `
    // insert into comment
    sql\`insert into  a (b) select from c for update of c\`;
    sql\`
      with gone as (delete from only b using c), -- update nothing
      kept as (update "c" set d = 1 where e in (select from f for no key update))
      insert into d select 1 on conflict (e) do update set f = 1\`;
    tx.query('copy e (f) from stdin'); name = \` (copy \${index})\`;
    sql\`update \${table} set a = 1\`;`;
  expect(tablesIn(source)).toEqual(['a', 'b', 'c', 'd', 'e', '${']);
});

it('each table is written only by its owner', () => {
  const writes = FOLDERS.flatMap(writesIn);
  expect(writes.filter(({ table }) => table === '${')).toEqual([]);
  expect(writes.filter(({ table, file }) => !mayWrite(ownersOf(table, writes), file))).toEqual([]);
  const written = new Set(writes.map(({ table }) => table));
  expect(Object.keys(OWNERS).filter((table) => !written.has(table))).toEqual([]);
});
