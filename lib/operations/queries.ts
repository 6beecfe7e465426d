// Reads of what an undo left unchanged.
import type { OperationId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { UndoException } from './schema';

/** What an undo left unchanged, in its order. `after`: only those after this id. */
export function listUndoExceptions(
  db: Db,
  sectionId: SectionId,
  operationId: OperationId,
  { after = 0, limit }: { after?: number; limit: number },
): Promise<UndoException[]> {
  return rows<UndoException>(
    db,
    sql`
      select left_.id, left_.profile_id as "profileId", tag.name as tag, left_.reason,
        (
          select key from profile_key
          where profile_key.section_id = ${sectionId} and profile_key.profile_id = left_.profile_id
          order by keyspace_id
          limit 1
        ) as "profileKey"
      from undo_exception left_
      left join tag on tag.section_id = left_.section_id and tag.id = left_.tag_id
      where left_.section_id = ${sectionId} and left_.operation_id = ${operationId} and left_.id > ${after}
      order by left_.id
      limit ${limit}`,
  );
}
