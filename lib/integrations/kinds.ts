// Syncs and their dry runs as kinds of operations.
import { z } from 'zod';
import { SyncRunIdSchema } from '@/lib/db/ids';
import { maybeOne, sql, type Db } from '@/lib/db/sql';
import type { SectionId } from '@/lib/db/ids';
import { operationKind, type OperationPage } from '@/lib/work/kind';
import { syncStep } from './run';

export const SyncInput = z.object({ runId: SyncRunIdSchema });

const words = {
  name: 'Syncs',
  counts: [
    ['applied', 'tags applied'],
    ['removed', 'tags removed'],
    ['created', 'new profiles'],
    ['updated', 'updated profiles'],
    ['held', 'removals waiting for an answer'],
    ['refused', 'not permitted by Allowed Operations'],
  ],
  left: ['held', 'refused'],
  phases: [
    'Finding the profiles',
    'Comparing the lists',
    'Creating profiles',
    'Linking',
    'Updating profiles',
    'Tagging',
  ],
} as const;

/** A dry run has changed nothing: it says what would change. */
const dryWords = {
  ...words,
  counts: [
    ['adds', 'tags would be applied'],
    ['removes', 'tags would be taken off'],
    ['create', 'new profiles would be created'],
    ['held', 'removals would wait for your answer'],
    ['refused', 'not permitted by Allowed Operations'],
  ],
  done: 'Ready to look at:',
  none: 'no tag would change',
} as const;

export const syncKind = operationKind({
  kind: 'sync',
  allow: 'integrators',
  input: SyncInput,
  undoable: true,
  cancellable: true,
  retryable: true,
  listed: true,
  words,
  step: syncStep,
  page: (db, { sectionId, id }) => pageOf(db, sectionId, id),
});

export const syncDryRunKind = operationKind({
  kind: 'sync_dry_run',
  allow: 'integrators',
  input: SyncInput,
  undoable: false,
  cancellable: true,
  retryable: true,
  listed: false,
  words: dryWords,
  step: syncStep,
  page: (db, { sectionId, id }) => pageOf(db, sectionId, id),
});

async function pageOf(db: Db, sectionId: SectionId, operationId: number): Promise<OperationPage | null> {
  const found = await maybeOne<{ id: number; connectionId: number; began: Date }>(
    db,
    sql`
      select id, connection_id as "connectionId", created_at as began from sync_run
      where section_id = ${sectionId} and operation_id = ${operationId}`,
  );
  return found
    ? {
        path: `/settings/integrations/${found.connectionId}/runs/${found.id}`,
        words: 'Open the sync',
        allow: 'admins',
        began: found.began,
      }
    : null;
}
