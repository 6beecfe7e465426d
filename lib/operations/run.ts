// Runs an operation step by step. Each step commits with its progress, so that any process can go on after a crash; a
// step whose process was thought dead and has been replaced is refused (the runner is written in the row).
import { isUsableKey } from '@/lib/access/api-key';
import { Refusal, refuse } from '@/lib/access/refusal';
import type { OperationId, SectionId } from '@/lib/db/ids';
import { pool, RACES, transaction } from '@/lib/db/pool';
import { execute, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { refreshStatistics } from '@/lib/db/statistics';
import { addOperationJob } from './start';
import type { OperationHandler, OperationHandlers, OperationRow, OperationStatus } from './schema';

/** A running operation whose last step is older than this is taken over. Seconds. */
const STALE_SECONDS = 15;

/** How long a process works on one operation while others wait. Milliseconds. */
const TURN_MS = 5_000;

type RunOptions = {
  /** Names the process; unique to it. */
  runner: string;
  /** Aborted on shut-down: the run stops after the step that it is in. */
  signal?: AbortSignal;
  /** Whether a failure is final: then the operation is marked as failed. */
  lastAttempt?: boolean;
};

type LockedRow = OperationRow & { status: OperationStatus; runner: string | null; fresh: boolean };

/** Runs an operation to its end, or until it is cancelled, taken over or the signal is aborted. */
export async function runOperation(
  handlers: OperationHandlers,
  sectionId: SectionId,
  id: OperationId,
  options: RunOptions,
): Promise<void> {
  let handler: OperationHandler | undefined;
  try {
    const kind = await transaction((tx) => takeOver(tx, sectionId, id, options.runner));
    if (!kind) return;
    handler = handlers[kind]();
    const { step } = handler;
    const turnEnds = Date.now() + TURN_MS;
    let goOn = true;
    while (goOn && !options.signal?.aborted) {
      goOn = await transaction((tx) => runStep(tx, step, sectionId, id, options.runner), RACES);
      await refreshStatistics();
      if (goOn && Date.now() > turnEnds && (await othersWait(id))) break;
    }
    if (goOn) await release(sectionId, id, options.runner);
  } catch (error) {
    if (error instanceof Refusal) return markFailed(sectionId, id, options.runner, error.message);
    if (options.lastAttempt) {
      await markFailed(sectionId, id, options.runner, 'Something went wrong on our side. The log has the details.');
    }
    throw error;
  } finally {
    await handler?.close?.();
  }
}

/** Whether an operation has not had its turn: then a long one goes to the end of the queue. */
async function othersWait(id: OperationId): Promise<boolean> {
  const waiting = await maybeOne(pool(), sql`select from operation where status = 'queued' and id <> ${id} limit 1`);
  return waiting !== undefined;
}

/** Asks for every operation that nobody works on (its process died, or its job was lost) to be gone on with. */
export async function recoverOperations(): Promise<number> {
  return transaction(async (tx) => {
    const stale = await rows<{ sectionId: SectionId; id: OperationId }>(
      tx,
      sql`
        select section_id as "sectionId", id
        from operation
        where status in ('queued', 'running')
          and coalesce(heartbeat, created_at) < now() - make_interval(secs => ${STALE_SECONDS})
        for update skip locked`,
    );
    for (const operation of stale) await addOperationJob(tx, operation.sectionId, operation.id);
    return stale.length;
  });
}

async function lock(tx: Tx, sectionId: SectionId, id: OperationId): Promise<LockedRow | undefined> {
  return maybeOne<LockedRow>(
    tx,
    sql`
      select
        section_id as "sectionId", id, kind, status, summary, input, counts, result, total, progress, phase, cursor,
        undo_of as "undoOf", user_id as "userId", api_key_id as "apiKeyId", runner,
        coalesce(heartbeat > now() - make_interval(secs => ${STALE_SECONDS}), false) as fresh
      from operation
      where section_id = ${sectionId} and id = ${id}
      for update`,
  );
}

/** Takes the operation for this process. Returns its kind, or undefined where there is nothing to do. */
async function takeOver(tx: Tx, sectionId: SectionId, id: OperationId, runner: string) {
  const operation = await lock(tx, sectionId, id);
  if (!operation || (operation.status !== 'queued' && operation.status !== 'running')) return undefined;
  const othersWork = operation.status === 'running' && operation.fresh && operation.runner !== null;
  if (othersWork && operation.runner !== runner) return undefined;
  await execute(
    tx,
    sql`
      update operation
      set status = 'running', runner = ${runner}, heartbeat = now(), started_at = coalesce(started_at, now())
      where section_id = ${sectionId} and id = ${id}`,
  );
  return operation.kind;
}

async function runStep(
  tx: Tx,
  step: OperationHandler['step'],
  sectionId: SectionId,
  id: OperationId,
  runner: string,
): Promise<boolean> {
  const operation = await lock(tx, sectionId, id);
  if (operation?.status !== 'running' || operation.runner !== runner) return false;
  await requireStillAllowed(tx, operation);
  const result = await step(tx, operation);
  await execute(
    tx,
    sql`
      update operation
      set cursor = ${result.cursor}, progress = ${result.progress}, counts = ${JSON.stringify(result.counts)},
          phase = ${result.phase ?? operation.phase},
          result = ${result.result === undefined ? sql`result` : JSON.stringify(result.result)}, heartbeat = clock_timestamp(),
          status = ${result.done ? 'done' : 'running'},
          finished_at = ${result.done ? sql`clock_timestamp()` : sql`null`}
      where section_id = ${sectionId} and id = ${id}`,
  );
  return !result.done;
}

/** Work that somebody started goes on only while they may work in the section. */
async function requireStillAllowed(tx: Tx, { sectionId, userId, apiKeyId }: OperationRow): Promise<void> {
  if (apiKeyId !== null && !(await isUsableKey(tx, apiKeyId))) {
    refuse('not_allowed', 'The API key that started this has been revoked or has ended. What was done stays.');
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
    `${user?.name ?? 'Whoever started this'} no longer has access to this section. What was done until then stays, and can be undone.`,
  );
}

/** On shut-down, or when others wait: gives the operation back, so that the next process need not wait until it counts as stale. */
async function release(sectionId: SectionId, id: OperationId, runner: string): Promise<void> {
  const released = await execute(
    pool(),
    sql`
      update operation set status = 'queued', runner = null, heartbeat = null
      where section_id = ${sectionId} and id = ${id} and runner = ${runner} and status = 'running'`,
  );
  if (released > 0) await addOperationJob(pool(), sectionId, id);
}

async function markFailed(sectionId: SectionId, id: OperationId, runner: string, message: string): Promise<void> {
  await execute(
    pool(),
    sql`
      update operation set status = 'failed', error = ${message}, finished_at = now()
      where section_id = ${sectionId} and id = ${id} and status in ('queued', 'running') and runner = ${runner}`,
  );
}
