// Handles a failed step: the operation is retried after a pause, and ends as failed after too many attempts. The
// attempts are counted in its row, because the queue resets those of a job that is added again.
import { Refusal } from '@/lib/access/refusal';
import { databaseTime } from '@/lib/db/clock';
import type { OperationId, SectionId } from '@/lib/db/ids';
import { transaction } from '@/lib/db/pool';
import { execute, maybeOne, sql, type Tx } from '@/lib/db/sql';
import type { WorkOptions } from './options';
import { addOperationJob } from './start';

type Patience = Pick<WorkOptions, 'attempts' | 'retryMs'>;

/** A failed attempt. `final`: the operation has ended as failed. */
export type Failure = { operationId: OperationId; attempt: number; of: number; final: boolean; error: unknown };

type Attempt = { sectionId: SectionId; id: OperationId; runner: string; options: Patience; error: unknown };

/**
 * Records that a step of this runner failed. A refusal ends the operation at once, with the refusal's message. Returns
 * undefined if it does not count as a failed attempt: the operation has ended or was taken over, or it was refused.
 */
export function recordFailure({ sectionId, id, runner, options, error }: Attempt): Promise<Failure | undefined> {
  return transaction(async (tx) => {
    const operation = await maybeOne<{ attempts: number }>(
      tx,
      sql`
        select attempts from operation
        where section_id = ${sectionId} and id = ${id} and runner = ${runner} and status = 'running'
        for update`,
    );
    if (!operation) return undefined;
    if (error instanceof Refusal) {
      await end(tx, { sectionId, id }, error.message);
      return undefined;
    }
    return fail(tx, { sectionId, id, options, error, attempt: operation.attempts + 1 });
  });
}

const DIED = 'The process that was working on it ended unexpectedly.';

/** Counts the death of a process as a failed attempt, in the caller's transaction, which has locked the operation. */
export async function recordCrash(
  tx: Tx,
  { sectionId, id, options }: { sectionId: SectionId; id: OperationId; options: Pick<Patience, 'attempts'> },
): Promise<Failure> {
  const operation = await maybeOne<{ attempts: number }>(
    tx,
    sql`
      update operation set attempts = attempts + 1, last_error = ${DIED}
      where section_id = ${sectionId} and id = ${id}
      returning attempts`,
  );
  const attempt = operation?.attempts ?? options.attempts;
  const final = attempt >= options.attempts;
  if (final) {
    const message = `The process that was working on this ended unexpectedly, ${attempt} times. ${WHAT_NOW}`;
    await end(tx, { sectionId, id }, message);
  }
  return { operationId: id, attempt, of: options.attempts, final, error: new Error(DIED) };
}

async function fail(
  tx: Tx,
  { sectionId, id, options, error, attempt }: Omit<Attempt, 'runner'> & { attempt: number },
): Promise<Failure> {
  const final = attempt >= options.attempts;
  const now = await databaseTime(tx);
  const next = new Date(now.getTime() + options.retryMs * 2 ** (attempt - 1));
  await execute(
    tx,
    sql`
      update operation
      set attempts = ${attempt}, last_error = ${String(error).slice(0, 2_000)}, status = 'queued', runner = null,
        next_attempt_at = ${next}
      where section_id = ${sectionId} and id = ${id}`,
  );
  if (final) await end(tx, { sectionId, id }, reasonOf(error, attempt));
  else await addOperationJob(tx, { sectionId, id }, next);
  return { operationId: id, attempt, of: options.attempts, final, error };
}

async function end(tx: Tx, { sectionId, id }: { sectionId: SectionId; id: OperationId }, message: string) {
  await execute(
    tx,
    sql`
      update operation
      set status = 'failed', error = ${message}, finished_at = ${await databaseTime(tx)}, next_attempt_at = null
      where section_id = ${sectionId} and id = ${id}`,
  );
}

const WHAT_NOW =
  'What was done so far stays. Try it again; if it stops again, tell the person who runs this server: the log has the details.';

/** PostgreSQL's error classes, in words for a person. */
const CAUSES: [code: RegExp, cause: string][] = [
  [/^53100$/, 'The disk of the server is full.'],
  [/^53/, 'The database has too little memory or too few connections.'],
  [/^(57014|55P03)$/, 'The database took too long.'],
  [/^(40|23)/, 'Other changes to the same profiles got in the way each time.'],
  [/^(08|57P|ECONN|EPIPE|ETIMEDOUT)/, 'The database could not be reached.'],
];

/** Why the operation stopped, for a person. */
function reasonOf(error: unknown, attempts: number): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const cause = CAUSES.find(([codes]) => codes.test(code))?.[1] ?? 'Something went wrong on our side.';
  return `${cause} It was tried ${attempts} times. ${WHAT_NOW}`;
}
