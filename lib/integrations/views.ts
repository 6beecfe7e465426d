// What pages show of connections, their lists and runs.
import { z } from 'zod';
import type { ConnectionId, ConnectionListId, OperationId, SectionId, SyncRunId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { isMadeUp } from '@/lib/outbound/made-up-crm';
import type { TagLabel } from '@/lib/tags/schema';
import { connectorNamed } from './connectors';
import { tellsChanges } from './session';
import { IN_GROUP, type ChangeGroup } from './run-people';
import {
  ConnectionOptionsSchema,
  ListCountsSchema,
  type ConnectionOptions,
  type ConnectionStatus,
  type HoldKind,
  type ListCounts,
  type ListStatus,
  type RunFilter,
  type SyncListStatus,
  type SyncStatus,
  type Trouble,
} from './schema';
import { listTroubles } from './trouble';

/** Profiles by what becomes of them in a run, also after answers to held removals. */
export type ChangeCounts = Record<ChangeGroup, number>;

const NO_CHANGES: ChangeCounts = { adds: 0, removes: 0, left: 0, refused: 0 };

const changeCounts = sql`
  count(*) filter (where ${IN_GROUP.adds}) as adds, count(*) filter (where ${IN_GROUP.removes}) as removes,
  count(*) filter (where ${IN_GROUP.left}) as "left", count(*) filter (where ${IN_GROUP.refused}) as refused`;

/** A run. `counts`: as compared; `changes`: as things are now. `error`: of its read or of its operation. Times are ISO 8601. */
export type RunView = {
  id: SyncRunId;
  connectionId: ConnectionId;
  dry: boolean;
  status: SyncStatus;
  cause: string;
  startedBy: string | null;
  createdAt: string;
  finishedAt: string | null;
  counts: ListCounts;
  changes: ChangeCounts;
  calls: number;
  /** Lists that could not be read. */
  failedLists: number;
  error: string | null;
  operationId: OperationId | null;
  undone: boolean;
};

type RunRow = Omit<RunView, 'createdAt' | 'finishedAt' | 'counts' | 'changes' | 'failedLists'> & {
  createdAt: Date;
  finishedAt: Date | null;
  counts: unknown;
};

/** A run whose operation failed or was stopped has ended like it. */
const runs = (sectionId: SectionId): Sql => sql`
  select run.id, run.connection_id as "connectionId", run.dry, run.cause, starter.name as "startedBy",
    run.created_at as "createdAt", run.finished_at as "finishedAt", run.counts, run.calls,
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
  where run.section_id = ${sectionId}`;

/** Rows as views, with the changes of each run. */
async function runViews(db: Db, sectionId: SectionId, found: readonly RunRow[]): Promise<RunView[]> {
  const counted = await rows<ChangeCounts & { runId: SyncRunId }>(
    db,
    sql`
      select change.run_id as "runId", ${changeCounts} from sync_change change
      where change.section_id = ${sectionId} and change.run_id = any(${found.map(({ id }) => id)}::int[])
      group by change.run_id`,
  );
  const changesOf = new Map(counted.map(({ runId, ...changes }) => [runId, changes]));
  const failed = await rows<{ runId: SyncRunId; lists: number }>(
    db,
    sql`
      select run_id as "runId", count(*) as lists from sync_run_list
      where section_id = ${sectionId} and run_id = any(${found.map(({ id }) => id)}::int[]) and status = 'failed'
      group by run_id`,
  );
  const failedOf = new Map(failed.map(({ runId, lists }) => [runId, lists]));
  return found.map(({ createdAt, finishedAt, counts, ...run }) => ({
    ...run,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    counts: ListCountsSchema.parse(counts),
    changes: changesOf.get(run.id) ?? NO_CHANGES,
    failedLists: failedOf.get(run.id) ?? 0,
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
    changed: sql`
      not run.dry and not run.quiet and exists (
        select from jsonb_each(operation.counts) count
        where count.key in ('applied', 'removed', 'created', 'updated') and count.value <> '0'
      )`,
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

export async function getRun(db: Db, sectionId: SectionId, id: SyncRunId): Promise<RunView | undefined> {
  const found = await rows<RunRow>(db, sql`${runs(sectionId)} and run.id = ${id}`);
  const [run] = await runViews(db, sectionId, found);
  return run;
}

/**
 * A connection in a list. `crm`: the name of its CRM. `madeUp`: that of a demo installation, no real one. `troubled`: lists that the
 * CRM no longer has or calls otherwise, or whose tag was hidden.
 */
export type ConnectionRow = {
  id: ConnectionId;
  crm: string;
  madeUp: boolean;
  name: string;
  status: ConnectionStatus;
  attention: string | null;
  nextSyncAt: string | null;
  lists: number;
  troubled: number;
  last: RunView | null;
  trouble: Trouble | null;
};

/** The connections of a section with the last run of each, by name; those that need a person come first. */
export async function listConnections(db: Db, sectionId: SectionId): Promise<ConnectionRow[]> {
  const found = await rows<
    Omit<ConnectionRow, 'crm' | 'madeUp' | 'nextSyncAt' | 'last' | 'trouble'> & {
      kind: string;
      address: string | null;
      nextSyncAt: Date | null;
      lastId: SyncRunId | null;
      untagged: string | null;
    }
  >(
    db,
    sql`
      select connection.id, connection.kind, connection.name, connection.status, connection.attention,
        connection.settings ->> 'address' as address, connection.next_sync_at as "nextSyncAt",
        coalesce(list.kept, 0) as lists, coalesce(list.troubled, 0) as troubled, list.untagged, last.id as "lastId"
      from connection
      left join (
        select connection_id, count(*) as kept,
          count(*) filter (
            where list.status in ('inactive', 'missing', 'gone') or list.new_name is not null or tag.hidden_at is not null
          ) as troubled,
          min(list.name) filter (where tag.hidden_at is not null) as untagged
        from connection_list list
        join tag on tag.section_id = ${sectionId} and tag.id = list.tag_id
        where list.section_id = ${sectionId} and list.status <> 'left'
        group by connection_id
      ) list on list.connection_id = connection.id
      left join lateral (
        select run.id from sync_run run
        where run.section_id = ${sectionId} and run.connection_id = connection.id and run.cause <> 'changes'
        order by run.id desc
        limit 1
      ) last on true
      where connection.section_id = ${sectionId} and connection.status <> 'removed'
      order by lower(connection.name), connection.id`,
  );
  const lastIds = found.flatMap(({ lastId }) => (lastId === null ? [] : [lastId]));
  const lastRows = await rows<RunRow>(db, sql`${runs(sectionId)} and run.id = any(${lastIds}::int[])`);
  const last = await runViews(db, sectionId, lastRows);
  const lastById = new Map(last.map((run) => [run.id, run]));
  const troubles = new Map((await listTroubles(db, sectionId)).map((trouble) => [trouble.connectionId, trouble]));
  const listed = found.map(({ kind, address, lastId, nextSyncAt, untagged, attention, ...connection }) => ({
    ...connection,
    attention: attention ?? (untagged === null ? null : tagHiddenInWords(untagged)),
    crm: connectorNamed(kind).name,
    madeUp: isMadeUp(address ?? ''),
    nextSyncAt: nextSyncAt?.toISOString() ?? null,
    last: lastId === null ? null : (lastById.get(lastId) ?? null),
    trouble: troubles.get(connection.id) ?? null,
  }));
  return [...listed.filter(({ trouble }) => trouble !== null), ...listed.filter(({ trouble }) => trouble === null)];
}

const tagHiddenInWords = (list: string): string =>
  `The tag of the list “${list}” was hidden for good. Choose another tag for this list, or stop keeping it.`;

/** A list that a connection keeps. `statusSince`: ISO 8601. */
export type ListView = {
  id: ConnectionListId;
  externalId: string;
  name: string;
  kind: string;
  status: ListStatus;
  statusSince: string;
  newName: string | null;
  addOnly: boolean;
  confirmed: boolean;
  tag: TagLabel & { hidden: boolean };
};

export type ConnectionView = {
  id: ConnectionId;
  kind: string;
  crm: string;
  /** Whether it is that of a demo installation, no real one. */
  madeUp: boolean;
  /** How the CRM calls its lists. */
  listWords: string;
  name: string;
  status: ConnectionStatus;
  attention: string | null;
  nextSyncAt: string | null;
  /** As entered; see `SettingField`. */
  settings: Record<string, string>;
  options: ConnectionOptions;
  /** The CRM can say which contacts have changed. */
  tellsChanges: boolean;
  trouble: Trouble | null;
  lists: ListView[];
};

const SettingsSchema = z.record(z.string(), z.coerce.string());

/** A connection with its lists, by name; undefined if there is none, or it was removed. */
export async function getConnection(
  db: Db,
  sectionId: SectionId,
  id: ConnectionId,
): Promise<ConnectionView | undefined> {
  const found = await maybeOne<
    Pick<ConnectionView, 'id' | 'kind' | 'name' | 'status' | 'attention'> & {
      nextSyncAt: Date | null;
      options: unknown;
      settings: unknown;
    }
  >(
    db,
    sql`
      select id, kind, name, status, attention, next_sync_at as "nextSyncAt", options, settings from connection
      where section_id = ${sectionId} and id = ${id} and status <> 'removed'`,
  );
  if (!found) return undefined;
  const lists = await rows<Omit<ListView, 'statusSince'> & { statusSince: Date }>(
    db,
    sql`
      select list.id, list.external_id as "externalId", list.name, list.kind, list.status,
        list.status_since as "statusSince", list.new_name as "newName", list.add_only as "addOnly", list.confirmed,
        json_build_object(
          'id', tag.id, 'name', tag.name, 'colour', tag.colour, 'hidden', tag.hidden_at is not null
        ) as tag
      from connection_list list
      join tag on tag.section_id = ${sectionId} and tag.id = list.tag_id
      where list.section_id = ${sectionId} and list.connection_id = ${id} and list.status <> 'left'
      order by lower(list.name), list.id`,
  );
  const { name: crm, listWords } = connectorNamed(found.kind);
  const untagged = lists.find(({ tag }) => tag.hidden);
  const settings = SettingsSchema.parse(found.settings);
  return {
    ...found,
    attention: found.attention ?? (untagged ? tagHiddenInWords(untagged.name) : null),
    crm,
    madeUp: isMadeUp(settings.address ?? ''),
    listWords,
    nextSyncAt: found.nextSyncAt?.toISOString() ?? null,
    settings,
    options: ConnectionOptionsSchema.parse(found.options),
    tellsChanges: await tellsChanges(db, sectionId, id),
    trouble: (await listTroubles(db, sectionId, { connectionId: id }))[0] ?? null,
    lists: lists.map((list) => ({ ...list, statusSince: list.statusSince.toISOString() })),
  };
}

/** A list in a run. `reason`: why it failed, is frozen or held. */
export type RunListView = {
  listId: ConnectionListId;
  name: string;
  status: SyncListStatus;
  reason: string | null;
  hold: HoldKind | null;
  /** The answer to its held removals, by whom and when (ISO 8601); null if nobody has answered. */
  takenOff: boolean | null;
  answeredBy: string | null;
  answeredAt: string | null;
  counts: ListCounts;
  changes: ChangeCounts;
  tag: TagLabel;
};

/** The lists of a run: those that wait for an answer first, then by name. */
export async function listsOfRun(db: Db, sectionId: SectionId, runId: SyncRunId): Promise<RunListView[]> {
  const found = await rows<
    Omit<RunListView, 'counts' | 'changes' | 'answeredAt'> & { counts: unknown; answeredAt: Date | null }
  >(
    db,
    sql`
      select item.list_id as "listId", item.name, item.status, item.reason, item.counts, item.hold,
        item.taken_off as "takenOff", person.name as "answeredBy", item.answered_at as "answeredAt",
        json_build_object('id', tag.id, 'name', tag.name, 'colour', tag.colour) as tag
      from sync_run_list item
      join connection_list list on list.section_id = ${sectionId} and list.id = item.list_id
      join tag on tag.section_id = ${sectionId} and tag.id = list.tag_id
      left join app_user person on person.id = item.answered_by
      where item.section_id = ${sectionId} and item.run_id = ${runId}
      order by item.status = 'held' desc, lower(item.name), item.list_id`,
  );
  const counted = await rows<ChangeCounts & { listId: ConnectionListId }>(
    db,
    sql`
      select change.list_id as "listId", ${changeCounts} from sync_change change
      where change.section_id = ${sectionId} and change.run_id = ${runId}
      group by change.list_id`,
  );
  const changesOf = new Map(counted.map(({ listId, ...changes }) => [listId, changes]));
  return found.map((item) => ({
    ...item,
    answeredAt: item.answeredAt?.toISOString() ?? null,
    counts: ListCountsSchema.parse(item.counts),
    changes: changesOf.get(item.listId) ?? NO_CHANGES,
  }));
}
