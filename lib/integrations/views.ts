// What pages show of connections.
import { z } from 'zod';
import type { ConnectionId, SectionId, SyncRunId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import { isMadeUp } from '@/lib/outbound/made-up-crm';
import { connectorNamed } from './connectors';
import { listTotals, NO_LISTS, totalsOf, type ListTotals } from './list-views';
import { tellsChanges } from './session';
import { runsById, type RunView } from './run-views';
import { ConnectionOptionsSchema, type ConnectionOptions, type ConnectionStatus, type Trouble } from './schema';
import { listTroubles } from './trouble';
import { waitsAfterUndo } from './undone';

/**
 * A connection in a list. `crm`: the name of its CRM. `madeUp`: that of a demo installation, no real one. `undone`: its schedule waits for
 * a person, since a sync was undone.
 */
export type ConnectionRow = {
  id: ConnectionId;
  crm: string;
  madeUp: boolean;
  name: string;
  status: ConnectionStatus;
  attention: string | null;
  nextSyncAt: string | null;
  undone: boolean;
  lists: ListTotals;
  last: RunView | null;
  trouble: Trouble | null;
};

/** The connections of a section with the last run of each, by name; those that need a person come first. */
export async function listConnections(db: Db, sectionId: SectionId): Promise<ConnectionRow[]> {
  const found = await rows<
    Omit<ConnectionRow, 'crm' | 'madeUp' | 'nextSyncAt' | 'lists' | 'last' | 'trouble'> & {
      kind: string;
      lists: ListTotals | null;
      address: string | null;
      nextSyncAt: Date | null;
      lastId: SyncRunId | null;
    }
  >(
    db,
    sql`
      select connection.id, connection.kind, connection.name, connection.status, connection.attention,
        connection.settings ->> 'address' as address, connection.next_sync_at as "nextSyncAt",
        ${waitsAfterUndo(sectionId)} as undone, list.totals as lists, last.id as "lastId"
      from connection
      left join (
        select connection_id, ${totalsOf(sectionId)} as totals
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
  const listed = found.map(({ kind, address, lists, lastId, nextSyncAt, ...connection }) => ({
    ...connection,
    lists: lists ?? NO_LISTS,
    crm: connectorNamed(kind).name,
    madeUp: isMadeUp(address ?? ''),
    nextSyncAt: nextSyncAt?.toISOString() ?? null,
    last: lastId === null ? null : (lastById.get(lastId) ?? null),
    trouble: troubles.get(connection.id) ?? null,
  }));
  return [...listed.filter(({ trouble }) => trouble !== null), ...listed.filter(({ trouble }) => trouble === null)];
}

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
  /** Its schedule waits for a person, since a sync was undone. */
  undone: boolean;
  /** As entered; see `SettingField`. */
  settings: Record<string, string>;
  options: ConnectionOptions;
  /** The CRM can say which contacts have changed. */
  tellsChanges: boolean;
  trouble: Trouble | null;
  lists: ListTotals;
};

const SettingsSchema = z.record(z.string(), z.coerce.string());

/** A connection; undefined if there is none, or it was removed. */
export async function getConnection(
  db: Db,
  sectionId: SectionId,
  id: ConnectionId,
): Promise<ConnectionView | undefined> {
  const found = await maybeOne<
    Pick<ConnectionView, 'id' | 'kind' | 'name' | 'status' | 'attention' | 'undone'> & {
      nextSyncAt: Date | null;
      options: unknown;
      settings: unknown;
    }
  >(
    db,
    sql`
      select id, kind, name, status, attention, next_sync_at as "nextSyncAt", options, settings,
        ${waitsAfterUndo(sectionId)} as undone
      from connection
      where section_id = ${sectionId} and id = ${id} and status <> 'removed'`,
  );
  if (!found) return undefined;
  const { name: crm, listWords } = connectorNamed(found.kind);
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
    lists: await listTotals(db, sectionId, id),
  };
}
