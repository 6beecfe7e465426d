// After the undo of a sync the schedule waits: the next sync would do the same again.
import type { SectionId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';
import { undoneBy } from '@/lib/work/queries';

/** What is noted at a connection whose sync was due. */
export const UNDONE =
  'A sync was undone, and the next one would do the same again. Look into the CRM, then start a dry run here.';

/**
 * A condition on a connection: a sync of it has been undone, or is being undone, and none has started and ended well since.
 * `connectionId`: a column or parameter of the statement.
 */
export const wasUndone = (sectionId: SectionId, connectionId: Sql): Sql => {
  const ofConnection = sql`run.section_id = ${sectionId} and run.connection_id = ${connectionId}`;
  return sql`
    exists (
      select from operation undo
      join operation sync on sync.section_id = ${sectionId} and sync.id = undo.undo_of and sync.kind = 'sync'
      join sync_run run on ${ofConnection} and run.id = (sync.input ->> 'runId')::int and run.operation_id = sync.id
      where undo.section_id = ${sectionId} and run.cause <> 'changes'
        and undo.id > (
          select sync.id from sync_run run
          join operation sync on sync.section_id = ${sectionId} and sync.id = run.operation_id and sync.status = 'done'
          where ${ofConnection} and not run.dry and run.cause <> 'changes'
          order by run.id desc
          limit 1
        )
        and ${undoneBy(sectionId, sql`sync.id`)} is not null
    )`;
};

/** Whether a connection waits for a person because its sync was undone: already now, before the next one is due. For statements with `connection`. */
export const waitsAfterUndo = (sectionId: SectionId): Sql => sql`
  case connection.status
    when 'active' then ${wasUndone(sectionId, sql`connection.id`)}
    when 'waiting' then connection.attention is not distinct from ${UNDONE}
    else false
  end`;
