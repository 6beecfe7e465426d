// What pages show of connections and the lists that they keep.
import { z } from 'zod';
import type { ConnectionId, ConnectionListId, SectionId, SyncRunId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import { isMadeUp } from '@/lib/outbound/made-up-crm';
import type { TagLabel } from '@/lib/tags/schema';
import { connectorNamed } from './connectors';
import { tellsChanges } from './session';
import { runsById, type RunView } from './run-views';
import {
  ConnectionOptionsSchema,
  ListCountsSchema,
  type ConnectionOptions,
  type ConnectionStatus,
  type ListStatus,
  type Trouble,
} from './schema';
import { listTroubles } from './trouble';

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
    }
  >(
    db,
    sql`
      select connection.id, connection.kind, connection.name, connection.status, connection.attention,
        connection.settings ->> 'address' as address, connection.next_sync_at as "nextSyncAt",
        coalesce(list.kept, 0) as lists, coalesce(list.troubled, 0) as troubled, last.id as "lastId"
      from connection
      left join (
        select connection_id, count(*) as kept,
          count(*) filter (
            where list.status in ('inactive', 'missing', 'gone') or list.new_name is not null or tag.hidden_at is not null
          ) as troubled
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
  const last = await runsById(db, sectionId, lastIds);
  const lastById = new Map(last.map((run) => [run.id, run]));
  const troubles = new Map((await listTroubles(db, sectionId)).map((trouble) => [trouble.connectionId, trouble]));
  const listed = found.map(({ kind, address, lastId, nextSyncAt, ...connection }) => ({
    ...connection,
    crm: connectorNamed(kind).name,
    madeUp: isMadeUp(address ?? ''),
    nextSyncAt: nextSyncAt?.toISOString() ?? null,
    last: lastId === null ? null : (lastById.get(lastId) ?? null),
    trouble: troubles.get(connection.id) ?? null,
  }));
  return [...listed.filter(({ trouble }) => trouble !== null), ...listed.filter(({ trouble }) => trouble === null)];
}

/** What the last sync of a list has found: contacts on it, those who were found here, and people who are kept off its tag. */
export type LastFound = { seen: number; matched: number; keptOff: number };

/** Runs in which the last sync of a list is looked for. */
const RUNS_SEARCHED = 100;

/**
 * A list that a connection keeps. `waits`: its removals wait for an answer. `last`: null if none of the latest runs has synced it. Times
 * are ISO 8601.
 */
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
  chosenAt: string;
  waits: boolean;
  last: LastFound | null;
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
  type Row = Omit<ListView, 'statusSince' | 'chosenAt' | 'last'> & { statusSince: Date; chosenAt: Date };
  const lists = await rows<Row>(
    db,
    sql`
      select list.id, list.external_id as "externalId", list.name, list.kind, list.status,
        list.status_since as "statusSince", list.new_name as "newName", list.add_only as "addOnly", list.confirmed,
        list.created_at as "chosenAt", exists (
          select from sync_run run
          join sync_run_list item
            on item.section_id = ${sectionId} and item.run_id = run.id and item.list_id = list.id
              and item.status = 'held' and item.answered_at is null
          where run.section_id = ${sectionId} and run.connection_id = ${id} and run.status = 'held'
        ) as waits,
        json_build_object(
          'id', tag.id, 'name', tag.name, 'colour', tag.colour, 'hidden', tag.hidden_at is not null
        ) as tag
      from connection_list list
      join tag on tag.section_id = ${sectionId} and tag.id = list.tag_id
      where list.section_id = ${sectionId} and list.connection_id = ${id} and list.status <> 'left'
      order by lower(list.name), list.id`,
  );
  const { name: crm, listWords } = connectorNamed(found.kind);
  const last = await lastFound(db, sectionId, id);
  const settings = SettingsSchema.parse(found.settings);
  return {
    ...found,
    crm,
    madeUp: isMadeUp(settings.address ?? ''),
    listWords,
    nextSyncAt: found.nextSyncAt?.toISOString() ?? null,
    settings,
    options: ConnectionOptionsSchema.parse(found.options),
    tellsChanges: await tellsChanges(db, sectionId, id),
    trouble: (await listTroubles(db, sectionId, { connectionId: id }))[0] ?? null,
    lists: lists.map(({ statusSince, chosenAt, ...list }) => ({
      ...list,
      statusSince: statusSince.toISOString(),
      chosenAt: chosenAt.toISOString(),
      last: last.get(list.id) ?? null,
    })),
  };
}

/** What the last sync of each list of a connection has found. */
async function lastFound(db: Db, sectionId: SectionId, id: ConnectionId): Promise<Map<ConnectionListId, LastFound>> {
  const found = await rows<{ listId: ConnectionListId; counts: unknown }>(
    db,
    sql`
      select distinct on (item.list_id) item.list_id as "listId", item.counts
      from (
        select run.id from sync_run run
        where run.section_id = ${sectionId} and run.connection_id = ${id} and not run.dry and run.cause <> 'changes'
          and run.status in ('done', 'held', 'superseded')
        order by run.id desc
        limit ${RUNS_SEARCHED}
      ) run
      join sync_run_list item on item.section_id = ${sectionId} and item.run_id = run.id
      where item.status in ('done', 'held')
      order by item.list_id, run.id desc`,
  );
  return new Map(
    found.map(({ listId, counts }) => {
      const { seen, matched, keptOff } = ListCountsSchema.parse(counts);
      return [listId, { seen, matched, keptOff }];
    }),
  );
}
