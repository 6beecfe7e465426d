// Starts long work: the operation's row and the worker's job appear together or not at all.
import type { ApiKeyId, OperationId, SectionId, UserId } from '@/lib/db/ids';
import { one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import type { OperationKind } from './schema';

type NewOperation = {
  sectionId: SectionId;
  kind: OperationKind;
  /** For a person: 'Apply “VIP” to 1,200 profiles'. */
  summary: string;
  /** What the kind's step needs, as JSON. */
  input: unknown;
  /** How many items `progress` will count up to, where that is known. */
  total: number | null;
  userId: UserId | null;
  apiKeyId?: ApiKeyId | null;
  undoOf?: OperationId;
};

/** Adds the operation and its job, in the caller's transaction. A worker begins once that is committed. */
export async function startOperation(tx: Tx, operation: NewOperation): Promise<OperationId> {
  const { id } = await one<{ id: OperationId }>(
    tx,
    sql`
      insert into operation (section_id, kind, summary, input, total, user_id, api_key_id, undo_of)
      values (${operation.sectionId}, ${operation.kind}, ${operation.summary}, ${JSON.stringify(operation.input)},
              ${operation.total}, ${operation.userId}, ${operation.apiKeyId ?? null}, ${operation.undoOf ?? null})
      returning id`,
  );
  await addOperationJob(tx, operation.sectionId, id);
  return id;
}

/**
 * Asks the workers to go on with an operation, after so many milliseconds at the earliest. The job is only a reminder: attempts are
 * counted in the operation's row, and a job that finds nothing to do ends.
 */
export async function addOperationJob(
  db: Db,
  sectionId: SectionId,
  operationId: OperationId,
  waitMs = 0,
): Promise<void> {
  await rows(
    db,
    sql`
      select graphile_worker.add_job(
        'run_operation',
        json_build_object('sectionId', ${sectionId}::int, 'operationId', ${operationId}::int),
        job_key := ${`operation:${sectionId}:${operationId}`},
        run_at := clock_timestamp() + make_interval(secs => ${waitMs / 1_000}),
        max_attempts := 6
      )`,
  );
}
