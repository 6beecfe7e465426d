// Reads of operations for the Activity page and progress bars.
import type { OperationId, SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { kindNamed } from '@/lib/work/kind';
import { readOperation, readOperations, type OperationState } from '@/lib/work/queries';
import { OPERATION_KINDS } from './kinds';
import type { OperationView } from './schema';
import { countsInWords, isPartial, phaseInWords } from './words';

const LISTED = OPERATION_KINDS.filter(({ listed }) => listed).map(({ kind }) => kind);

/** One operation of the section. */
export async function getOperation(db: Db, sectionId: SectionId, id: OperationId): Promise<OperationView | undefined> {
  const operation = await readOperation(db, sectionId, id);
  if (!operation) return undefined;
  const { page } = kindNamed(OPERATION_KINDS, operation.kind);
  return { ...inWords(operation), page: (await page?.(db, { sectionId, id })) ?? null };
}

/** An operation in a list. */
export type ListedOperation = Omit<OperationView, 'page'>;

/** The section's operations but dry runs, newest first; `before`: only those older than this id. */
export async function listOperations(
  db: Db,
  sectionId: SectionId,
  { before, limit = 50 }: { before?: OperationId; limit?: number } = {},
): Promise<ListedOperation[]> {
  const found = await readOperations(db, sectionId, { kinds: LISTED, before, limit });
  return found.map(inWords);
}

function inWords(operation: OperationState): ListedOperation {
  const { words, cancellable, retryable, undoable } = kindNamed(OPERATION_KINDS, operation.kind);
  return {
    ...operation,
    countsInWords: countsInWords(words, operation.counts),
    phaseInWords: phaseInWords(words, operation.phase),
    partial: isPartial(words, operation.counts),
    cancellable,
    retryable,
    undoable,
  };
}
