// Runs an operation step by step. Each step commits with its progress, so that any process can continue after a crash.
// The row names the running process: once another process has taken over, steps of the former one are refused.
import { isUsableKey } from '@/lib/access/api-key';
import { refuse } from '@/lib/access/refusal';
import { untilDatabaseAnswers } from '@/lib/db/answers';
import { databaseTime } from '@/lib/db/clock';
import type { OperationId, SectionId } from '@/lib/db/ids';
import { pool, RACE_CODES, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, sql, type Tx } from '@/lib/db/sql';
import { refreshStatistics } from '@/lib/db/statistics';
import { recordCrash, recordFailure, type Failure } from './failure';
import { kindNamed, type OperationHandler, type OperationKind, type OperationStep } from './kind';
import { WORK_OPTIONS, type WorkOptions } from './options';
import { absentOf } from './presence';
import type { OperationRow, OperationStatus } from './schema';
import { addOperationJob, jobKey, OPERATION_TASK } from './start';

type RunOptions = {
  /** The name under which this process is present (`Presence`). */
  runner: string;
  /** Aborted on shut-down: the run stops after its current step. */
  signal?: AbortSignal;
  options?: Pick<WorkOptions, 'turnMs' | 'attempts' | 'retryMs'>;
  /** Called with each failure that is not a refusal, for logging. */
  onFailure?: (failure: Failure) => void;
};

type Which = { sectionId: SectionId; id: OperationId; runner: string };

/**
 * Runs an operation until it has ended, is cancelled, is taken over, or yields to others that wait. A failure is
 * recorded with the time of the next attempt, and does not throw.
 */
export async function runOperation(
  kinds: readonly OperationKind[],
  sectionId: SectionId,
  id: OperationId,
  { runner, signal, options = WORK_OPTIONS, onFailure }: RunOptions,
): Promise<void> {
  const which = { sectionId, id, runner };
  let handler: OperationHandler | undefined;
  try {
    const taken = await transaction((tx) => takeOver(tx, which, options));
    if (taken?.failure) onFailure?.(taken.failure);
    if (!taken?.kind) return;
    handler = kindNamed(kinds, taken.kind).open();
    const { step } = handler;
    const turnEnds = Date.now() + options.turnMs;
    let goOn = true;
    while (goOn && !signal?.aborted) {
      goOn = await transaction((tx) => runStep(tx, step, which), RACE_CODES);
      await refreshStatistics();
      if (goOn && Date.now() >= turnEnds && (await othersWait(which))) break;
    }
    if (goOn) await release(which);
  } catch (error) {
    await untilDatabaseAnswers(signal);
    const failure = await recordFailure({ ...which, options, error });
    if (failure) onFailure?.(failure);
  } finally {
    await handler?.close?.();
  }
}

/** Whether another operation's job is due: a long operation then goes to the end of the queue. */
async function othersWait(which: Which): Promise<boolean> {
  const { wait } = await one<{ wait: boolean }>(
    pool(),
    sql`
      select exists (
        select from graphile_worker.jobs
        where task_identifier = ${OPERATION_TASK} and key <> ${jobKey(which)} and locked_at is null
          and attempts < max_attempts and run_at <= clock_timestamp()
      ) as wait`,
  );
  return wait;
}

type LockedRow = OperationRow & { status: OperationStatus; runner: string | null; nextAttemptAt: Date | null };

async function lock(tx: Tx, { sectionId, id }: Which): Promise<LockedRow | undefined> {
  return maybeOne<LockedRow>(
    tx,
    sql`
      select
        section_id as "sectionId", id, kind, status, summary, input, counts, result, total, progress, phase, cursor,
        undo_of as "undoOf", user_id as "userId", api_key_id as "apiKeyId", runner, next_attempt_at as "nextAttemptAt"
      from operation
      where section_id = ${sectionId} and id = ${id}
      for update`,
  );
}

/**
 * Takes the operation for this process. Returns its kind, or undefined if there is nothing to do. If its former process
 * died during the work, that counts as a failed attempt: the step may be what kills processes.
 */
async function takeOver(
  tx: Tx,
  which: Which,
  options: Pick<WorkOptions, 'attempts'>,
): Promise<{ kind?: string; failure?: Failure } | undefined> {
  const operation = await lock(tx, which);
  if (!operation || (operation.status !== 'queued' && operation.status !== 'running')) return undefined;
  const now = await databaseTime(tx);
  if (operation.nextAttemptAt && operation.nextAttemptAt > now) return undefined;
  const other = operation.status === 'running' && operation.runner !== which.runner ? operation.runner : null;
  if (other !== null && (await absentOf(tx, [other])).length === 0) return undefined;
  const failure = other === null ? undefined : await recordCrash(tx, { ...which, options });
  if (failure?.final) return { failure };
  await execute(
    tx,
    sql`
      update operation
      set status = 'running', runner = ${which.runner}, next_attempt_at = null,
        started_at = coalesce(started_at, ${now}::timestamptz)
      where section_id = ${which.sectionId} and id = ${which.id}`,
  );
  return { kind: operation.kind, failure };
}

async function runStep(tx: Tx, step: OperationStep, which: Which): Promise<boolean> {
  const operation = await lock(tx, which);
  if (operation?.status !== 'running' || operation.runner !== which.runner) return false;
  await requireStillAllowed(tx, operation);
  const result = await step(tx, operation);
  const finishedAt = result.done ? await databaseTime(tx) : null;
  await execute(
    tx,
    sql`
      update operation
      set cursor = ${result.cursor}, progress = ${result.progress}, counts = ${JSON.stringify(result.counts)},
          phase = ${result.phase ?? operation.phase},
          result = ${result.result === undefined ? sql`result` : JSON.stringify(result.result)},
          attempts = 0, next_attempt_at = null, last_error = null,
          status = ${result.done ? 'done' : 'running'}, finished_at = ${finishedAt}
      where section_id = ${which.sectionId} and id = ${which.id}`,
  );
  return !result.done;
}

/** Work continues only while the person who started it may work in the section. */
async function requireStillAllowed(tx: Tx, { sectionId, userId, apiKeyId }: OperationRow): Promise<void> {
  if (apiKeyId !== null && !(await isUsableKey(tx, apiKeyId))) {
    refuse('not_allowed', 'The API key that started this has been revoked or has expired. What was done so far stays.');
  }
  if (userId === null) return;
  const user = await maybeOne<{ name: string; allowed: boolean }>(
    tx,
    sql`
      select app_user.name,
        app_user.deactivated_at is null and (
          app_user.all_sections
          or exists (
            select from user_section where user_section.user_id = app_user.id and user_section.section_id = ${sectionId}
          )
        ) as allowed
      from app_user
      where app_user.id = ${userId}`,
  );
  if (user?.allowed) return;
  refuse(
    'not_allowed',
    `${user?.name ?? 'The person who started this'} no longer has access to this section. What was done so far stays.`,
  );
}

/** Returns the operation to the queue, on shut-down or if others wait. */
async function release({ sectionId, id, runner }: Which): Promise<void> {
  await transaction(async (tx) => {
    const released = await execute(
      tx,
      sql`
        update operation set status = 'queued', runner = null
        where section_id = ${sectionId} and id = ${id} and runner = ${runner} and status = 'running'`,
    );
    if (released > 0) await addOperationJob(tx, { sectionId, id });
  });
}
