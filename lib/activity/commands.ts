// What people do with operations: cancel, retry, undo.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { actorUserId } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { databaseTime } from '@/lib/db/clock';
import { OperationIdSchema, SectionIdSchema, type OperationId } from '@/lib/db/ids';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { undoKind } from './undo';
import { kindNamed } from '@/lib/work/kind';
import { lockOperation, requireNotUndone } from '@/lib/work/lock';
import { addOperationJob, startOperation } from '@/lib/work/start';
import { stopOperation } from '@/lib/work/stop';
import { OPERATION_KINDS } from './kinds';
import { requireUndoable } from './undoable';

const OperationInput = z.object({ sectionId: SectionIdSchema, operationId: OperationIdSchema });

/** Stops an operation after its current step. What is done stays, and can be undone. */
export const cancelOperation = command({
  name: 'operations.cancel',
  scope: 'section',
  allow: 'everyone',
  input: OperationInput,
  run: async ({ tx }, { sectionId, operationId }) => {
    const operation = await lockOperation(tx, { sectionId, operationId });
    if (!kindNamed(OPERATION_KINDS, operation.kind).cancellable)
      refuse('conflict', 'This cannot be stopped halfway. Wait until it has finished.');
    return { summary: operation.summary, cancelled: await stopOperation(tx, operation) };
  },
  audit: (input, { summary, cancelled }) =>
    cancelled ? { summary: `Cancelled: ${summary}`, subject: `operation:${input.operationId}` } : null,
});

/**
 * Retries a failed operation: it continues after its last successful step. The reason for a refusal (a hidden tag, for
 * instance) is checked again.
 */
export const retryOperation = command({
  name: 'operations.retry',
  scope: 'section',
  allow: 'everyone',
  input: OperationInput,
  run: async ({ tx }, { sectionId, operationId }) => {
    const operation = await lockOperation(tx, { sectionId, operationId });
    if (operation.status !== 'failed') refuse('conflict', 'This has not failed, so there is nothing to retry.');
    const { retryable, beforeRetry } = kindNamed(OPERATION_KINDS, operation.kind);
    if (!retryable)
      refuse('conflict', 'This cannot be retried here. Start it again from the page where you first started it.');
    await requireNotUndone(tx, { sectionId, operationId });
    await beforeRetry?.(tx, operation);
    await execute(
      tx,
      sql`
        update operation
        set status = 'queued', attempts = 0, next_attempt_at = null, last_error = null, error = null, finished_at = null,
          runner = null, announced_at = null
        where section_id = ${sectionId} and id = ${operationId}`,
    );
    await addOperationJob(tx, { sectionId, id: operationId });
    return { summary: operation.summary };
  },
  audit: (input, { summary }) => ({ summary: `Retried: ${summary}`, subject: `operation:${input.operationId}` }),
});

/** Starts the undo of a finished operation: `{ undoId }` is the operation that undoes it. */
export const undoOperation = command({
  name: 'operations.undo',
  scope: 'section',
  allow: 'everyone',
  input: OperationInput,
  run: async ({ tx, actor }, { sectionId, operationId }) => {
    const operation = await lockOperation(tx, { sectionId, operationId });
    await requireUndoable(tx, operation);
    const { total } = await one<{ total: number }>(
      tx,
      sql`
        select
          (select count(*) from tag_change where section_id = ${sectionId} and operation_id = ${operationId})
          + (select count(*) from profile_change where section_id = ${sectionId} and operation_id = ${operationId})
          as total`,
    );
    const undoId = await startOperation(tx, undoKind, {
      sectionId,
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

/**
 * Marks ended operations of the person as announced. Returns those that were not announced before: of several tabs and
 * devices, one gets each.
 */
export const announceOperations = command({
  name: 'operations.announce',
  scope: 'section',
  allow: 'everyone',
  input: z.object({ sectionId: SectionIdSchema, operationIds: z.array(OperationIdSchema).max(100) }),
  run: async ({ tx, actor }, { sectionId, operationIds }) => {
    const announced = await rows<{ id: OperationId }>(
      tx,
      sql`
        update operation set announced_at = ${await databaseTime(tx)}
        where section_id = ${sectionId} and id = any(${operationIds}::int[]) and user_id = ${actorUserId(actor)}
          and announced_at is null and status not in ('queued', 'running')
        returning id`,
    );
    return { announced: announced.map(({ id }) => id) };
  },
  audit: () => null,
});
