// What API clients may see and use of connections. A client uses a connection through the connection's own keyspace, so its API
// key must have that keyspace, and a list is absent where its tag may not be read through it.
import type { Actor } from '@/lib/access/actor';
import { mayUseKeyspace } from '@/lib/access/policy';
import { refuse } from '@/lib/access/refusal';
import type { ConnectionId, ConnectionListId, KeyspaceId, SectionId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { lockConnection } from './start';

/** Locks a connection for a change by the actor. Refuses with `not_found` if it is gone, or an API key may not use it. */
export async function lockUsable(tx: Tx, actor: Actor, sectionId: SectionId, id: ConnectionId) {
  const connection = await lockConnection(tx, sectionId, id);
  return mayUseKeyspace(actor, connection.keyspaceId)
    ? connection
    : refuse('not_found', 'This connection does not exist, or this API key may not use it.');
}

/** A list, and the tag that it keeps. `tag`: null if it is hidden. `readable`: through the connection's keyspace. */
export type ListTag = {
  listId: ConnectionListId;
  readable: boolean;
  tagId: TagId;
  tag: { discriminator: string; name: string } | null;
};

/** The tags of all lists that a connection has ever kept, by list. A tag that was merged counts as the one that it became. */
export async function tagsOfLists(
  db: Db,
  { sectionId, connectionId, keyspaceId }: { sectionId: SectionId; connectionId: ConnectionId; keyspaceId: KeyspaceId },
): Promise<Map<ConnectionListId, ListTag>> {
  const found = await rows<Omit<ListTag, 'tag'> & { discriminator: string; name: string; hidden: boolean }>(
    db,
    sql`
      with recursive kept as (
        select list.id as list_id, tag.id, tag.merged_into
        from connection_list list
        join tag on tag.section_id = ${sectionId} and tag.id = list.tag_id
        where list.section_id = ${sectionId} and list.connection_id = ${connectionId}
        union all
        select kept.list_id, tag.id, tag.merged_into
        from kept
        join tag on tag.section_id = ${sectionId} and tag.id = kept.merged_into
      )
      select kept.list_id as "listId", coalesce(permission.can_read, true) as readable, tag.id as "tagId",
        tag.discriminator, tag.name, tag.hidden_at is not null as hidden
      from kept
      join tag on tag.section_id = ${sectionId} and tag.id = kept.id
      left join tag_permission permission
        on permission.section_id = ${sectionId} and permission.tag_id = kept.id and permission.keyspace_id = ${keyspaceId}
      where kept.merged_into is null`,
  );
  return new Map(
    found.map(({ discriminator, name, hidden, ...list }) => [
      list.listId,
      { ...list, tag: hidden ? null : { discriminator, name } },
    ]),
  );
}

/** Whether the actor may know of a list of a connection: people may of all. */
export type MaySee = (listId: ConnectionListId) => boolean;

/** Which of a connection's lists the actor may know of. */
export async function listsSeenBy(
  db: Db,
  actor: Actor,
  connection: { sectionId: SectionId; connectionId: ConnectionId; keyspaceId: KeyspaceId },
): Promise<MaySee> {
  if (actor.kind !== 'client') return () => true;
  const tags = await tagsOfLists(db, connection);
  return (listId) => tags.get(listId)?.readable ?? false;
}
