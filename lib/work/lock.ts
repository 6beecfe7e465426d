// Finds and locks the operations that commands act on.
import { refuse } from '@/lib/access/refusal';
import type { OperationId, SectionId } from '@/lib/db/ids';
import { maybeOne, one, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { undoCounts } from './queries';
import type { OperationStatus } from './schema';

export type FoundOperation = {
  sectionId: SectionId;
  id: OperationId;
  kind: string;
  status: OperationStatus;
  summary: string;
  input: unknown;
  undoOf: OperationId | null;
};

type Which = { sectionId: SectionId; operationId: OperationId };

/**
 * An operation, locked until the transaction ends, so that what is read about it stays true. Refuses if it does not
 * exist.
 */
export const lockOperation = (tx: Tx, which: Which): Promise<FoundOperation> => find(tx, which, sql`for update`);

/** An operation as it is now. Refuses if it does not exist. */
export const findOperation = (db: Db, which: Which): Promise<FoundOperation> => find(db, which, sql``);

async function find(db: Db, { sectionId, operationId }: Which, lock: Sql): Promise<FoundOperation> {
  const operation = await maybeOne<FoundOperation>(
    db,
    sql`
      select section_id as "sectionId", id, kind, status, summary, input, undo_of as "undoOf"
      from operation
      where section_id = ${sectionId} and id = ${operationId}
      ${lock}`,
  );
  return operation ?? refuse('not_found', 'This operation does not exist in this section.');
}

/** Refuses if an undo of the operation is running or done. A failed or stopped undo can be repeated. */
export async function requireNotUndone(db: Db, { sectionId, operationId }: Which): Promise<void> {
  const { undone } = await one<{ undone: boolean }>(
    db,
    sql`
      select exists (
        select from operation undo
        where undo.section_id = ${sectionId} and undo.undo_of = ${operationId} and undo.${undoCounts}
      ) as undone`,
  );
  if (undone) refuse('conflict', 'This has been undone already.');
}
