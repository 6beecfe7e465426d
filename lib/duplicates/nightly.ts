// Looks for duplicates again each night, in sections where somebody has looked before and profiles have changed since.
import type { SectionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { maybeOne, rows, sql } from '@/lib/db/sql';
import { startLook } from './look';

/** Starts a look in each section that needs one; the workers run them like others. */
export async function lookAgainWhereChanged(): Promise<void> {
  const looked = await rows<{ sectionId: SectionId; doneAt: Date }>(
    pool(),
    sql`
      select section_id as "sectionId", done_at as "doneAt" from duplicate_look
      where done_at is not null
      order by section_id`,
  );
  // A statement for each section: on Citus it goes to the one shard that has the section, and one about all sections would be
  // sent to every shard. Each stops at the first profile that has changed since.
  for (const { sectionId, doneAt } of looked) {
    const changed = await maybeOne(
      pool(),
      sql`select from profile where section_id = ${sectionId} and updated_at > ${doneAt} limit 1`,
    );
    if (changed) await transaction((tx) => startLook(tx, sectionId, null));
  }
}
