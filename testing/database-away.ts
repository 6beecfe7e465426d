// The database does not answer.
import { closePool } from '@/lib/db/pool';

/** Runs while nobody listens where the database is looked for. */
export async function whileAway<T>(work: () => Promise<T>): Promise<T> {
  const url = process.env.DATABASE_URL;
  await closePool();
  process.env.DATABASE_URL = 'postgres://nobody@127.0.0.1:1/nothing';
  try {
    return await work();
  } finally {
    await closePool();
    process.env.DATABASE_URL = url;
  }
}
