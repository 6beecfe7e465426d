import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { originalFrame } from './original-stack';

const BUNDLE = path.resolve('dist', 'server', 'main.js');
const lineWith = (file: string, text: RegExp) =>
  fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((line) => text.test(line)) + 1;

it('names the file and line of the source for a place in the bundle', () => {
  const frame = `    at main (${pathToFileURL(BUNDLE).href}:${lineWith(BUNDLE, /^var IMPATIENT_MS/)}:5)`;
  const line = lineWith(path.resolve('server', 'main.ts'), /^const IMPATIENT_MS/);
  expect(originalFrame(frame)).toMatch(new RegExp(`^ {4}at main \\(server/main\\.ts:${line}:\\d+\\)$`));
});

it('leaves other files, and places that the map does not contain, unchanged', () => {
  const frames = [
    '    at node:internal/main/run_main_module:28:49',
    `    at call (${path.resolve('node_modules', 'pg', 'lib', 'client.js')}:12:3)`,
    `    at call (${path.join(path.dirname(BUNDLE), 'gone.js')}:12:3)`,
  ];
  expect(frames.map(originalFrame)).toEqual(frames);
});
