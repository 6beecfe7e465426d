// Reads of operations for the Activity page and progress bars.
import type { Allowed } from '@/lib/access/policy';
import type { OperationId, SectionId, UserId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { kindNamed } from '@/lib/work/kind';
import { readOperation, readOperations, type OperationState } from '@/lib/work/queries';
import { OPERATION_KINDS } from './kinds';
import type { OperationView } from './schema';
import { undoKind } from './undo';
import { changedSomething, countsInWords, isPartial, phaseInWords, undoneInWords } from './words';

/** The kinds that Activity lists, with their names. */
export const LISTED_KINDS = OPERATION_KINDS.filter(({ listed }) => listed).map(({ kind, words }) => ({
  kind,
  name: words.name,
}));

/** One operation of the section. */
export async function getOperation(db: Db, sectionId: SectionId, id: OperationId): Promise<OperationView | undefined> {
  const readAt = Date.now();
  const operation = await readOperation(db, sectionId, id);
  if (!operation) return undefined;
  const { page } = kindNamed(OPERATION_KINDS, operation.kind);
  return { ...inWords(operation), page: (await page?.(db, { sectionId, id })) ?? null, readAt };
}

/** An operation as listed. */
export type ListedOperation = Omit<OperationView, 'page' | 'readAt'>;

/** The filter. An unknown `kind` finds nothing. */
export type ActivityFilter = { kind?: string; userId?: UserId; text?: string };

/** The section's operations except dry runs, newest first; `before`: only those older than this id. */
export async function listOperations(
  db: Db,
  sectionId: SectionId,
  { kind, before, limit = 50, ...filter }: ActivityFilter & { before?: OperationId; limit?: number } = {},
): Promise<ListedOperation[]> {
  const kinds = LISTED_KINDS.map((listed) => listed.kind).filter((name) => kind === undefined || name === kind);
  const found = await readOperations(db, sectionId, { ...filter, kinds, before, limit });
  return found.map(inWords);
}

/** Not an undo or a redo that has ended without changing anything. */
export const isEffective = ({
  undoOf,
  status,
  counts,
}: Pick<OperationState, 'undoOf' | 'status' | 'counts'>): boolean =>
  undoOf === null || status !== 'done' || changedSomething(counts);

/** Who may cancel, retry, undo and redo an operation. */
export const allowOf = ({ rootKind }: Pick<OperationState, 'rootKind'>): Allowed =>
  kindNamed(OPERATION_KINDS, rootKind).allow ?? 'everyone';

function inWords(operation: OperationState): ListedOperation {
  const { words, cancellable, retryable, undoable } = kindNamed(OPERATION_KINDS, operation.kind);
  const isUndo = operation.kind === undoKind.kind;
  return {
    ...operation,
    countsInWords: countsInWords(words, operation.counts),
    phaseInWords: phaseInWords(words, operation.phase),
    partial: isPartial(words, operation.counts),
    allow: allowOf(operation),
    cancellable,
    retryable,
    undoable: undoable && isEffective(operation),
    isUndo,
    undoneInWords: undoneInWords({ ...operation, isUndo }),
  };
}
