// What is not kept for ever: submissions that were never confirmed, and those that stayed in quarantine. That there was one stays for the numbers.
import type { SectionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';

const DAY_MS = 86_400_000;
/** After the link has expired (90 days at most), so that a late visitor is told what happened. */
const PENDING_DAYS = 120;
/** Long enough for somebody to look at it. */
const QUARANTINED_DAYS = 60;

/** Forgets what people entered in such submissions. */
export async function removeOldSubmissions(now = new Date()): Promise<void> {
  const before = (days: number) => new Date(now.getTime() - days * DAY_MS);
  for (const { id } of await rows<{ id: SectionId }>(pool(), sql`select id from section`)) {
    await transaction(async (tx) => {
      const old = sql`
        section_id = ${id} and (
          state = 'pending' and at < ${before(PENDING_DAYS)} or state in ('quarantined', 'removed') and at < ${before(QUARANTINED_DAYS)}
        ) and answers is not null`;
      await execute(
        tx,
        sql`
          delete from form_mail mail where mail.section_id = ${id} and mail.submission_id in (
            select id from form_submission where ${old}
          )`,
      );
      await execute(
        tx,
        sql`
          update form_submission
          set state = 'removed', answers = null, address_key = null, content_key = null, error = null
          where ${old}`,
      );
    });
  }
}
