// The commands and queries of the product, for tests that check all of them.
import fs from 'node:fs';
import path from 'node:path';
import { declarations } from '@/lib/access/declared';

const LIB = path.resolve(import.meta.dirname, '../lib');

export type Declaration = (typeof declarations)[number];

/**
 * Imports each module of lib, which registers its declarations. Excludes those that other tests of the process have
 * declared.
 */
export async function productDeclarations(): Promise<Declaration[]> {
  const folders = fs.readdirSync(LIB, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name: folder } of folders) {
    for (const file of fs.readdirSync(path.join(LIB, folder))) {
      if (file.endsWith('.ts') && !file.endsWith('.test.ts')) await import(path.join(LIB, folder, file));
    }
  }
  return declarations.filter(({ name }) => !name.startsWith('test.'));
}
