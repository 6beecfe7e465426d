// What is kept of bounces, and how long.
import { BOUNCE_MAILBOX } from '@/lib/config/limits';
import { pool } from '@/lib/db/pool';
import { allSections } from '@/lib/db/sections';
import { execute, sql } from '@/lib/db/sql';

const DAY_MS = 86_400_000;

/** Removes the list of mails set aside long ago, and the passwords and secrets of senders whose own have been forgotten. */
export async function removeOldBounces(now = new Date()): Promise<void> {
  const before = new Date(now.getTime() - BOUNCE_MAILBOX.asideDays * DAY_MS);
  for (const id of await allSections()) {
    await execute(pool(), sql`delete from bounce_aside where section_id = ${id} and at < ${before}`);
    await execute(
      pool(),
      sql`
        update sender_bounces own set mailbox = null, secrets = null
        from sender
        where own.section_id = ${id} and sender.section_id = ${id} and sender.id = own.sender_id
          and sender.removed_at is not null and sender.secrets is null and own.secrets is not null`,
    );
  }
}
