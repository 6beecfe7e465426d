// What a module for the browser exports is no value on the server but a reference, so only its components can be used there.
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');
const FILES = ['app', 'components'].flatMap((folder) =>
  fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll(path.sep, '/')}`)
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file)),
);
const SOURCES = new Map(FILES.map((file) => [file, fs.readFileSync(path.join(ROOT, file), 'utf8')]));
const IMPORTS = /import\s+(?!type\b)([^;]*?)\s+from\s+'([^']+)'/g;
/** Begins as components do, in capitals and small letters. */
const COMPONENT = /^[A-Z](?:[a-z].*)?$/;

const isClient = (source: string) => /^'use client'/.test(source);
const importsOf = (source: string) =>
  [...source.matchAll(IMPORTS)].map(([, names, from]) => ({ names: names!, from: from! }));

function fileOf(importer: string, from: string): string | undefined {
  if (!from.startsWith('@/') && !from.startsWith('.')) return undefined;
  const base = from.startsWith('@/') ? from.slice(2) : path.posix.join(path.posix.dirname(importer), from);
  return [`${base}.ts`, `${base}.tsx`].find((file) => SOURCES.has(file));
}

/** The values, other than components, that a module gets from modules for the browser. */
function valuesIn(file: string): string[] {
  return importsOf(SOURCES.get(file)!).flatMap(({ names, from }) => {
    const target = fileOf(file, from);
    if (!target || !isClient(SOURCES.get(target)!)) return [];
    return [...names.matchAll(/[{,]\s*(type\s+)?(\w+)/g)]
      .filter(([, type, name]) => !type && !COMPONENT.test(name!))
      .map(([, , name]) => `${file}: ${name} of ${target}`);
  });
}

/** The modules that run on the server: pages, layouts and routes, with what they import. */
function serverFiles(): string[] {
  const found = new Set<string>();
  const visit = (file: string) => {
    if (found.has(file) || isClient(SOURCES.get(file)!)) return;
    found.add(file);
    for (const { from } of importsOf(SOURCES.get(file)!)) {
      const target = fileOf(file, from);
      if (target) visit(target);
    }
  };
  FILES.filter((file) => /(?:^|\/)(?:page|layout|route|not-found)\.tsx?$/.test(file)).forEach(visit);
  return [...found];
}

it('the server takes only components from modules for the browser', () => {
  const files = serverFiles();
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap(valuesIn)).toEqual([]);
});
