// Records every statement that a process of the tests sends, with the product file that it comes from. Each process
// writes its own file.
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { originalPosition } from '@/server/original-stack';

export type Statement = { text: string; file: string };

const ROOT = `${path.resolve(import.meta.dirname, '../..')}/`;
/** Files that send statements on behalf of others. */
const PASSING_ON = /^(lib\/db\/(sql|pool|cursor|cancellable)\.ts|testing\/statements\/collect\.ts)/;
/** Segment rules produce endless combinations of the same parts: record only some. */
const PER_FILE_MAX = 200;
/** The queue's own statements, on its own tables. */
const OF_THE_QUEUE = /graphile_worker/;
const OF_TESTS = /^(testing|e2e|bench)\/|\.test\.tsx?$/;
/** Migrations change all sections at once. */
const OF_MIGRATIONS = 'lib/db/migrate.ts';

/** Marks that this process records its statements: test files in a process share the driver. */
const COLLECTS = Symbol.for('tagwell: statements are collected');

/** The nearest file of this repository in the call stack; undefined if there is none. */
function callerFile(): string | undefined {
  const { stackTraceLimit } = Error;
  const prepare: unknown = Reflect.get(Error, 'prepareStackTrace');
  Error.stackTraceLimit = 30;
  // As V8 has it: resolving source maps is slow, and the file is enough.
  Error.prepareStackTrace = (_error, sites) => sites;
  const sites = new Error().stack as unknown as NodeJS.CallSite[];
  Object.assign(Error, { prepareStackTrace: prepare, stackTraceLimit });
  return sites.map(sourceFile).find((file) => file !== undefined && !PASSING_ON.test(file));
}

/** The file of this repository for a call site. */
function sourceFile(site: NodeJS.CallSite): string | undefined {
  const file = (site.getFileName() ?? '').replace(/^file:\/\//, '').replace(/\?.*$/, '');
  const original = originalPosition(file, site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1);
  if (original) return original.file;
  return file.startsWith(ROOT) && !file.includes('/node_modules/') ? file.slice(ROOT.length) : undefined;
}

/** Records each text once in `folder`. */
export function collectInto(folder: string): void {
  if (Reflect.has(pg.Client, COLLECTS)) return;
  Reflect.set(pg.Client, COLLECTS, true);
  const seen = new Set<string>();
  const perFile = new Map<string, number>();
  /** A pool passes a text on to a connection later, when its caller is no longer in the stack. */
  const ofTests = new Set<string>();
  const note = (query: unknown) => {
    const text = typeof query === 'string' ? query : (query as { text?: unknown } | undefined)?.text;
    if (typeof text !== 'string' || seen.has(text)) return;
    const file = callerFile();
    if (file === OF_MIGRATIONS) return;
    if (file === undefined ? ofTests.has(text) || OF_THE_QUEUE.test(text) : OF_TESTS.test(file)) {
      ofTests.add(text);
      return;
    }
    seen.add(text);
    const statement: Statement = { text, file: file ?? 'elsewhere' };
    const count = (perFile.get(statement.file) ?? 0) + 1;
    perFile.set(statement.file, count);
    if (count > PER_FILE_MAX) return;
    fs.appendFileSync(path.join(folder, `${process.pid}.jsonl`), `${JSON.stringify(statement)}\n`);
  };
  for (const { prototype } of [pg.Client, pg.Pool]) {
    const send = Reflect.get(prototype, 'query') as (...args: unknown[]) => unknown;
    Reflect.set(prototype, 'query', function (this: unknown, ...args: unknown[]) {
      note(args[0]);
      return Reflect.apply(send, this, args);
    });
  }
}
