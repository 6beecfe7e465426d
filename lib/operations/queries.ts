// Reads of operations, for the Activity page and progress bars.
import type { OperationId, SectionId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import type { OperationView, UndoException } from './schema';
import { undoCounts } from './undoable';

const columns = sql`
  operation.id, operation.kind, operation.status, operation.summary, operation.counts, operation.result, operation.total,
  operation.progress, operation.phase, operation.attempts, operation.undo_of as "undoOf", operation.error,
  operation.created_at as "createdAt", operation.started_at as "startedAt", operation.finished_at as "finishedAt",
  coalesce(app_user.name, 'API: ' || api_key.name) as "userName", import.id as "importId",
  (
    select max(undo.id) from operation undo
    where undo.section_id = operation.section_id and undo.undo_of = operation.id and undo.${undoCounts}
  ) as "undoneBy"`;

const tables = sql`
  operation
  left join app_user on app_user.id = operation.user_id
  left join api_key on api_key.id = operation.api_key_id
  left join import on import.section_id = operation.section_id and import.operation_id = operation.id`;

/** One operation of the section. */
export function getOperation(db: Db, sectionId: SectionId, id: OperationId): Promise<OperationView | undefined> {
  return maybeOne<OperationView>(
    db,
    sql`select ${columns} from ${tables} where operation.section_id = ${sectionId} and operation.id = ${id}`,
  );
}

/** The section's operations but dry runs, newest first; `before`: only those older than this id. */
export function listOperations(
  db: Db,
  sectionId: SectionId,
  { before, limit = 50 }: { before?: OperationId; limit?: number } = {},
): Promise<OperationView[]> {
  return rows<OperationView>(
    db,
    sql`
      select ${columns}
      from ${tables}
      where operation.section_id = ${sectionId} and operation.kind <> 'dry_run' ${before ? sql`and operation.id < ${before}` : sql``}
      order by operation.id desc
      limit ${limit}`,
  );
}

/** What an undo left, in the order in which it came to it; `after`: only those after this id. */
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
          where profile_key.section_id = left_.section_id and profile_key.profile_id = left_.profile_id
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
