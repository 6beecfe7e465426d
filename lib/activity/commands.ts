// What people do with operations: cancel, retry, undo.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { actorUserId } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { databaseTime } from '@/lib/db/clock';
import { OperationIdSchema, SectionIdSchema, type OperationId } from '@/lib/db/ids';
import { one, rows, sql, type Sql } from '@/lib/db/sql';
import { redoKind, undoKind } from './undo';
import { kindNamed } from '@/lib/work/kind';
import { findOperation, lockOperation, undosAndRedos } from '@/lib/work/lock';
import { requeueOperation, startOperation } from '@/lib/work/start';
import { stopOperation } from '@/lib/work/stop';
import { OPERATION_KINDS } from './kinds';
import { rootOf } from './undo-family';
import { requireMayChange, requireUndoable } from './undoable';

const OperationInput = z.object({ sectionId: SectionIdSchema, operationId: OperationIdSchema });

/** Stops an operation after its current step. What is done stays, and can be undone. */
export const cancelOperation = command({
  name: 'operations.cancel',
  scope: 'section',
  allow: 'everyone',
  input: OperationInput,
  run: async ({ tx, actor }, { sectionId, operationId }) => {
    const operation = await lockOperation(tx, { sectionId, operationId });
    await requireMayChange(tx, actor, { sectionId, operationId });
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
  run: async ({ tx, actor }, { sectionId, operationId }) => {
    const operation = await lockOperation(tx, { sectionId, operationId });
    await requireMayChange(tx, actor, { sectionId, operationId });
    if (operation.status !== 'failed') refuse('conflict', 'This has not failed, so there is nothing to retry.');
    const { retryable, beforeRetry } = kindNamed(OPERATION_KINDS, operation.kind);
    if (!retryable)
      refuse('conflict', 'This cannot be retried here. Start it again from the page where you first started it.');
    const undos = await undosAndRedos(tx, { sectionId, operationId });
    if (undos.some(({ status }) => status !== 'failed' && status !== 'cancelled')) {
      refuse('conflict', 'This has been undone already.');
    }
    await beforeRetry?.(tx, operation);
    await requeueOperation(tx, { sectionId, id: operationId });
    return { summary: operation.summary };
  },
  audit: (input, { summary }) => ({ summary: `Retried: ${summary}`, subject: `operation:${input.operationId}` }),
});

/**
 * Starts the undo of a finished operation, or the redo of one that was undone, if it is an undo: `{ undoId }` is the
 * operation that does it. Of a redo, the operation that it redid is undone. `endEntries`: entries into flows that the operation started are ended too.
 */
export const undoOperation = command({
  name: 'operations.undo',
  scope: 'section',
  allow: 'everyone',
  input: OperationInput.extend({ endEntries: z.boolean().default(false) }),
  run: async ({ tx, actor }, { sectionId, operationId, endEntries }) => {
    await requireMayChange(tx, actor, { sectionId, operationId });
    const root = await rootOf(tx, await findOperation(tx, { sectionId, operationId }));
    const { summary } = await lockOperation(tx, { sectionId, operationId: root });
    const { kind, ids, parent } = await requireUndoable(tx, { sectionId, operationId });
    const countOf = (table: Sql) => sql`
      (select count(*) from ${table} where section_id = ${sectionId} and operation_id = any(${ids}::int[]))`;
    const { total } = await one<{ total: number }>(
      tx,
      sql`
        select ${countOf(sql`tag_change`)} + ${countOf(sql`consent_change`)} + ${countOf(sql`profile_change`)}
          + ${countOf(sql`undone_profile`)} + ${countOf(sql`flow_moved`)} as total`,
    );
    const undoId = await startOperation(tx, kind === 'undo' ? undoKind : redoKind, {
      sectionId,
      summary: `${kind === 'undo' ? 'Undo' : 'Redo'}: ${summary}`,
      input: { endEntries },
      total,
      userId: actorUserId(actor),
      undoOf: parent,
    });
    return { undoId, did: `Started to ${kind}: ${summary}` };
  },
  audit: (input, { did }) => ({ summary: did, subject: `operation:${input.operationId}` }),
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
