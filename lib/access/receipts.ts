// Request ids are kept for a day: long enough for a page that was left open and submitted again.
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';

/** Deletes request ids older than a day. */
export async function removeOldReceipts(now = new Date()): Promise<void> {
  await execute(pool(), sql`delete from command_receipt where at < ${new Date(now.getTime() - 86_400_000)}`);
}
