// Which operations can be undone or redone now, and by whom.
import { refuse } from '@/lib/access/refusal';
import type { Actor } from '@/lib/access/actor';
import { requireAllowed } from '@/lib/access/policy';
import type { Db } from '@/lib/db/sql';
import { kindNamed } from '@/lib/work/kind';
import { findOperation, undosAndRedos } from '@/lib/work/lock';
import { OPERATION_KINDS } from './kinds';
import { isRunning, isUndone, reversalOf, rootOf, type Reversal, type Which } from './undo-family';

/** Refuses with `not_allowed` unless the actor may cancel, retry, undo and redo this operation. */
export async function requireMayChange(db: Db, actor: Actor, { sectionId, operationId }: Which): Promise<void> {
  const root = await rootOf(db, await findOperation(db, { sectionId, operationId }));
  const { kind } = await findOperation(db, { sectionId, operationId: root });
  requireAllowed(actor, kindNamed(OPERATION_KINDS, kind).allow ?? 'everyone');
}

/**
 * What to do for somebody who asks to undo this operation: a redo for an undo, an undo for everything else. Refuses if
 * there is nothing to undo or redo. Unless `rootOf` is locked, this may change at any time.
 */
export async function requireUndoable(db: Db, { sectionId, operationId }: Which): Promise<Reversal> {
  const operation = await findOperation(db, { sectionId, operationId });
  const root = await rootOf(db, operation);
  const undone = await findOperation(db, { sectionId, operationId: root });
  if (!kindNamed(OPERATION_KINDS, undone.kind).undoable) refuse('conflict', 'This cannot be undone.');
  if (isRunning(undone) || isRunning(operation)) {
    refuse('conflict', 'This is still running. Cancel it first, or wait until it is done.');
  }
  const family = await undosAndRedos(db, { sectionId, operationId: root });
  const running = family.find(isRunning);
  const asked = family.find(({ id }) => id === operationId);
  if (asked && !asked.redoes) {
    const reversal = reversalOf(root, family, 'redo');
    if (!reversal.ids.includes(operationId)) refuse('conflict', 'This has been redone already.');
    if (asked.status === 'done' && !asked.effective) {
      refuse('conflict', 'This changed nothing, so there is nothing to redo.');
    }
    if (running) refuse('conflict', 'This is being redone.');
    return reversal;
  }
  if (running?.redoes === false || isUndone(family)) refuse('conflict', 'This has been undone already.');
  if (running) refuse('conflict', 'This is being redone. Wait until that is done.');
  return reversalOf(root, family, 'undo');
}
