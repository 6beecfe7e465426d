// The step that undoes an operation: first its tags by the ledger, then (imports) its changes to profiles.
import type { OperationId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { keepReason } from '@/lib/people/followers';
import { undoProfileChanges } from '@/lib/profiles/undo';
import { byOthers, undoTagChanges, type Undone } from '@/lib/tags/undo';
import { operationKind, type OperationStep } from '@/lib/work/kind';
import { lockOperation, requireNotUndone } from '@/lib/work/lock';
import { addCounts, type OperationRow, type StepResult } from '@/lib/work/schema';
import { z } from 'zod';

const TAG_STEP = 50_000;
const PROFILE_STEP = 10_000;
const TAGS = 0;
const PROFILES = 1;

export const undoKind = operationKind({
  kind: 'undo',
  input: z.object({}),
  undoable: false,
  cancellable: true,
  retryable: true,
  listed: true,
  words: {
    name: 'Undos',
    counts: [
      ['undone', 'tag changes undone'],
      ['kept', 'kept because changed since'],
      ['impossible', 'could not be undone'],
      ['profilesRemoved', 'new profiles removed'],
      ['profilesRestored', 'profiles restored'],
      ['profilesKept', 'profiles kept because changed since'],
    ],
    left: ['kept', 'impossible', 'profilesKept'],
  },
  step: (tx, operation) => undoStep(tx, operation),
  beforeRetry: async (tx, { sectionId, undoOf }) => {
    if (undoOf === null) return;
    await lockOperation(tx, { sectionId, operationId: undoOf });
    await requireNotUndone(tx, { sectionId, operationId: undoOf });
  },
});

/** Counts: undone, kept (changed since), impossible (hidden or deleted); and the same for profiles, prefixed. */
const undoStep: OperationStep = async (tx, operation) => {
  if (operation.undoOf === null) throw new Error(`Operation ${operation.id} undoes nothing.`);
  const undone = await undoneBy(tx, operation.sectionId, operation.undoOf);
  return operation.phase === TAGS ? undoTags(tx, operation, undone) : undoProfiles(tx, operation, undone);
};

/** An operation with all of its undos, so that an earlier undo's changes do not look like somebody else's. */
export async function undoneBy(db: Db, sectionId: SectionId, operationId: OperationId): Promise<Undone> {
  const own = await rows<{ id: OperationId }>(
    db,
    sql`select id from operation
        where section_id = ${sectionId} and (id = ${operationId} or undo_of = ${operationId})`,
  );
  return { operationId, own: own.map(({ id }) => id) };
}

/**
 * Why an undo keeps a profile that the operation created, in words; null if it is deleted. `profileId`: a column of the
 * statement.
 */
export const whyKept = (
  sectionId: SectionId,
  profileId: Sql,
  undone: Undone,
  { tagsUndone }: { tagsUndone: boolean },
): Sql => keepReason({ sectionId, profileId, byOthers: (row) => byOthers(row, undone), tagsUndone });

async function undoTags(tx: Tx, operation: OperationRow, undone: Undone): Promise<StepResult> {
  const { sectionId, userId, id } = operation;
  const cause = { sectionId, userId, source: 'undo' as const, operationId: id, startsFlows: false };
  const step = await undoTagChanges(tx, cause, undone, { after: operation.cursor, limit: TAG_STEP });
  const finished = step.looked < TAG_STEP;
  return {
    phase: finished ? PROFILES : TAGS,
    cursor: finished ? 0 : step.cursor,
    progress: operation.progress + step.looked,
    counts: addCounts(operation.counts, { undone: step.undone, kept: step.kept, impossible: step.impossible }),
    done: false,
  };
}

async function undoProfiles(tx: Tx, operation: OperationRow, undone: Undone): Promise<StepResult> {
  const { sectionId, userId, id } = operation;
  const step = await undoProfileChanges(
    tx,
    {
      sectionId,
      undone,
      undoOperationId: id,
      userId,
      stays: (profileId) => sql`${whyKept(sectionId, profileId, undone, { tagsUndone: true })} is not null`,
    },
    { after: operation.cursor, limit: PROFILE_STEP },
  );
  return {
    phase: PROFILES,
    cursor: step.cursor,
    progress: operation.progress + step.looked,
    counts: addCounts(operation.counts, {
      profilesRemoved: step.removed,
      profilesRestored: step.restored,
      profilesKept: step.kept,
    }),
    done: step.looked < PROFILE_STEP,
  };
}
