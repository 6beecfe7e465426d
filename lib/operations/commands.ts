// Cancel, retry and undo.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { actorUserId } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { OperationIdSchema, SectionIdSchema } from '@/lib/db/ids';
import { execute, one, sql } from '@/lib/db/sql';
import { requireNotMerging } from './merge-tag';
import { addOperationJob, startOperation } from './start';
import { lockOperation, requireNotUndone, requireUndoable } from './undoable';

const OperationInput = z.object({ sectionId: SectionIdSchema, operationId: OperationIdSchema });

/** Stops an operation after the step that it is in. What is done stays, and can be undone. */
export const cancelOperation = command({
  name: 'operations.cancel',
  scope: 'section',
  allow: 'everyone',
  input: OperationInput,
  run: async ({ tx }, { sectionId, operationId }) => {
    const operation = await lockOperation(tx, { sectionId, operationId });
    if (operation.kind === 'merge_tag')
      refuse('conflict', 'A merge cannot be stopped half-way. Wait until it is done.');
    const cancelled = await execute(
      tx,
      sql`
        update operation set status = 'cancelled', finished_at = now()
        where section_id = ${sectionId} and id = ${operationId} and status in ('queued', 'running')`,
    );
    return { summary: operation.summary, cancelled: cancelled > 0 };
  },
  audit: (input, { summary, cancelled }) =>
    cancelled ? { summary: `Cancelled: ${summary}`, subject: `operation:${input.operationId}` } : null,
});

/**
 * Tries an operation again that has failed: it goes on where it stopped. What it was refused for (a hidden tag, say) is looked at
 * again.
 */
export const retryOperation = command({
  name: 'operations.retry',
  scope: 'section',
  allow: 'everyone',
  input: OperationInput,
  run: async ({ tx }, { sectionId, operationId }) => {
    const operation = await lockOperation(tx, { sectionId, operationId });
    if (operation.status !== 'failed') refuse('conflict', 'This has not failed, so there is nothing to try again.');
    if (operation.kind === 'dry_run') refuse('conflict', 'Start the dry run again where you map the columns.');
    await requireNotUndone(tx, sectionId, operationId);
    if (operation.undoOf !== null) {
      await lockOperation(tx, { sectionId, operationId: operation.undoOf });
      await requireNotUndone(tx, sectionId, operation.undoOf);
    }
    if (operation.kind === 'merge_tag') await requireNotMerging(tx, sectionId, operation.input);
    await execute(
      tx,
      sql`
        update operation
        set status = 'queued', attempts = 0, next_attempt_at = null, last_error = null, error = null, finished_at = null,
          runner = null, heartbeat = null
        where section_id = ${sectionId} and id = ${operationId}`,
    );
    await addOperationJob(tx, sectionId, operationId);
    return { summary: operation.summary };
  },
  audit: (input, { summary }) => ({ summary: `Tried again: ${summary}`, subject: `operation:${input.operationId}` }),
});

/** Starts the undo of a finished operation: `{ undoId }` is the operation that does it. */
export const undoOperation = command({
  name: 'operations.undo',
  scope: 'section',
  allow: 'everyone',
  input: OperationInput,
  run: async ({ tx, actor }, { sectionId, operationId }) => {
    const operation = await lockOperation(tx, { sectionId, operationId });
    await requireUndoable(tx, sectionId, operation);
    const { total } = await one<{ total: number }>(
      tx,
      sql`
        select
          (select count(*) from tag_change where section_id = ${sectionId} and operation_id = ${operationId})
          + (select count(*) from profile_change where section_id = ${sectionId} and operation_id = ${operationId})
          as total`,
    );
    const undoId = await startOperation(tx, {
      sectionId,
      kind: 'undo',
      summary: `Undo: ${operation.summary}`,
      input: {},
      total,
      userId: actorUserId(actor),
      undoOf: operationId,
    });
    return { undoId, summary: operation.summary };
  },
  audit: (input, { summary }) => ({ summary: `Undid: ${summary}`, subject: `operation:${input.operationId}` }),
});
