// Which lists keep a tag, or did until something happened to them.
import type { ConnectionId, ConnectionListId, KeyspaceId, SectionId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { LIST_NAME } from '@/lib/tags/held-by';
import type { ListStatus } from './schema';

/** A list of a tag, as short as a table of thousands of tags needs it. `since`: of the status, ISO 8601. */
export type ListOfTag = { name: string; status: ListStatus; since: string };

/** Adds to tags of a section the lists that keep them; `kept` is absent where there are none. One query. */
export async function withLists<Tag extends { id: TagId }>(
  db: Db,
  sectionId: SectionId,
  tags: readonly Tag[],
): Promise<(Tag & { kept?: ListOfTag[] })[]> {
  const found = await rows<ListOfTag & { tagId: TagId }>(
    db,
    sql`
      select list.tag_id as "tagId", ${LIST_NAME} as name, list.status,
        to_char(list.status_since at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since
      from connection_list list
      join connection on connection.section_id = ${sectionId} and connection.id = list.connection_id
      where list.section_id = ${sectionId} and list.status <> 'left'
      order by lower(${LIST_NAME}), list.id`,
  );
  const byTag = new Map<TagId, ListOfTag[]>();
  for (const { tagId, ...list } of found) byTag.set(tagId, [...(byTag.get(tagId) ?? []), list]);
  return tags.map((tag) => {
    const kept = byTag.get(tag.id);
    return kept ? { ...tag, kept } : tag;
  });
}

/** A list that keeps a tag, with the keyspace by which its connection writes. `name`: with the connection's. */
export type Keeper = { listId: ConnectionListId; name: string; keyspaceId: KeyspaceId };

/** The lists that keep a tag, by name. */
export const keepersOf = (db: Db, sectionId: SectionId, tagId: TagId): Promise<Keeper[]> =>
  rows<Keeper>(
    db,
    sql`
      select list.id as "listId", ${LIST_NAME} as name, connection.keyspace_id as "keyspaceId"
      from connection_list list
      join connection on connection.section_id = ${sectionId} and connection.id = list.connection_id
      where list.section_id = ${sectionId} and list.tag_id = ${tagId} and list.status <> 'left'
      order by lower(${LIST_NAME}), list.id`,
  );

/** A list of a tag with all that the tag's page says of it. Times are ISO 8601. */
export type KeepingList = {
  listId: ConnectionListId;
  /** With the connection's name. */
  name: string;
  /** The list's own name. */
  list: string;
  /** Null for people who may not see connections. */
  connectionId: ConnectionId | null;
  status: ListStatus;
  /** When the list got its status. */
  statusSince: string;
  chosenAt: string;
  /** When it was last synced without an error; null if never. */
  lastSync: string | null;
  nextSync: string | null;
  /** Syncs by schedule are paused for the whole connection. */
  isPaused: boolean;
};

/** The lists that keep a tag, by name. `asAdmin`: with the ids of their connections. */
export async function listsKeeping(
  db: Db,
  sectionId: SectionId,
  tagId: TagId,
  { asAdmin }: { asAdmin: boolean },
): Promise<KeepingList[]> {
  type Row = Omit<KeepingList, 'statusSince' | 'chosenAt' | 'lastSync' | 'nextSync'> & {
    statusSince: Date;
    chosenAt: Date;
    lastSync: Date | null;
    nextSync: Date | null;
  };
  const found = await rows<Row>(
    db,
    sql`
      select list.id as "listId", ${LIST_NAME} as name, list.name as list, connection.id as "connectionId", list.status,
        list.status_since as "statusSince", list.created_at as "chosenAt", synced.at as "lastSync",
        case when connection.status = 'active' and list.status = 'active' then connection.next_sync_at end as "nextSync",
        connection.status = 'paused' as "isPaused"
      from connection_list list
      join connection on connection.section_id = ${sectionId} and connection.id = list.connection_id
      left join lateral (
        select run.finished_at as at
        from sync_run run
        join sync_run_list item
          on item.section_id = ${sectionId} and item.run_id = run.id and item.list_id = list.id and item.status = 'done'
        where run.section_id = ${sectionId} and run.connection_id = list.connection_id and not run.dry
          and run.status = 'done'
        order by run.id desc
        limit 1
      ) synced on true
      where list.section_id = ${sectionId} and list.tag_id = ${tagId} and list.status <> 'left'
      order by lower(${LIST_NAME}), list.id`,
  );
  return found.map(({ statusSince, chosenAt, lastSync, nextSync, connectionId, ...list }) => ({
    ...list,
    connectionId: asAdmin ? connectionId : null,
    statusSince: statusSince.toISOString(),
    chosenAt: chosenAt.toISOString(),
    lastSync: lastSync?.toISOString() ?? null,
    nextSync: nextSync?.toISOString() ?? null,
  }));
}
