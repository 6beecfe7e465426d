// Profiles that became one: what the others were is found under their own ids in the ledger.
import type { AttributeValues } from '@/lib/attributes/schema';
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { execute, maybeOne, rows, sql, type Db, type Tx } from '@/lib/db/sql';

/** The ids of the profiles that were merged into these. */
export async function mergedInto(db: Db, sectionId: SectionId, ids: readonly ProfileId[]): Promise<ProfileId[]> {
  const found = await rows<{ id: ProfileId }>(
    db,
    sql`select from_id as id from profile_merge where section_id = ${sectionId} and into_id = any(${ids}::bigint[])`,
  );
  return found.map((merged) => merged.id);
}

/** The profile that this one was merged into, or undefined. */
export async function remainingProfile(db: Db, sectionId: SectionId, id: ProfileId): Promise<ProfileId | undefined> {
  const merged = await maybeOne<{ into: ProfileId }>(
    db,
    sql`select into_id as into from profile_merge where section_id = ${sectionId} and from_id = ${id}`,
  );
  return merged?.into;
}

/** A merged profile: its name, the tags it brought, and its values and keys that were given up, with what replaced them. */
export type MergedProfile = {
  from: ProfileId;
  name: string;
  tagIds: TagId[];
  before: AttributeValues;
  after: AttributeValues;
};

/** Notes with merges what the profiles had. */
export async function recordMerged(tx: Tx, sectionId: SectionId, merged: readonly MergedProfile[]): Promise<void> {
  const noted = merged.map(({ from, tagIds, ...rest }) => ({ ...rest, from_id: from, tag_ids: tagIds }));
  await execute(
    tx,
    sql`
      update profile_merge merged
      set name = noted.name, before = noted.before, after = noted.after, tag_ids = noted.tag_ids
      from jsonb_to_recordset(${JSON.stringify(noted)}::jsonb)
        noted (from_id bigint, name text, before jsonb, after jsonb, tag_ids int[])
      where merged.section_id = ${sectionId} and merged.from_id = noted.from_id`,
  );
}
