// `npm run db:check`: checks the product's invariants in the database and reports violations. Reads only, so it can run beside a
// busy server. Uses the database of DATABASE_URL, or the embedded one of the data folder. Exit code 1: an invariant is violated; 2:
// the check could not run.
import { checkDatabase } from '@/lib/check/check';
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

async function check(): Promise<number> {
  const broken = await checkDatabase({
    onSection: ({ id, name }) => console.log(`\nSection ${id}: ${name}`),
    onRule: (rule, found, ms) => {
      console.log(`${found ? 'WRONG' : 'ok   '}  ${rule} (${(ms / 1_000).toFixed(1)} s)`);
      if (!found) return;
      console.log(`       ${found.offenders.toLocaleString('en-GB')} times it does not hold, such as:`);
      for (const example of found.examples) console.log(`       - ${example}`);
    },
  });
  const wrong = broken.length === 1 ? '1 rule does not hold.' : `${broken.length} rules do not hold.`;
  console.log(`\n${broken.length === 0 ? 'All rules hold.' : wrong}`);
  return broken.length === 0 ? 0 : 1;
}

let opened: Opened | undefined;
try {
  opened = await open();
  process.env.DATABASE_URL = opened.url;
  await requireMigrated(opened.url);
  process.exitCode = await check();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
} finally {
  await closePool();
  await opened?.stop?.();
}
