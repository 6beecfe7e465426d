// Which operations can be undone now.
import { refuse } from '@/lib/access/refusal';
import type { OperationId, SectionId } from '@/lib/db/ids';
import { maybeOne, one, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { UNDOABLE_KINDS, type OperationKind, type OperationStatus } from './schema';

export type Found = {
  id: OperationId;
  kind: OperationKind;
  status: OperationStatus;
  summary: string;
  input: unknown;
  undoOf: OperationId | null;
};

type Where = { sectionId: SectionId; operationId: OperationId };

/** An operation's row, locked until the transaction ends: what is asked about it afterwards stays true. */
export const lockOperation = (tx: Tx, where: Where): Promise<Found> => find(tx, where, sql`for update`);

async function find(db: Db, { sectionId, operationId }: Where, lock: Sql): Promise<Found> {
  const operation = await maybeOne<Found>(
    db,
    sql`
      select id, kind, status, summary, input, undo_of as "undoOf"
      from operation
      where section_id = ${sectionId} and id = ${operationId}
      ${lock}`,
  );
  return operation ?? refuse('not_found', 'There is no such operation in this section.');
}

/** Refuses where there is nothing to undo. Of an operation that is not locked, it is only true at this moment. */
export async function requireUndoable(db: Db, sectionId: SectionId, operation: Found): Promise<void> {
  if (!UNDOABLE_KINDS.includes(operation.kind)) refuse('conflict', 'This cannot be undone.');
  if (operation.status === 'queued' || operation.status === 'running') {
    refuse('conflict', 'This is still running. Cancel it first, or wait until it is done.');
  }
  await requireNotUndone(db, sectionId, operation.id);
}

/** Refuses where an undo of the operation is under way or has been finished. One that failed or was stopped can be done again. */
export async function requireNotUndone(db: Db, sectionId: SectionId, operationId: OperationId): Promise<void> {
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

/** The undo holds: it goes on, or was finished. */
export const undoCounts = sql`status in ('queued', 'running', 'done')`;

/** An operation that can be undone at this moment. */
export async function findUndoable(db: Db, where: Where): Promise<Found> {
  const operation = await find(db, where, sql``);
  await requireUndoable(db, where.sectionId, operation);
  return operation;
}
