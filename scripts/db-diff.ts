// Writes the migration for what changed in schema.prisma since the last commit: `npm run db:diff -- name_of_change`.
// Add by hand what Prisma cannot express. lib/db/migrate.test.ts checks that migrations and schema.prisma agree.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEmbedded } from '@/lib/db/embedded';
import { schemaDifference } from '@/lib/db/schema-engine';

const [name] = process.argv.slice(2);
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  console.error('Name the change in lower case: npm run db:diff -- add_birthday');
  process.exit(1);
}
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwell-diff-'));
fs.chmodSync(dataDir, 0o755);
const server = await startEmbedded({ dataDir, fast: true });
try {
  const before = execFileSync('git', ['show', 'HEAD:prisma/schema.prisma'], { encoding: 'utf8' });
  const after = fs.readFileSync('prisma/schema.prisma', 'utf8');
  const difference = await schemaDifference(server.url, before, after);
  if (!difference) {
    console.log('schema.prisma has not changed since the last commit.');
  } else {
    const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
    const folder = path.join('prisma', 'migrations', `${stamp}_${name}`);
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'migration.sql'), `${difference}\n`);
    console.log(`Written: ${folder}/migration.sql`);
  }
} finally {
  await server.stop();
  fs.rmSync(dataDir, { recursive: true, force: true });
}
