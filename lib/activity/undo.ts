// The steps that undo an operation, and that redo it after an undo. An undo reverts its tags by the ledger, its consents by
// their history, then (imports) its changes to profiles. A redo reverts the undo: it creates the deleted profiles again, then reverts the same way.
import { undoConsentChanges } from '@/lib/consents/change';
import type { SectionId } from '@/lib/db/ids';
import { putBack } from '@/lib/flows/places';
import { changingPeople } from '@/lib/flows/through-segments';
import { endStarted } from '@/lib/flows/undone-entries';
import { sql, type Sql, type Tx } from '@/lib/db/sql';
import { keepReason } from '@/lib/people/followers';
import { undoProfileChanges } from '@/lib/profiles/undo';
import { recreateUndone } from '@/lib/profiles/undone';
import { byOthers, isUndone, undoTagChanges, type Undone } from '@/lib/tags/undo';
import { operationKind, type OperationStep } from '@/lib/work/kind';
import { addCounts, type OperationRow, type StepResult } from '@/lib/work/schema';
import { z } from 'zod';
import { requireLatest, reversalBy } from './undo-family';

const TAG_STEP = 50_000;
const PROFILE_STEP = 10_000;
const CONSENT_STEP = 20_000;
const FLOW_STEP = 5_000;

/** `endEntries`: those into flows that the operation started are ended too. */
const UndoInput = z.object({ endEntries: z.boolean().default(false) });
type UndoInput = z.output<typeof UndoInput>;

/** What one step does; `finished`: nothing of its phase is left. */
type Phase = (
  tx: Tx,
  operation: OperationRow<UndoInput>,
  undone: Undone,
) => Promise<Pick<StepResult, 'cursor' | 'progress' | 'counts'> & { finished: boolean }>;

const shared = {
  input: UndoInput,
  undoable: true,
  cancellable: true,
  retryable: true,
  listed: true,
  beforeRetry: requireLatest,
} as const;

/** Counts: undone, kept (changed since), impossible (hidden or deleted); and the same for profiles, prefixed. */
export const undoKind = operationKind({
  ...shared,
  kind: 'undo',
  words: {
    name: 'Undos',
    counts: [
      ['undone', 'tag changes undone'],
      ['kept', 'kept because changed since'],
      ['impossible', 'could not be undone'],
      ['consentsRestored', 'consents restored'],
      ['consentsKept', 'consents kept because changed since'],
      ['profilesRemoved', 'new profiles removed'],
      ['profilesRestored', 'profiles restored'],
      ['profilesKept', 'profiles kept because changed since'],
      ['entriesEnded', 'entries into flows ended'],
      ['placesRestored', 'profiles put back in their flow'],
      ['placesKept', 'profiles left in their flow because they have gone on since'],
    ],
    left: ['kept', 'impossible', 'consentsKept', 'profilesKept', 'placesKept'],
  },
  step: (tx, operation) => steps([undoTags, undoConsents, undoProfiles, undoPlaces])(tx, operation),
});

/** The same counts, and `profilesCreated`: deleted by the undo, and created again. */
export const redoKind = operationKind({
  ...shared,
  kind: 'redo',
  words: {
    name: 'Redos',
    counts: [
      ['profilesCreated', 'profiles created again'],
      ['profilesGone', 'profiles could not be created again'],
      ['profilesRestored', 'profiles changed again'],
      ['profilesKept', 'profiles kept because changed since'],
      ['undone', 'tag changes made again'],
      ['kept', 'kept because changed since'],
      ['impossible', 'could not be made again'],
      ['consentsRestored', 'consents set again'],
      ['consentsKept', 'consents kept because changed since'],
      ['placesRestored', 'profiles put back in their flow'],
      ['placesKept', 'profiles left out of their flow because something has changed since'],
    ],
    left: ['kept', 'impossible', 'consentsKept', 'profilesKept', 'profilesGone', 'placesKept'],
  },
  step: (tx, operation) => steps([recreateProfiles, undoProfiles, undoTags, undoConsents, undoPlaces])(tx, operation),
});

/** One step of the current phase. */
const steps =
  (phases: readonly Phase[]): OperationStep<UndoInput> =>
  async (tx, operation) => {
    const undone = await reversalBy(tx, operation);
    const { finished, ...result } = await phases[operation.phase]!(tx, operation, undone);
    if (!finished) return { ...result, phase: operation.phase, done: false };
    const next = operation.phase + 1;
    return next === phases.length
      ? { ...result, phase: operation.phase, done: true }
      : { ...result, phase: next, cursor: 0, done: false };
  };

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

