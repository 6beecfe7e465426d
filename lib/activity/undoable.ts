// Which operations can be undone now.
import { refuse } from '@/lib/access/refusal';
import type { Db } from '@/lib/db/sql';
import { kindNamed } from '@/lib/work/kind';
import { requireNotUndone, type FoundOperation } from '@/lib/work/lock';
import { OPERATION_KINDS } from './kinds';

/** Refuses if there is nothing to undo. Unless the operation is locked, this may change at any time. */
export async function requireUndoable(db: Db, { sectionId, id, kind, status }: FoundOperation): Promise<void> {
  if (!kindNamed(OPERATION_KINDS, kind).undoable) refuse('conflict', 'This cannot be undone.');
  if (status === 'queued' || status === 'running') {
    refuse('conflict', 'This is still running. Cancel it first, or wait until it is done.');
  }
  await requireNotUndone(db, { sectionId, operationId: id });
}
