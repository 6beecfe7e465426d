// Before tags are removed in bulk: on how many of the chosen profiles integration lists hold them.
import type { SectionId, TagId } from '@/lib/db/ids';
import { one, rows, sql, type Db } from '@/lib/db/sql';
import { joinLists, LIST_NAME } from '@/lib/tags/held-by';
import { chosenProfiles, fixSelection, type BulkSelection } from './selection';

/** A tag that lists hold on some of the chosen profiles. `lists`: by name. */
export type HeldTagCount = { tagId: TagId; profiles: number; lists: { name: string }[] };

/** Those of the tags that lists hold on chosen profiles. */
export async function countHeldTags(
  db: Db,
  sectionId: SectionId,
  { selection, tagIds }: { selection: BulkSelection; tagIds: readonly TagId[] },
): Promise<HeldTagCount[]> {
  const { claimed } = await one<{ claimed: TagId[] }>(
    db,
    sql`
      select coalesce(array_agg(id), '{}') as claimed from tag
      where section_id = ${sectionId} and id = any(${tagIds}::int[]) and has_claims and hidden_at is null`,
  );
  if (claimed.length === 0) return [];
  const profiles = await chosenProfiles(db, sectionId, await fixSelection(db, sectionId, selection));
  return rows<HeldTagCount>(
    db,
    sql`
      select claim.tag_id as "tagId", count(distinct claim.profile_id) as profiles,
        json_agg(distinct jsonb_build_object('name', ${LIST_NAME})) as lists
      from (${profiles}) chosen
      join tag_claim claim
        on claim.section_id = ${sectionId} and claim.profile_id = chosen.profile_id
        and claim.tag_id = any(${claimed}::int[]) and not claim.suppressed
      ${joinLists(sectionId)}
      group by claim.tag_id`,
  );
}
