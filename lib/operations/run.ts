// Runs an operation step by step. Each step commits with its progress, so that any process can go on after a crash; a
// step whose process was thought dead and has been replaced is refused (the runner is written in the row). A step that
// fails is tried again after a pause; after so many failures in a row the operation ends as failed.
import { isUsableKey } from '@/lib/access/api-key';
import { refuse } from '@/lib/access/refusal';
import type { OperationId, SectionId } from '@/lib/db/ids';
import { pool, RACES, transaction } from '@/lib/db/pool';
import { execute, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { refreshStatistics } from '@/lib/db/statistics';
import { noteDeath, noteFailure, type Failure } from './failure';
import { addOperationJob } from './start';
import type { OperationHandler, OperationHandlers, OperationRow, OperationStatus } from './schema';
import { WORK_TIMES, type WorkTimes } from './times';

type RunOptions = {
  /** Names the process; unique to it. */
  runner: string;
  /** Aborted on shut-down: the run stops after the step that it is in. */
  signal?: AbortSignal;
  times?: WorkTimes;
  /** Hears of each failure that is not a refusal, for the log. */
  onFailure?: (failure: Failure) => void;
};

type LockedRow = OperationRow & { status: OperationStatus; runner: string | null; fresh: boolean; early: boolean };

/**
 * Runs an operation to its end, or until it is cancelled, taken over, it fails or the signal is aborted. A failure is written
 * down with the moment of the next attempt, and does not throw.
 */
export async function runOperation(
  handlers: OperationHandlers,
  sectionId: SectionId,
  id: OperationId,
  { runner, signal, times = WORK_TIMES, onFailure }: RunOptions,
): Promise<void> {
  let handler: OperationHandler | undefined;
  let alive: NodeJS.Timeout | undefined;
  try {
    const taken = await transaction((tx) => takeOver(tx, sectionId, id, runner, times));
    if (taken?.failure) onFailure?.(taken.failure);
    if (!taken?.kind) return;
    alive = setInterval(() => void beat(sectionId, id, runner).catch(() => undefined), times.staleMs / 3);
    handler = handlers[taken.kind]();
    const { step } = handler;
    const turnEnds = Date.now() + times.turnMs;
    let goOn = true;
    while (goOn && !signal?.aborted) {
      goOn = await transaction((tx) => runStep(tx, step, sectionId, id, runner), RACES);
      await refreshStatistics();
      if (goOn && Date.now() > turnEnds && (await othersWait(id))) break;
    }
    if (goOn) await release(sectionId, id, runner);
  } catch (error) {
    const failure = await noteFailure({ sectionId, id, runner, times, error });
    if (failure) onFailure?.(failure);
  } finally {
    clearInterval(alive);
    await handler?.close?.();
  }
}

/** Tells the others that this process goes on with the operation. In a step its row is locked, which tells them too. */
async function beat(sectionId: SectionId, id: OperationId, runner: string): Promise<void> {
  await execute(
    pool(),
    sql`
      update operation set heartbeat = clock_timestamp()
      where section_id = ${sectionId} and id in (
        select id from operation
        where section_id = ${sectionId} and id = ${id} and runner = ${runner} and status = 'running'
        for no key update skip locked
      )`,
  );
}

/** Whether an operation has not had its turn: then a long one goes to the end of the queue. */
async function othersWait(id: OperationId): Promise<boolean> {
  const waiting = await maybeOne(pool(), sql`select from operation where status = 'queued' and id <> ${id} limit 1`);
  return waiting !== undefined;
}

/**
 * Asks for every operation that nobody works on (its process died, or its job was lost) to be gone on with. One that waits for its
 * turn, or for its next attempt, has a job already and is left alone.
 */
export async function recoverOperations({ staleMs }: WorkTimes = WORK_TIMES): Promise<number> {
  return transaction(async (tx) => {
    const stale = await rows<{ sectionId: SectionId; id: OperationId }>(
      tx,
      sql`
        select section_id as "sectionId", id
        from operation
        where status in ('queued', 'running')
          and coalesce(heartbeat, created_at) < now() - make_interval(secs => ${staleMs / 1_000})
          and coalesce(next_attempt_at, '-infinity') <= now()
          and not exists (
            select from graphile_worker.jobs job
            where job.key = 'operation:' || operation.section_id || ':' || operation.id
              and job.locked_at is null and job.attempts < job.max_attempts
          )
        for update of operation skip locked`,
    );
    for (const operation of stale) await addOperationJob(tx, operation.sectionId, operation.id);
    return stale.length;
  });
}

async function lock(tx: Tx, sectionId: SectionId, id: OperationId, staleMs: number): Promise<LockedRow | undefined> {
  return maybeOne<LockedRow>(
    tx,
    sql`
      select
        section_id as "sectionId", id, kind, status, summary, input, counts, result, total, progress, phase, cursor,
        undo_of as "undoOf", user_id as "userId", api_key_id as "apiKeyId", runner,
        coalesce(heartbeat > now() - make_interval(secs => ${staleMs / 1_000}), false) as fresh,
        coalesce(next_attempt_at > now(), false) as early
      from operation
      where section_id = ${sectionId} and id = ${id}
      for update`,
  );
}

/**
 * Takes the operation for this process. Returns its kind, or undefined where there is nothing to do. One whose process has died in
 * the middle counts that as a failed attempt: it may be the step that ends processes.
 */
async function takeOver(
  tx: Tx,
  sectionId: SectionId,
  id: OperationId,
  runner: string,
  times: WorkTimes,
): Promise<{ kind?: OperationRow['kind']; failure?: Failure } | undefined> {
  const operation = await lock(tx, sectionId, id, times.staleMs);
  if (!operation || (operation.status !== 'queued' && operation.status !== 'running')) return undefined;
  if (operation.early) return undefined;
  const died = operation.status === 'running' && operation.runner !== null && operation.runner !== runner;
  if (died && operation.fresh) return undefined;
  const failure = died ? await noteDeath(tx, { sectionId, id, times }) : undefined;
  if (failure?.final) return { failure };
  await execute(
    tx,
    sql`
      update operation
      set status = 'running', runner = ${runner}, heartbeat = now(), next_attempt_at = null,
        started_at = coalesce(started_at, ${new Date()}::timestamptz)
      where section_id = ${sectionId} and id = ${id}`,
  );
  return { kind: operation.kind, failure };
}

async function runStep(
  tx: Tx,
  step: OperationHandler['step'],
  sectionId: SectionId,
  id: OperationId,
  runner: string,
): Promise<boolean> {
  const operation = await lock(tx, sectionId, id, 0);
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
          attempts = 0, next_attempt_at = null, last_error = null,
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
