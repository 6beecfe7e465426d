// Stops an operation.
import { databaseTime } from '@/lib/db/clock';
import type { OperationId, SectionId } from '@/lib/db/ids';
import { execute, sql, type Tx } from '@/lib/db/sql';

/** Stops a waiting operation, or a running one after its current step. Returns whether there was anything to stop. */
export async function stopOperation(tx: Tx, operation: { sectionId: SectionId; id: OperationId }): Promise<boolean> {
  const stopped = await execute(
    tx,
    sql`
      update operation set status = 'cancelled', finished_at = ${await databaseTime(tx)}
      where section_id = ${operation.sectionId} and id = ${operation.id} and status in ('queued', 'running')`,
  );
  return stopped > 0;
}
