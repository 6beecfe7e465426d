// The tag of a list, as it is now: a tag that was merged into another is followed; one that was hidden is kept no more.
import type { ConnectionListId, SectionId, TagId } from '@/lib/db/ids';
import { one, rows, sql, type Tx } from '@/lib/db/sql';
import type { KeptList } from './queries';
import { writeListUses } from './uses';

export const TAG_HIDDEN = 'Its tag was hidden for good. Choose another tag for this list, or stop keeping it.';

/** The list with the tag that it keeps now; null if that was hidden. Locks the tag, so that it stays so. */
export async function withCurrentTag<List extends Pick<KeptList, 'id' | 'tagId'>>(
  tx: Tx,
  sectionId: SectionId,
  list: List,
): Promise<List | null> {
  const tag = await one<{ id: TagId; hidden: boolean }>(
    tx,
    sql`
      with recursive chain as (
        select id, merged_into from tag where section_id = ${sectionId} and id = ${list.tagId}
        union all
        select tag.id, tag.merged_into
        from chain join tag on tag.section_id = ${sectionId} and tag.id = chain.merged_into
      )
      select tag.id, tag.hidden_at is not null as hidden
      from chain join tag on tag.section_id = ${sectionId} and tag.id = chain.id
      where chain.merged_into is null
      for key share of tag`,
  );
  if (tag.hidden) return null;
  if (tag.id !== list.tagId) await moveLists(tx, sectionId, { fromId: list.tagId, intoId: tag.id });
  return { ...list, tagId: tag.id };
}

/** Lets the lists that keep one tag keep the other from now on, with the same claims. */
export async function moveLists(
  tx: Tx,
  sectionId: SectionId,
  { fromId, intoId }: { fromId: TagId; intoId: TagId },
): Promise<void> {
  const moved = await rows<{ id: ConnectionListId }>(
    tx,
    sql`
      update connection_list set tag_id = ${intoId}
      where section_id = ${sectionId} and tag_id = ${fromId} and status <> 'left'
      returning id`,
  );
  await writeListUses(
    tx,
    sectionId,
    moved.map(({ id }) => ({ id, tagId: intoId })),
  );
}
