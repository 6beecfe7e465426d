// Starts an operation: its row and the worker's job are created together or not at all.
import type { ApiKeyId, OperationId, SectionId, UserId } from '@/lib/db/ids';
import { execute, one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import type { OperationKind } from './kind';

type NewOperation<Input> = {
  sectionId: SectionId;
  /** For a person: 'Apply “VIP” to 1,200 profiles'. */
  summary: string;
  input: Input;
  /** The expected final value of `progress`, if known. */
  total: number | null;
  userId: UserId | null;
  apiKeyId?: ApiKeyId | null;
  undoOf?: OperationId;
};

/** Adds an operation and its job in the caller's transaction. A worker starts it after the commit. */
export async function startOperation<Input>(
  tx: Tx,
  kind: OperationKind<Input>,
  operation: NewOperation<Input>,
): Promise<OperationId> {
  const { id } = await one<{ id: OperationId }>(
    tx,
    sql`
      insert into operation (section_id, kind, summary, input, total, user_id, api_key_id, undo_of)
      values (${operation.sectionId}, ${kind.kind}, ${operation.summary}, ${kind.toJson(operation.input)},
              ${operation.total}, ${operation.userId}, ${operation.apiKeyId ?? null}, ${operation.undoOf ?? null})
      returning id`,
  );
  await addOperationJob(tx, { sectionId: operation.sectionId, id });
  return id;
}

/**
 * Puts an ended operation back into the queue: it continues after its last successful step. `by`: who wants that, if not those who
 * started it. The caller has locked it.
 */
export async function requeueOperation(
  tx: Tx,
  operation: { sectionId: SectionId; id: OperationId },
  by?: { userId: UserId | null; apiKeyId: ApiKeyId | null },
): Promise<void> {
  const { sectionId, id } = operation;
  await execute(
    tx,
    sql`
      update operation
      set status = 'queued', attempts = 0, next_attempt_at = null, last_error = null, error = null, finished_at = null,
        runner = null, announced_at = null ${by === undefined ? sql`` : sql`, user_id = ${by.userId}, api_key_id = ${by.apiKeyId}`}
      where section_id = ${sectionId} and id = ${id}`,
  );
  await addOperationJob(tx, operation);
}

/** The task that runs operations, in the lane `work`. */
export const OPERATION_TASK = 'run_operation';

/** The key of an operation's job: at most one job is waiting. */
export const jobKey = ({ sectionId, id }: { sectionId: SectionId; id: OperationId }) => `operation:${sectionId}:${id}`;

/**
 * Asks the workers to continue an operation, at `runAt` or now. A job is only a reminder: attempts are counted in the
 * operation's row, and a job that finds nothing to do just ends.
 */
export async function addOperationJob(
  db: Db,
  operation: { sectionId: SectionId; id: OperationId },
  runAt?: Date,
): Promise<void> {
  await rows(
    db,
    sql`
      select graphile_worker.add_job(
        ${OPERATION_TASK},
        json_build_object('sectionId', ${operation.sectionId}::int, 'operationId', ${operation.id}::int),
        job_key := ${jobKey(operation)},
        run_at := ${runAt ?? null}::timestamptz,
        max_attempts := 6
      )`,
  );
}
