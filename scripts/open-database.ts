// The database for commands of the operator: that of DATABASE_URL, or the embedded one of the data folder, which is started if it does
// not run.
import { parseEnvironment } from '@/lib/config/environment';
import { startEmbedded } from '@/lib/db/embedded';
import { findRunningEmbedded, hasEmbedded } from '@/lib/db/embedded-running';
import { requireMigrated } from '@/lib/db/migrate';
import { closePool } from '@/lib/db/pool';

type Opened = { url: string; stop?: () => Promise<void> };

async function open(): Promise<Opened> {
  const { DATABASE_URL, TAGWELL_DATA_DIR } = parseEnvironment(process.env);
  if (DATABASE_URL) return { url: DATABASE_URL };
  // Starting the embedded server would create a database.
  if (!hasEmbedded(TAGWELL_DATA_DIR)) {
    throw new Error(`There is no Tagwell database in ${TAGWELL_DATA_DIR}; set TAGWELL_DATA_DIR or DATABASE_URL.`);
  }
  const running = await findRunningEmbedded(TAGWELL_DATA_DIR);
  return running === undefined ? startEmbedded({ dataDir: TAGWELL_DATA_DIR, report: console.log }) : { url: running };
}

/** Runs `work` on the database, and sets the exit code: what `work` says, or 2 if it could not be done. */
export async function onDatabase(work: () => Promise<number>): Promise<void> {
  let opened: Opened | undefined;
  try {
    opened = await open();
    process.env.DATABASE_URL = opened.url;
    await requireMigrated(opened.url);
    process.exitCode = await work();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  } finally {
    await closePool();
    await opened?.stop?.();
  }
}
