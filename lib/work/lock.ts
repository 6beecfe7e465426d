// Finds and locks the operations that commands act on.
import { refuse } from '@/lib/access/refusal';
import type { OperationId, SectionId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { hadEffect } from './queries';
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

/** An undo or a redo of an operation. `undoOf`: for a redo, the undo that it reverts. `effective`: done, and it changed something. */
export type UndoOrRedo = {
  id: OperationId;
  status: OperationStatus;
  undoOf: OperationId;
  redoes: boolean;
  effective: boolean;
};

/** All undos and redos of an operation, oldest first. */
export const undosAndRedos = (db: Db, { sectionId, operationId }: Which): Promise<UndoOrRedo[]> =>
  rows<UndoOrRedo>(
    db,
    sql`
      select id, status, undo_of as "undoOf", undo_of <> ${operationId} as redoes,
        ${hadEffect(sql`operation`)} as effective
      from operation
      where section_id = ${sectionId} and (
        undo_of = ${operationId}
        or undo_of in (select id from operation where section_id = ${sectionId} and undo_of = ${operationId})
      )
      order by id`,
  );
