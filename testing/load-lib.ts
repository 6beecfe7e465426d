// Loads all of lib, so that `declarations` has every command and query.
import fs from 'node:fs';
import path from 'node:path';

const LIB = path.resolve(import.meta.dirname, '../lib');

/** Imports each module of lib: a module declares what is in it. */
export async function loadLib(): Promise<void> {
  const folders = fs.readdirSync(LIB, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name: folder } of folders) {
    for (const file of fs.readdirSync(path.join(LIB, folder))) {
      if (file.endsWith('.ts') && !file.endsWith('.test.ts')) await import(path.join(LIB, folder, file));
    }
  }
}
