// Reads of connections, lists and runs, for the sync itself.
import { z } from 'zod';
import { unsealIfReadable } from '@/lib/config/seal';
import type {
  AccountId,
  ApiKeyId,
  ClaimHolderId,
  ConnectionId,
  ConnectionListId,
  KeyspaceId,
  OperationId,
  SectionId,
  SyncRunId,
  TagId,
  UserId,
} from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import { ConnectionOptionsSchema, type ConnectionOptions, type ConnectionStatus, type ListStatus } from './schema';

/** A connection with its secrets, for a process that calls the CRM. */
export type OpenConnection = {
  sectionId: SectionId;
  id: ConnectionId;
  accountId: AccountId;
  kind: string;
  name: string;
  keyspaceId: KeyspaceId;
  status: ConnectionStatus;
  settings: unknown;
  /** Null: they were sealed under another secret of the installation, and have to be entered again. */
  secrets: unknown;
  options: ConnectionOptions;
  identity: string | null;
  /** Where the next read of changes goes on; null: from the beginning. */
  changesCursor: string | null;
};

/** A connection, or undefined if there is none or it was removed. */
export async function openConnection(
  db: Db,
  sectionId: SectionId,
  id: ConnectionId,
): Promise<OpenConnection | undefined> {
  const found = await maybeOne<Omit<OpenConnection, 'options' | 'secrets'> & { options: unknown; secrets: Buffer }>(
    db,
    sql`
      select connection.section_id as "sectionId", connection.id, section.account_id as "accountId", kind,
        connection.name, keyspace_id as "keyspaceId", status, settings, secrets, options, identity,
        changes_cursor as "changesCursor"
      from connection
      join section on section.id = connection.section_id
      where connection.section_id = ${sectionId} and connection.id = ${id} and status <> 'removed'`,
  );
  if (!found) return undefined;
  return {
    ...found,
    secrets: z
      .record(z.string(), z.unknown())
      .nullable()
      .parse(JSON.parse(unsealIfReadable(found.secrets) ?? 'null')),
    options: ConnectionOptionsSchema.parse(found.options),
  };
}

/** A list that a connection keeps. */
export type KeptList = {
  id: ConnectionListId;
  externalId: string;
  name: string;
  kind: string;
  tagId: TagId;
  holderId: ClaimHolderId;
  status: ListStatus;
  newName: string | null;
  addOnly: boolean;
  startsFlows: boolean;
  manual: string | null;
  definition: string | null;
  confirmed: boolean;
};

/** The lists of a connection, by id. Without those that an Admin has let go. */
export function keptLists(db: Db, sectionId: SectionId, connectionId: ConnectionId): Promise<KeptList[]> {
  return rows<KeptList>(
    db,
    sql`
      select id, external_id as "externalId", name, kind, tag_id as "tagId", holder_id as "holderId", status,
        new_name as "newName", add_only as "addOnly", starts_flows as "startsFlows", manual, definition, confirmed
      from connection_list
      where section_id = ${sectionId} and connection_id = ${connectionId} and status <> 'left'
      order by id`,
  );
}

/** A run as the sync needs it. */
export type OpenRun = {
  sectionId: SectionId;
  id: SyncRunId;
  connectionId: ConnectionId;
  dry: boolean;
  status: string;
  operationId: OperationId | null;
  startedBy: UserId | null;
  startedByKey: ApiKeyId | null;
  cause: string;
  /** To the CRM, as far as they were noted. */
  calls: number;
  /** As whom the CRM was read; null while it is read. */
  identity: string | null;
};

export function findRun(
  db: Db,
  sectionId: SectionId,
  id: SyncRunId,
  { lock = false } = {},
): Promise<OpenRun | undefined> {
  return maybeOne<OpenRun>(
    db,
    sql`
      select section_id as "sectionId", id, connection_id as "connectionId", dry, status, operation_id as "operationId",
        started_by as "startedBy", started_by_key as "startedByKey", cause, calls, identity
      from sync_run
      where section_id = ${sectionId} and id = ${id}
      ${lock ? sql`for update` : sql``}`,
  );
}