/** First ends what is to be ended: people who are in a flow are not deleted. */
const undoTags: Phase = async (tx, operation, undone) => {
  if (operation.input.endEntries && undone.kind === 'undo') {
    const { sectionId, id: operationId, cursor, progress } = operation;
    const ended = await endStarted(tx, { sectionId, operationId }, undone.ids, FLOW_STEP);
    const counts = addCounts(operation.counts, { entriesEnded: ended });
    if (ended > 0) return { cursor, progress, counts, finished: false };
  }
  const slice = sql`
    select profile_id from (
      select profile_id from tag_change ledger
      where section_id = ${operation.sectionId} and ${isUndone(sql`ledger`, undone)} and id > ${operation.cursor}
      order by id
      limit ${TAG_STEP}
    ) slice`;
  const cause = causeOf(operation);
  const step = await changingPeople(tx, cause, slice, () =>
    undoTagChanges(tx, cause, undone, { after: operation.cursor, limit: TAG_STEP }),
  );
  return {
    cursor: step.cursor,
    progress: operation.progress + step.looked,
    counts: addCounts(operation.counts, { undone: step.undone, kept: step.kept, impossible: step.impossible }),
    finished: step.looked < TAG_STEP,
  };
};

const undoConsents: Phase = async (tx, operation, undone) => {
  const step = await undoConsentChanges(tx, causeOf(operation), undone, {
    after: operation.cursor,
    limit: CONSENT_STEP,
  });
  return {
    cursor: step.cursor,
    progress: operation.progress + step.looked,
    counts: addCounts(operation.counts, { consentsRestored: step.restored, consentsKept: step.kept }),
    finished: step.looked < CONSENT_STEP,
  };
};

const undoProfiles: Phase = async (tx, operation, undone) => {
  const { sectionId, userId, id, cursor } = operation;
  const slice = sql`
    select profile_id from (
      select profile_id from profile_change change
      where section_id = ${sectionId} and ${isUndone(sql`change`, undone)} ${cursor > 0 ? sql`and id < ${cursor}` : sql``}
      order by id desc
      limit ${PROFILE_STEP}
    ) slice`;
  const step = await changingPeople(tx, causeOf(operation), slice, () =>
    undoProfileChanges(
      tx,
      {
        sectionId,
        undone,
        undoOperationId: id,
        userId,
        stays: (profileId) => sql`${whyKept(sectionId, profileId, undone, { tagsUndone: true })} is not null`,
      },
      { after: cursor, limit: PROFILE_STEP },
    ),
  );
  return {
    cursor: step.cursor,
    progress: operation.progress + step.looked,
    counts: addCounts(operation.counts, {
      profilesRemoved: step.removed,
      profilesRestored: step.restored,
      profilesKept: step.kept,
    }),
    finished: step.looked < PROFILE_STEP,
  };
};

const recreateProfiles: Phase = async (tx, operation, undone) => {
  const { sectionId, cursor } = operation;
  const slice = sql`
    select profile_id from (
      select profile_id from undone_profile
      where section_id = ${sectionId} and operation_id = any(${undone.ids}::int[]) and profile_id > ${cursor}
      order by profile_id
      limit ${PROFILE_STEP}
    ) slice`;
  const cause = causeOf(operation);
  const step = await changingPeople(tx, cause, slice, () =>
    recreateUndone(tx, cause, undone.ids, { after: cursor, limit: PROFILE_STEP }),
  );
  return {
    cursor: step.cursor,
    progress: operation.progress + step.looked,
    counts: addCounts(operation.counts, { profilesCreated: step.made, profilesGone: step.looked - step.made }),
    finished: step.looked < PROFILE_STEP,
  };
};

const undoPlaces: Phase = async (tx, operation, undone) => {
  const { sectionId, id: operationId, cursor } = operation;
  const step = await putBack(tx, { sectionId, operationId }, undone.ids, { after: cursor, limit: FLOW_STEP });
  return {
    cursor: step.cursor,
    progress: operation.progress + step.looked,
    counts: addCounts(operation.counts, { placesRestored: step.back, placesKept: step.kept }),
    finished: step.looked < FLOW_STEP,
  };
};

const causeOf = ({ sectionId, userId, id }: OperationRow) => ({
  sectionId,
  userId,
  source: 'undo' as const,
  operationId: id,
  startsFlows: false,
});
