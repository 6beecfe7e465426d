// An operation with its undos and redos, and what each of these reverts. An operation has undos, and an undo has redos; to
// take a redo back is to undo the operation again.
import { refuse } from '@/lib/access/refusal';
import type { OperationId, SectionId } from '@/lib/db/ids';
import type { Db, Tx } from '@/lib/db/sql';
import type { Undone } from '@/lib/tags/undo';
import { findOperation, lockOperation, undosAndRedos, type FoundOperation, type UndoOrRedo } from '@/lib/work/lock';

export type Which = { sectionId: SectionId; operationId: OperationId };

/**
 * An undo or a redo. `root`: the operation whose changes it takes back or makes again. `parent`: the operation that it
 * undoes; for a redo, the undo.
 */
export type Reversal = Undone & { root: OperationId; parent: OperationId };

type Child = Pick<FoundOperation, 'sectionId' | 'id' | 'undoOf'>;

/** The operation itself or, for an undo or a redo, the one that it is about. */
export async function rootOf(db: Db, { sectionId, id, undoOf }: Child): Promise<OperationId> {
  if (undoOf === null) return id;
  return (await findOperation(db, { sectionId, operationId: undoOf })).undoOf ?? undoOf;
}

/** What an undo or a redo reverts that has been started. */
export async function reversalBy(db: Db, { sectionId, id, undoOf }: Child): Promise<Reversal> {
  if (undoOf === null) throw new Error(`Operation ${id} undoes nothing.`);
  const root = await rootOf(db, { sectionId, id, undoOf });
  const family = await undosAndRedos(db, { sectionId, operationId: root });
  const earlier = family.filter((other) => other.id < id);
  const reversal = reversalOf(root, earlier, root === undoOf ? 'undo' : 'redo');
  return { ...reversal, own: [root, ...family.map((other) => other.id)] };
}

/** Refuses a retry of an undo or a redo that others have followed. Locks the operation that they are about. */
export async function requireLatest(tx: Tx, child: Child): Promise<void> {
  const { sectionId, id } = child;
  const root = await rootOf(tx, child);
  await lockOperation(tx, { sectionId, operationId: root });
  const family = await undosAndRedos(tx, { sectionId, operationId: root });
  if (family.at(-1)?.id !== id) {
    refuse('conflict', 'This has been undone or redone since. See the latest of these in Activity.');
  }
}

export const isRunning = ({ status }: Pick<UndoOrRedo, 'status'>): boolean =>
  status === 'queued' || status === 'running';

/** Whether the last undo or redo that changed something is an undo. */
export const isUndone = (family: readonly UndoOrRedo[]): boolean =>
  family.findLast(({ effective }) => effective)?.redoes === false;

/** A redo that changed something closes what was before: the operation is in effect again. */
export function reversalOf(root: OperationId, family: readonly UndoOrRedo[], kind: Undone['kind']): Reversal {
  const closed = family.findLastIndex(({ redoes, effective }) => redoes && effective);
  const open = family.slice(closed + 1);
  const undos = open.filter(({ redoes }) => !redoes);
  const redos = open.filter(({ redoes }) => redoes);
  const idsOf = (all: readonly UndoOrRedo[]) => all.map(({ id }) => id);
  const own = [root, ...idsOf(family)];
  if (kind === 'undo') return { kind, root, parent: root, ids: [root], own, attempts: idsOf(undos) };
  // The one with an effect is what a redo is of: failed and stopped undos do not count.
  const parent = (undos.findLast(({ effective }) => effective) ?? undos.at(-1))?.id ?? root;
  return { kind, root, parent, ids: idsOf(undos), own, attempts: idsOf(redos) };
}
