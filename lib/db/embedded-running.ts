// Finds the embedded database of a running Tagwell, for tools.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';

/** Whether a data folder has an embedded database, running or not. */
export function hasEmbedded(dataDir: string): boolean {
  return foldersOf(dataDir).some((folder) => fs.existsSync(path.join(folder, 'cluster', 'PG_VERSION')));
}

/**
 * The address of the running embedded database of a data folder; undefined if none runs. Throws if one seems to run but
 * does not answer: it must not be started a second time.
 */
export async function findRunningEmbedded(dataDir: string): Promise<string | undefined> {
  const folder = foldersOf(dataDir).find((item) => fs.existsSync(path.join(item, 'cluster', 'postmaster.pid')));
  if (folder === undefined) return undefined;
  const port = fs.readFileSync(path.join(folder, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[3];
  const password = fs.readFileSync(path.join(folder, 'password'), 'utf8').trim();
  const url = `postgres://tagwell:${password}@127.0.0.1:${port}/tagwell`;
  const probe = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await probe.connect();
    return url;
  } catch (error) {
    throw new Error(
      `The database in ${folder} does not answer (${String(error)}). Start Tagwell, wait until it is ready, and try again.`,
      { cause: error },
    );
  } finally {
    await probe.end().catch(() => undefined);
  }
}

/**
 * Where `embedded.ts` keeps the database: in the data folder, or under /var/lib if PostgreSQL's user cannot enter it.
 */
function foldersOf(dataDir: string): string[] {
  const wanted = path.resolve(dataDir, 'postgres');
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  return [wanted, `/var/lib/tagwell/${hash}`];
}
