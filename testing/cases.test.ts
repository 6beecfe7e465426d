// docs/messages-cases.md and its like say which test holds a case: the files that they name exist, and have tests of those names.
import fs from 'node:fs';
import { expect, it } from 'vitest';

const FILE = /`([\w./()[\]-]+\/[\w.()[\]-]+\.\w+)`/g;
/** A test file with the names behind it, which may leave something out: “goes to everybody once…”. */
const TESTS = /`([\w./()[\]-]+\.(?:test|spec)\.ts)`((?:,? (?:“[^`]+?”|'[^`]+?')(?=[,;. ]))*)/g;
const NAME = /[“'](.+?)[”'](?=[,;.]? [“']|[,;. ]|$)/g;

type Named = { file: string; name: string };

const linesOf = (table: string): string[] =>
  fs
    .readFileSync(`docs/${table}`, 'utf8')
    .split('\n')
    .filter((line) => /^\| \d/.test(line));

const namedIn = (line: string): Named[] =>
  [...line.matchAll(TESTS)].flatMap(([, file, names]) =>
    [...names!.matchAll(NAME)].map(([, name]) => ({ file: file!, name: name! })),
  );

/** The numbers of cases after a test's name may be left out. */
function exists({ file, name }: Named): boolean {
  const parts = name.split('…').map((part) => part.trim().replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return (
    fs.existsSync(file) && new RegExp(`'${parts.join('.*')}( \\(cases? [^)]*\\))?'`).test(fs.readFileSync(file, 'utf8'))
  );
}

it.each(fs.readdirSync('docs').filter((file) => file.endsWith('-cases.md')))(
  'docs/%s names files that exist, and tests that are in them',
  (table) => {
    const lines = linesOf(table);
    expect(lines.flatMap(namedIn)).not.toEqual([]);
    const files = lines.flatMap((line) => [...line.matchAll(FILE)].map(([, file]) => file!));
    expect(files.filter((file) => !fs.existsSync(file))).toEqual([]);
    expect(lines.flatMap(namedIn).filter((each) => !exists(each))).toEqual([]);
  },
);

it('each P0 of messages has a test', () => {
  const first = linesOf('messages-cases.md').filter((line) => /^\| \d+ P0 /.test(line));
  expect(first).toHaveLength(36);
  expect(first.filter((line) => namedIn(line).length === 0)).toEqual([]);
});
