// Profiles that became one: what the others were is found under their own ids in the ledger.
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';

/** The ids of the profiles that were merged into these. */
export async function mergedInto(db: Db, sectionId: SectionId, ids: readonly ProfileId[]): Promise<ProfileId[]> {
  const found = await rows<{ id: ProfileId }>(
    db,
    sql`select from_id as id from profile_merge where section_id = ${sectionId} and into_id = any(${ids}::bigint[])`,
  );
  return found.map((merged) => merged.id);
}
