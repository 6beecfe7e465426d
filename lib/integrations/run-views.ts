// What pages show of the runs of connections, and of the lists in them.
import type { ConnectionId, ConnectionListId, OperationId, SectionId, SyncRunId } from '@/lib/db/ids';
import { maybeOne, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import type { TagLabel } from '@/lib/tags/schema';
import { hasWords, wordsOf } from './list-views';
import { BEGIN, CHANGE_STATES, END } from './outcome';
import { personOrKey } from './person-or-key';
import { IN_GROUP, type ChangeGroup } from './run-people';
import {
  ListCountsSchema,
  type HoldKind,
  type ListCounts,
  type RunFilter,
  type RunListFilter,
  type SyncListStatus,
  type SyncStatus,
} from './schema';

/** Profiles by what becomes of them in a run, also after answers to held removals. */
export type ChangeCounts = Record<ChangeGroup, number>;

const NO_CHANGES: ChangeCounts = { adds: 0, removes: 0, joins: 0, leaves: 0, left: 0, refused: 0 };

const changeCounts = sql`
  count(*) filter (where ${IN_GROUP.adds}) as adds, count(*) filter (where ${IN_GROUP.removes}) as removes,
  count(*) filter (where ${IN_GROUP.joins}) as joins, count(*) filter (where ${IN_GROUP.leaves}) as leaves,
  count(*) filter (where ${IN_GROUP.left}) as "left", count(*) filter (where ${IN_GROUP.refused}) as refused`;

/** What a run has done to tags so far: on how many profiles it applied and took off one, and how many removals wait for an answer. */
export type DoneCounts = { tagged: number; untagged: number; waiting: number };

const NOTHING_DONE: DoneCounts = { tagged: 0, untagged: 0, waiting: 0 };

const doneCounts = sql`
  count(*) filter (where change.action = ${BEGIN} and change.moves and change.state = ${CHANGE_STATES.applied}) as tagged,
  count(*) filter (where change.action = ${END} and change.moves and change.state = ${CHANGE_STATES.applied}) as untagged,
  count(*) filter (where change.action = ${END} and change.state = ${CHANGE_STATES.held}) as waiting`;

/**
 * A run by its own row, which costs little to ask again. `waitedSeconds`: how long it waited for a person. `changedAnything`: it has changed
 * tags or profiles; `made`: what its operation has done so far, of a dry run nothing. `counts`: as compared. `error`: of its read or of its operation. Times are ISO 8601.
 */
export type RunHead = {
  id: SyncRunId;
  connectionId: ConnectionId;
  dry: boolean;
  status: SyncStatus;
  cause: string;
  /** The person, or 'API key “Name”'; null: the schedule or the CRM. */
  startedBy: string | null;
  createdAt: string;
  finishedAt: string | null;
  waitedSeconds: number;
  changedAnything: boolean;
  made: MadeCounts;
  counts: ListCounts;
  calls: number;
  error: string | null;
  operationId: OperationId | null;
  undone: boolean;
};

/** What a run has really changed: tags applied and removed, profiles created and updated. */
export type MadeCounts = Record<(typeof MADE)[number], number>;
const MADE = ['applied', 'removed', 'created', 'updated'] as const;

/**
 * A run with what is counted from its changes and lists. `changes`: as things are now; `failedLists`: could not be read; `frozenLists`: the
 * CRM does not keep them now.
 */
export type RunView = RunHead & { changes: ChangeCounts; done: DoneCounts; failedLists: number; frozenLists: number };

type RunRow = Omit<RunHead, 'createdAt' | 'finishedAt' | 'counts' | 'made'> & {
  createdAt: Date;
  finishedAt: Date | null;
  counts: unknown;
  made: Record<string, number> | null;
};

const CHANGED_ANYTHING = sql`
  not run.dry and exists (
    select from jsonb_each(operation.counts) count
    where count.key = any(${MADE}::text[]) and count.value <> '0'
  )`;

/** A run whose operation failed or was stopped has ended like it. */
const runs = (sectionId: SectionId): Sql => sql`
  select run.id, run.connection_id as "connectionId", run.dry, run.cause, ${personOrKey(sql`starter`, sql`key`)} as "startedBy",
    run.created_at as "createdAt", run.finished_at as "finishedAt", run.waited_seconds as "waitedSeconds", ${CHANGED_ANYTHING} as "changedAnything",
    run.counts, run.calls, case when not run.dry then operation.counts end as made,
    coalesce(run.error, operation.error) as error, run.operation_id as "operationId",
    case
      when run.status in ('comparing', 'applying', 'superseded') and operation.status in ('failed', 'cancelled')
      then operation.status::text
      else run.status::text
    end as status,
    exists (
      select from operation undo
      where undo.section_id = ${sectionId} and undo.undo_of = run.operation_id
        and undo.status in ('queued', 'running', 'done')
    ) as undone
  from sync_run run
  left join operation on operation.section_id = ${sectionId} and operation.id = run.operation_id
  left join app_user starter on starter.id = run.started_by
  left join api_key key on key.id = run.started_by_key
  where run.section_id = ${sectionId}`;

const headOf = ({ createdAt, finishedAt, counts, made, ...run }: RunRow): RunHead => ({
  ...run,
  made: Object.fromEntries(MADE.map((what) => [what, made?.[what] ?? 0])) as MadeCounts,
  createdAt: createdAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
  counts: ListCountsSchema.parse(counts),
});

/** Rows as views, with the changes of each run. */
async function runViews(db: Db, sectionId: SectionId, found: readonly RunRow[]): Promise<RunView[]> {
  const counted = await rows<ChangeCounts & DoneCounts & { runId: SyncRunId }>(
    db,
    sql`
      select change.run_id as "runId", ${changeCounts}, ${doneCounts} from sync_change change
      where change.section_id = ${sectionId} and change.run_id = any(${found.map(({ id }) => id)}::int[])
      group by change.run_id`,
  );
  const changesOf = new Map(
    counted.map(({ runId, tagged, untagged, waiting, ...changes }) => [
      runId,
      { changes, done: { tagged, untagged, waiting } },
    ]),
  );
  const unread = await rows<{ runId: SyncRunId; failedLists: number; frozenLists: number }>(
    db,
    sql`
      select run_id as "runId", count(*) filter (where status = 'failed') as "failedLists",
        count(*) filter (where status = 'frozen') as "frozenLists"
      from sync_run_list
      where section_id = ${sectionId} and run_id = any(${found.map(({ id }) => id)}::int[])
        and status in ('failed', 'frozen')
      group by run_id`,
  );
  const unreadOf = new Map(unread.map(({ runId, ...lists }) => [runId, lists]));
  return found.map((run) => ({
    ...headOf(run),
    ...(changesOf.get(run.id) ?? { changes: NO_CHANGES, done: NOTHING_DONE }),
    ...(unreadOf.get(run.id) ?? { failedLists: 0, frozenLists: 0 }),
  }));
}

/** Whether a run is one of a filter. */
const isShown = (sectionId: SectionId, show: RunFilter): Sql =>
  ({
    all: sql`true`,
    folded: sql`not run.quiet`,
    failed: sql`
      (run.status = 'failed'
        or (run.status in ('comparing', 'applying', 'superseded') and operation.status = 'failed'))`,
    held: sql`exists (
      select from sync_run_list item
      where item.section_id = ${sectionId} and item.run_id = run.id and item.hold is not null
    )`,
    changed: sql`not run.quiet and ${CHANGED_ANYTHING}`,
  })[show];

/** Runs of a connection, newest first; `before`: only those older than this one. */
export async function listRuns(
  db: Db,
  sectionId: SectionId,
  connectionId: ConnectionId,
  { before, limit, show = 'all' }: { before?: SyncRunId; limit: number; show?: RunFilter },
): Promise<RunView[]> {
  const found = await rows<RunRow>(
    db,
    sql`
      ${runs(sectionId)} and run.connection_id = ${connectionId} and ${isShown(sectionId, show)}
        ${before === undefined ? sql`` : sql`and run.id < ${before}`}
      order by run.id desc
      limit ${limit}`,
  );
  return runViews(db, sectionId, found);
}

/** Runs of a connection that are under way, or wait for somebody; newest first. */
export async function openRuns(db: Db, sectionId: SectionId, connectionId: ConnectionId): Promise<RunHead[]> {
  const found = await rows<RunRow>(
    db,
    sql`
      ${runs(sectionId)} and run.connection_id = ${connectionId}
        and run.status in ('reading', 'comparing', 'applying', 'held', 'planned')
      order by run.id desc
      limit 5`,
  );
  return found.map(headOf);
}

/** A run for a page that asks again and again. */
export async function getRunHead(db: Db, sectionId: SectionId, id: SyncRunId): Promise<RunHead | undefined> {
  const [run] = await rows<RunRow>(db, sql`${runs(sectionId)} and run.id = ${id}`);
  return run && headOf(run);
}

export async function getRun(db: Db, sectionId: SectionId, id: SyncRunId): Promise<RunView | undefined> {
  const found = await rows<RunRow>(db, sql`${runs(sectionId)} and run.id = ${id}`);
  const [run] = await runViews(db, sectionId, found);
  return run;
}

/** Runs by their ids, in any order. */
export async function runsById(db: Db, sectionId: SectionId, ids: readonly SyncRunId[]): Promise<RunView[]> {
  return runViews(db, sectionId, await rows<RunRow>(db, sql`${runs(sectionId)} and run.id = any(${ids}::int[])`));
}

/** A list in a run. `reason`: why it failed, is frozen or held. */
export type RunListView = {
  listId: ConnectionListId;
  name: string;
  status: SyncListStatus;
  reason: string | null;
  /** Its contacts have been compared with the profiles here: before that, `counts` says only how many were read. */
  compared: boolean;
  hold: HoldKind | null;
  /** The answer to its held removals, by whom and when (ISO 8601); null if nobody has answered. */
  takenOff: boolean | null;
  answeredBy: string | null;
  answeredAt: string | null;
  counts: ListCounts;
  changes: ChangeCounts;
  tag: TagLabel;
};

/**
 * How far a run has come. `read`: lists that it has come to; `current`: the list that is being read, with its members so far; `waiting`:
 * removals that wait for an answer, or will.
 */
export type RunProgress = {
  lists: number;
  read: number;
  current: { name: string; seen: number; declared: number } | null;
  waiting: number;
};

export function progressOfRun(db: Db, sectionId: SectionId, runId: SyncRunId): Promise<RunProgress> {
  return one<RunProgress>(
    db,
    sql`
      select count(*) as lists, count(*) filter (where item.status <> 'waiting') as read, (
          select json_build_object(
            'name', item.name, 'seen', (item.counts ->> 'seen')::int,
            'declared', coalesce((item.counts ->> 'declared')::int, 0)
          )
          from sync_run_list item
          where item.section_id = ${sectionId} and item.run_id = ${runId} and item.status = 'waiting'
            and (item.counts ->> 'seen')::int > 0
          order by item.list_id
          limit 1
        ) as current,
        coalesce(sum((item.counts ->> 'removes')::int) filter (where item.status = 'held' and item.answered_at is null), 0)::int as waiting
      from sync_run_list item
      where item.section_id = ${sectionId} and item.run_id = ${runId}`,
  );
}

/** A run that is under way. */
export type RunningSync = Pick<RunHead, 'id' | 'dry' | 'status'> & { progress: RunProgress };

/** The run of a connection that is under way, or null. */
export async function runningSync(
  db: Db,
  sectionId: SectionId,
  connectionId: ConnectionId,
): Promise<RunningSync | null> {
  const run = await maybeOne<Omit<RunningSync, 'progress'>>(
    db,
    sql`
      select run.id, run.dry, run.status
      from sync_run run
      left join operation on operation.section_id = ${sectionId} and operation.id = run.operation_id
      where run.section_id = ${sectionId} and run.connection_id = ${connectionId}
        and run.status in ('reading', 'comparing', 'applying')
        and (run.status = 'reading' or operation.status is null or operation.status not in ('failed', 'cancelled'))
      order by run.id desc
      limit 1`,
  );
  return run ? { ...run, progress: await progressOfRun(db, sectionId, run.id) } : null;
}

/** Which lists of a run are asked for. `search`: words of the name or the tag. By default all of them. */
export type RunListPage = { search?: string; show?: RunListFilter; offset?: number; limit?: number };

const isListShown: Record<RunListFilter, Sql> = {
  all: sql`true`,
  asks: sql`(item.status = 'held' and item.answered_at is null)`,
  changes: sql`
    exists (
      select from jsonb_each(item.counts) count
      where count.key in ('adds', 'removes', 'joins', 'leaves', 'create') and count.value <> '0'
    )`,
  problems: sql`item.status in ('failed', 'frozen')`,
};

/** Lists of a run, those that wait for an answer first, then those that failed, by name; and how many there are on all pages. */
export async function listsOfRun(
  db: Db,
  sectionId: SectionId,
  runId: SyncRunId,
  { search, show = 'all', offset = 0, limit }: RunListPage = {},
): Promise<{ lists: RunListView[]; total: number }> {
  const asked = sql`
    from sync_run_list item
    join connection_list list on list.section_id = ${sectionId} and list.id = item.list_id
    join tag on tag.section_id = ${sectionId} and tag.id = list.tag_id
    left join app_user person on person.id = item.answered_by
    left join api_key key on key.id = item.answered_by_key
    where item.section_id = ${sectionId} and item.run_id = ${runId}
      and ${isListShown[show]} and ${hasWords(sql`item.name || ' ' || tag.name`, wordsOf(search))}`;
  const found = await rows<
    Omit<RunListView, 'counts' | 'changes' | 'answeredAt'> & { counts: unknown; answeredAt: Date | null }
  >(
    db,
    sql`
      select item.list_id as "listId", item.name, item.status, item.reason, item.counts, item.hold,
        item.counts ? 'had' as compared,
        item.taken_off as "takenOff", ${personOrKey(sql`person`, sql`key`)} as "answeredBy", item.answered_at as "answeredAt",
        json_build_object('id', tag.id, 'name', tag.name, 'colour', tag.colour) as tag
      ${asked}
      order by item.status = 'held' desc, item.status = 'failed' desc, lower(item.name), item.list_id
      ${limit === undefined ? sql`` : sql`limit ${limit} offset ${offset}`}`,
  );
  const isAll = limit === undefined || (offset === 0 && found.length < limit);
  const { total } = isAll
    ? { total: found.length }
    : await one<{ total: number }>(db, sql`select count(*) as total ${asked}`);
  const counted = await rows<ChangeCounts & { listId: ConnectionListId }>(
    db,
    sql`
      select change.list_id as "listId", ${changeCounts} from sync_change change
      where change.section_id = ${sectionId} and change.run_id = ${runId}
        and change.list_id = any(${found.map(({ listId }) => listId)}::int[])
      group by change.list_id`,
  );
  const changesOf = new Map(counted.map(({ listId, ...changes }) => [listId, changes]));
  return {
    lists: found.map((item) => ({
      ...item,
      answeredAt: item.answeredAt?.toISOString() ?? null,
      counts: ListCountsSchema.parse(item.counts),
      changes: changesOf.get(item.listId) ?? NO_CHANGES,
    })),
    total,
  };
}
