// Cancel and undo.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { actorUserId } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { OperationIdSchema, SectionIdSchema } from '@/lib/db/ids';
import { execute, one, sql } from '@/lib/db/sql';
import { startOperation } from './start';
import { lockOperation, requireUndoable } from './undoable';

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
