// What pages show of connections, their lists and runs.
import type { AttributeValues } from '@/lib/attributes/schema';
import type { ConnectionId, ConnectionListId, OperationId, ProfileId, SectionId, SyncRunId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { profileName, type ProfileKey } from '@/lib/profiles/schema';
import type { TagLabel } from '@/lib/tags/schema';
import { connectorNamed } from './connectors';
import { BEGIN, CHANGE_STATES, END, OUTCOMES } from './outcome';
import {
  ConnectionOptionsSchema,
  ListCountsSchema,
  type ConnectionOptions,
  type ConnectionStatus,
  type ListCounts,
  type ListStatus,
  type SyncListStatus,
  type SyncStatus,
} from './schema';

/** A run. `error`: of its read or of its operation. `operation`: what its operation has counted, such as `applied`. Times are ISO 8601. */
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
  calls: number;
  error: string | null;
  operationId: OperationId | null;
  undone: boolean;
};

type RunRow = Omit<RunView, 'createdAt' | 'finishedAt' | 'counts'> & {
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
      when run.status in ('comparing', 'applying') and operation.status in ('failed', 'cancelled')
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

const runView = ({ createdAt, finishedAt, counts, ...run }: RunRow): RunView => ({
  ...run,
  createdAt: createdAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
  counts: ListCountsSchema.parse(counts),
});

/** Runs of a connection, newest first; `before`: only those older than this one. */
export async function listRuns(
  db: Db,
  sectionId: SectionId,
  connectionId: ConnectionId,
  { before, limit }: { before?: SyncRunId; limit: number },
): Promise<RunView[]> {
  const found = await rows<RunRow>(
    db,
    sql`
      ${runs(sectionId)} and run.connection_id = ${connectionId} ${before === undefined ? sql`` : sql`and run.id < ${before}`}
      order by run.id desc
      limit ${limit}`,
  );
  return found.map(runView);
}

export async function getRun(db: Db, sectionId: SectionId, id: SyncRunId): Promise<RunView | undefined> {
  const found = await maybeOne<RunRow>(db, sql`${runs(sectionId)} and run.id = ${id}`);
  return found && runView(found);
}

/** A connection in a list. `crm`: the name of its CRM. `troubled`: lists that the CRM no longer has, or calls otherwise. */
export type ConnectionRow = {
  id: ConnectionId;
  crm: string;
  name: string;
  status: ConnectionStatus;
  attention: string | null;
  nextSyncAt: string | null;
  lists: number;
  troubled: number;
  last: RunView | null;
};

/** The connections of a section, by name, with the last run of each. */
export async function listConnections(db: Db, sectionId: SectionId): Promise<ConnectionRow[]> {
  const found = await rows<
    Omit<ConnectionRow, 'crm' | 'nextSyncAt' | 'last'> & {
      kind: string;
      nextSyncAt: Date | null;
      lastId: SyncRunId | null;
    }
  >(
    db,
    sql`
      select connection.id, connection.kind, connection.name, connection.status, connection.attention,
        connection.next_sync_at as "nextSyncAt", coalesce(list.kept, 0) as lists,
        coalesce(list.troubled, 0) as troubled, last.id as "lastId"
      from connection
      left join (
        select connection_id, count(*) as kept,
          count(*) filter (where status in ('inactive', 'missing', 'gone') or new_name is not null) as troubled
        from connection_list
        where section_id = ${sectionId} and status <> 'left'
        group by connection_id
      ) list on list.connection_id = connection.id
      left join (
        select connection_id, max(id) as id from sync_run where section_id = ${sectionId} group by connection_id
      ) last on last.connection_id = connection.id
      where connection.section_id = ${sectionId} and connection.status <> 'removed'
      order by lower(connection.name), connection.id`,
  );
  const lastIds = found.flatMap(({ lastId }) => (lastId === null ? [] : [lastId]));
  const last = await rows<RunRow>(db, sql`${runs(sectionId)} and run.id = any(${lastIds}::int[])`);
  const lastById = new Map(last.map((run) => [run.id, runView(run)]));
  return found.map(({ kind, lastId, nextSyncAt, ...connection }) => ({
    ...connection,
    crm: connectorNamed(kind).name,
    nextSyncAt: nextSyncAt?.toISOString() ?? null,
    last: lastId === null ? null : (lastById.get(lastId) ?? null),
  }));
}

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
  /** How the CRM calls its lists. */
  listWords: string;
  name: string;
  status: ConnectionStatus;
  attention: string | null;
  nextSyncAt: string | null;
  options: ConnectionOptions;
  lists: ListView[];
};

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
    }
  >(
    db,
    sql`
      select id, kind, name, status, attention, next_sync_at as "nextSyncAt", options from connection
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
  return {
    ...found,
    crm,
    listWords,
    nextSyncAt: found.nextSyncAt?.toISOString() ?? null,
    options: ConnectionOptionsSchema.parse(found.options),
    lists: lists.map((list) => ({ ...list, statusSince: list.statusSince.toISOString() })),
  };
}

/** A list in a run. `reason`: why it failed, is frozen or held. */
export type RunListView = {
  listId: ConnectionListId;
  name: string;
  status: SyncListStatus;
  reason: string | null;
  counts: ListCounts;
  tag: TagLabel;
};

/** The lists of a run: those that wait for an answer first, then by name. */
export async function listsOfRun(db: Db, sectionId: SectionId, runId: SyncRunId): Promise<RunListView[]> {
  const found = await rows<Omit<RunListView, 'counts'> & { counts: unknown }>(
    db,
    sql`
      select item.list_id as "listId", item.name, item.status, item.reason, item.counts,
        json_build_object('id', tag.id, 'name', tag.name, 'colour', tag.colour) as tag
      from sync_run_list item
      join connection_list list on list.section_id = ${sectionId} and list.id = item.list_id
      join tag on tag.section_id = ${sectionId} and tag.id = list.tag_id
      where item.section_id = ${sectionId} and item.run_id = ${runId}
      order by item.status = 'held' desc, lower(item.name), item.list_id`,
  );
  return found.map((item) => ({ ...item, counts: ListCountsSchema.parse(item.counts) }));
}

/** Groups of profiles that a run changes, or would. */
export const CHANGE_GROUPS = ['adds', 'removes', 'refused'] as const;
/** Groups of contacts without a profile. People who were erased are only counted. */
export const CONTACT_GROUPS = ['create', 'unmatched', 'noAddress', 'ambiguous', 'inactive'] as const;
export type ChangeGroup = (typeof CHANGE_GROUPS)[number];
export type ContactGroup = (typeof CONTACT_GROUPS)[number];
export type PeopleGroup = ChangeGroup | ContactGroup;

/** A person of a list in a run. `profileId`: null if nobody here was found. `place`: where the next page begins. */
export type RunPerson = { place: string; profileId: ProfileId | null; name: string; keys: string[] };

type PeoplePage = { runId: SyncRunId; listId: ConnectionListId; after?: string; limit: number };

const isChangeGroup = (group: PeopleGroup): group is ChangeGroup =>
  (CHANGE_GROUPS as readonly PeopleGroup[]).includes(group);

/** A page of a group of people, in the order of their places. */
export function peopleOfRun(db: Db, sectionId: SectionId, group: PeopleGroup, page: PeoplePage): Promise<RunPerson[]> {
  return isChangeGroup(group) ? changedPeople(db, sectionId, group, page) : contactsWithout(db, sectionId, group, page);
}

const IN_GROUP: Record<ChangeGroup, Sql> = {
  adds: sql`change.action = ${BEGIN} and change.state <> ${CHANGE_STATES.refused}`,
  removes: sql`change.action = ${END} and change.state <> ${CHANGE_STATES.refused}`,
  refused: sql`change.state = ${CHANGE_STATES.refused}`,
};

async function changedPeople(
  db: Db,
  sectionId: SectionId,
  group: ChangeGroup,
  { runId, listId, after, limit }: PeoplePage,
): Promise<RunPerson[]> {
  const found = await rows<{ profileId: ProfileId; attributes: AttributeValues; keys: ProfileKey[] }>(
    db,
    sql`
      select shown.profile_id as "profileId", shown.attributes,
        coalesce((
          select json_agg(json_build_object('keyspaceId', profile_key.keyspace_id, 'key', key) order by keyspace_id)
          from profile_key
          join keyspace on keyspace.id = profile_key.keyspace_id and keyspace.kind <> 'integration'
          where profile_key.section_id = ${sectionId} and profile_key.profile_id = shown.profile_id
        ), '[]') as keys
      from (
        select change.profile_id, profile.attributes
        from sync_change change
        join profile on profile.section_id = ${sectionId} and profile.id = change.profile_id
        where change.section_id = ${sectionId} and change.run_id = ${runId} and change.list_id = ${listId}
          and change.profile_id > ${Number.parseInt(after ?? '', 10) || 0} and ${IN_GROUP[group]}
        order by change.profile_id
        limit ${limit}
      ) shown
      order by shown.profile_id`,
  );
  return found.map(({ profileId, attributes, keys }) => ({
    place: String(profileId),
    profileId,
    name: profileName(profileId, attributes, keys),
    keys: keys.map(({ key }) => key),
  }));
}

const OUTCOME_OF: Record<ContactGroup, number> = {
  create: OUTCOMES.create,
  unmatched: OUTCOMES.unmatched,
  noAddress: OUTCOMES.no_address,
  ambiguous: OUTCOMES.ambiguous,
  inactive: OUTCOMES.inactive,
};

async function contactsWithout(
  db: Db,
  sectionId: SectionId,
  group: ContactGroup,
  { runId, listId, after = '', limit }: PeoplePage,
): Promise<RunPerson[]> {
  const found = await rows<{ place: string; name: string; keys: string[] }>(
    db,
    sql`
      select key as place, name, emails || mobiles as keys from sync_member
      where section_id = ${sectionId} and run_id = ${runId} and list_id = ${listId}
        and outcome = ${OUTCOME_OF[group]} and key > ${after}
      order by key
      limit ${limit}`,
  );
  return found.map((contact) => ({ ...contact, profileId: null }));
}
