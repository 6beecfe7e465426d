// `npm run db:distribute`: distributes the database of DATABASE_URL, which is on a Citus coordinator, over the workers of its cluster.
// Tagwell must be stopped. After an interruption, run it again: it continues. See docs/operations.md.
import { parseEnvironment } from '@/lib/config/environment';
import { distribute } from '@/lib/db/distribute';

try {
  const { DATABASE_URL } = parseEnvironment(process.env);
  if (!DATABASE_URL) throw new Error('Set DATABASE_URL: to the database on the coordinator of a Citus cluster.');
  const tables = await distribute(DATABASE_URL, { report: console.log });
  console.log(
    tables.length === 0
      ? 'The database is distributed already: nothing to do.'
      : `Done: ${tables.length} tables are distributed now.`,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
