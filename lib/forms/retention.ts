// What is not kept for ever: submissions that were never confirmed, and those that stayed in quarantine. That there was one stays for the numbers.
import type { SectionId, SubmissionId } from '@/lib/db/ids';
import { transaction } from '@/lib/db/pool';
import { allSections } from '@/lib/db/sections';
import { execute, rows, sql, type Sql } from '@/lib/db/sql';

const DAY_MS = 86_400_000;
/** After the link has expired (90 days at most), so that a late visitor is told what happened. */
const PENDING_DAYS = 120;
/** Long enough for somebody to look at it. */
const QUARANTINED_DAYS = 60;
const AT_ONCE = 5_000;

/** Forgets what people entered in such submissions. */
export async function removeOldSubmissions(now = new Date()): Promise<void> {
  const before = (days: number) => new Date(now.getTime() - days * DAY_MS);
  for (const id of await allSections()) {
    const old = sql`
      section_id = ${id} and state in ('pending', 'quarantined', 'removed') and answers is not null
      and at < ${before(QUARANTINED_DAYS)} and (state <> 'pending' or coalesce(worked_at, at) < ${before(PENDING_DAYS)})`;
    while ((await removeSome(id, old)) === AT_ONCE);
  }
}

/** Forgets some, so that nobody waits for long. Returns how many. */
function removeSome(sectionId: SectionId, old: Sql): Promise<number> {
  return transaction(async (tx) => {
    const found = await rows<{ id: SubmissionId }>(
      tx,
      sql`select id from form_submission where ${old} order by at limit ${AT_ONCE} for update`,
    );
    const ids = found.map(({ id }) => id);
    if (ids.length === 0) return 0;
    await execute(
      tx,
      sql`delete from form_mail where section_id = ${sectionId} and submission_id = any(${ids}::bigint[])`,
    );
    return execute(
      tx,
      sql`
        update form_submission
        set state = 'removed', answers = null, address_key = null, content_key = null, error = null
        where section_id = ${sectionId} and id = any(${ids}::bigint[])`,
    );
  });
}
