// Reads of operations.
import type { OperationId, SectionId, UserId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { UNDO_EFFECTS, type OperationStatus } from './schema';

/** The state of an operation. */
export type OperationState = {
  id: OperationId;
  kind: string;
  /** Of an undo or a redo, the kind of the operation that it is about; otherwise its own. */
  rootKind: string;
  status: OperationStatus;
  summary: string;
  counts: Record<string, number>;
  result: unknown;
  total: number | null;
  progress: number;
  phase: number;
  /** Failed attempts since the last successful step. */
  attempts: number;
  undoOf: OperationId | null;
  /** The operation that has undone or is undoing this one, if that is still so; of an undo, its redo. */
  undoneBy: OperationId | null;
  /** The latest undo that has not been redone, also if it changed nothing; of an undo, its latest redo. */
  lastUndo: { status: OperationStatus; counts: Record<string, number> } | null;
  userName: string | null;
  error: string | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
};

/** A condition on an undo or redo: it is done and has changed something. */
export const hadEffect = (row: Sql): Sql => sql`
  (${row}.status = 'done' and exists (
    select from jsonb_each_text(${row}.counts) effect
    where effect.key = any(${UNDO_EFFECTS}::text[]) and effect.value <> '0'
  ))`;

/** A condition on an undo or redo: it is running, or has changed something. A failed or stopped one does not count. */
const undoCounts = (row: Sql): Sql => sql`(${row}.status in ('queued', 'running') or ${hadEffect(row)})`;

/** A condition on an undo: no redo of it runs or has changed something. */
const isNotRedone = (sectionId: SectionId): Sql => sql`
  not exists (
    select from operation redo
    where redo.section_id = ${sectionId} and redo.undo_of = undo.id and ${undoCounts(sql`redo`)}
  )`;

const starterName = sql`coalesce(app_user.name, 'API: ' || api_key.name)`;

/**
 * The operation that has undone another one or is undoing it, unless that was itself undone: of an undo, its redo.
 * `operationId`: a column of the statement.
 */
export const undoneBy = (sectionId: SectionId, operationId: Sql): Sql => sql`(
  select max(undo.id) from operation undo
  where undo.section_id = ${sectionId} and undo.undo_of = ${operationId} and ${undoCounts(sql`undo`)}
    and ${isNotRedone(sectionId)}
)`;

/** `OperationState.lastUndo`. `operationId`: a column of the statement. */
export const lastUndo = (sectionId: SectionId, operationId: Sql): Sql => sql`(
  select json_build_object('status', undo.status, 'counts', undo.counts)
  from operation undo
  where undo.section_id = ${sectionId} and undo.undo_of = ${operationId}
    and undo.status in ('queued', 'running', 'done')
    and ${isNotRedone(sectionId)}
  order by undo.id desc
  limit 1
)`;

/** `OperationState.rootKind`, with the joins that it needs. */
const rootKind = sql`coalesce(root.kind, parent.kind, operation.kind)`;
const joinRoot = (sectionId: SectionId): Sql => sql`
  left join operation parent on parent.section_id = ${sectionId} and parent.id = operation.undo_of
  left join operation root on root.section_id = ${sectionId} and root.id = parent.undo_of`;

const statesIn = (sectionId: SectionId, where: Sql) => sql`
  select operation.id, operation.kind, ${rootKind} as "rootKind", operation.status, operation.summary, operation.counts,
    operation.result,
    operation.total, operation.progress, operation.phase, operation.attempts, operation.undo_of as "undoOf", operation.error,
    operation.created_at as "createdAt", operation.started_at as "startedAt", operation.finished_at as "finishedAt",
    ${starterName} as "userName", ${undoneBy(sectionId, sql`operation.id`)} as "undoneBy",
    ${lastUndo(sectionId, sql`operation.id`)} as "lastUndo"
  from operation
  left join app_user on app_user.id = operation.user_id
  left join api_key on api_key.id = operation.api_key_id
  ${joinRoot(sectionId)}
  where operation.section_id = ${sectionId} and ${where}`;

/** One operation of the section. */
export const readOperation = (db: Db, sectionId: SectionId, id: OperationId): Promise<OperationState | undefined> =>
  maybeOne<OperationState>(db, statesIn(sectionId, sql`operation.id = ${id}`));

/** An operation that runs, or that has ended and whose person has not been told. */
export type OpenOperation = Omit<OperationState, 'result' | 'createdAt' | 'startedAt' | 'lastUndo'> & {
  userId: UserId | null;
};

/**
 * The section's waiting and running operations, and those of the person that have ended without an announcement; newest
 * first, at most `limit`. Browsers ask for this every few seconds: it reads two small partial indexes.
 */
export const readOpenOperations = (
  db: Db,
  { sectionId, userId, limit }: { sectionId: SectionId; userId: UserId; limit: number },
): Promise<OpenOperation[]> =>
  rows<OpenOperation>(
    db,
    sql`
      select operation.id, operation.kind, ${rootKind} as "rootKind", operation.status, operation.summary,
        operation.counts, operation.total, operation.progress, operation.phase, operation.attempts, operation.undo_of as "undoOf", operation.error,
        operation.finished_at as "finishedAt", operation.user_id as "userId", ${starterName} as "userName",
        ${undoneBy(sectionId, sql`operation.id`)} as "undoneBy"
      from operation
      left join app_user on app_user.id = operation.user_id
      left join api_key on api_key.id = operation.api_key_id
      ${joinRoot(sectionId)}
      where operation.section_id = ${sectionId} and (
        operation.status in ('queued', 'running') or (operation.announced_at is null and operation.user_id = ${userId})
      )
      order by operation.id desc
      limit ${limit}`,
  );

/** What to look for. `text`: in the summary, whatever its case. */
export type OperationFilter = { kinds: readonly string[]; userId?: UserId; text?: string };

/** The section's operations that match, newest first; `before`: only those older than this id. */
export function readOperations(
  db: Db,
  sectionId: SectionId,
  { kinds, userId, text = '', before, limit }: OperationFilter & { before?: OperationId; limit: number },
): Promise<OperationState[]> {
  return rows<OperationState>(
    db,
    sql`
      ${statesIn(sectionId, sql`operation.kind = any(${kinds}::text[])`)}
        ${before ? sql`and operation.id < ${before}` : sql``}
        ${userId ? sql`and operation.user_id = ${userId}` : sql``}
        ${text ? sql`and strpos(lower(operation.summary), lower(${text})) > 0` : sql``}
      order by operation.id desc
      limit ${limit}`,
  );
}

/** The people who have started operations in the section, by name. */
export const readStarters = (db: Db, sectionId: SectionId): Promise<{ id: UserId; name: string }[]> =>
  rows(
    db,
    sql`
      select id, name from app_user
      where id in (select user_id from operation where section_id = ${sectionId})
      order by name, id`,
  );
