// Records what an undo leaves unchanged, so that people can see it.
import type { OperationId, SectionId } from '@/lib/db/ids';
import { execute, sql, type Sql, type Tx } from '@/lib/db/sql';

/**
 * Records what an undo left. `exceptions` selects `profile_id bigint, tag_id int, reason text` in the order of the
 * list; `tag_id` null: the profile itself or its values.
 */
export async function recordExceptions(
  tx: Tx,
  { sectionId, operationId }: { sectionId: SectionId; operationId: OperationId },
  exceptions: Sql,
): Promise<void> {
  await execute(
    tx,
    sql`
      insert into undo_exception (section_id, operation_id, profile_id, tag_id, reason)
      select ${sectionId}::int, ${operationId}::int, profile_id, tag_id, reason
      from (${exceptions}) exceptions`,
  );
}
