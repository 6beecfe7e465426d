// How many profiles have been added lately.
import type { SectionId } from '@/lib/db/ids';
import { one, sql, type Db } from '@/lib/db/sql';

/** The number of profiles of the section that were created since then. Reads those that have changed since: what is new has. */
export async function countNewProfiles(db: Db, sectionId: SectionId, since: Date): Promise<number> {
  const { count } = await one<{ count: number }>(
    db,
    sql`
      select count(*) as count from profile
      where section_id = ${sectionId} and updated_at >= ${since} and created_at >= ${since}`,
  );
  return count;
}
