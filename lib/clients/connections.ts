// Connections to CRMs, their lists and runs, as an API client may see them (lib/integrations/client-access.ts).
import type { ClientActor } from '@/lib/access/actor';
import { mayUseKeyspace } from '@/lib/access/policy';
import { refuse } from '@/lib/access/refusal';
import type { ConnectionId, ConnectionListId, ProfileId, SectionId, SyncRunId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { tagsOfLists, type ListTag } from '@/lib/integrations/client-access';
import {
  IN_GROUP,
  isChangeGroup,
  OUTCOME_OF,
  profileBefore,
  type ChangeGroup,
  type PeopleGroup,
} from '@/lib/integrations/run-people';
import type { ConnectionStatus } from '@/lib/integrations/schema';
import { getRun, listRuns, listsOfRun, type RunListView, type RunView } from '@/lib/integrations/run-views';
import { listsOfConnection, type ListView } from '@/lib/integrations/list-views';
import { allowedTag, findTags } from '@/lib/profiles/allowed-operations';
import type { InKeyspace } from '@/lib/profiles/keyspace';
import type { Keyspace } from '@/lib/profiles/schema';
import { oneKey, shownKey } from './feed';

/** A connection without its settings and secrets. `attention`: what a person should look at. */
export type ClientConnection = {
  id: ConnectionId;
  kind: string;
  name: string;
  status: Exclude<ConnectionStatus, 'removed'>;
  attention: string | null;
  nextSyncAt: Date | null;
  keyspace: Keyspace;
};

/** The connections of a section that the client may use, by name; `id`: only this one. */
export async function connectionsOfClient(
  db: Db,
  client: ClientActor,
  sectionId: SectionId,
  id?: ConnectionId,
): Promise<ClientConnection[]> {
  const found = await rows<ClientConnection>(
    db,
    sql`
      select connection.id, connection.kind, connection.name, connection.status, connection.attention,
        connection.next_sync_at as "nextSyncAt",
        json_build_object(
          'id', keyspace.id, 'kind', keyspace.kind, 'name', keyspace.name, 'discriminator', keyspace.discriminator
        ) as keyspace
      from connection
      join keyspace on keyspace.id = connection.keyspace_id
      where connection.section_id = ${sectionId} and connection.status <> 'removed'
        ${id === undefined ? sql`` : sql`and connection.id = ${id}`}
      order by lower(connection.name), connection.id`,
  );
  return found.filter(({ keyspace }) => mayUseKeyspace(client, keyspace.id));
}

/** What a call names: a connection of a section. `id`: null if the address has none. */
export type Named = { sectionId: SectionId; connectionId: ConnectionId | null };

export async function connectionOfClient(
  db: Db,
  client: ClientActor,
  { sectionId, connectionId }: Named,
): Promise<ClientConnection> {
  const found = connectionId === null ? [] : await connectionsOfClient(db, client, sectionId, connectionId);
  return found[0] ?? refuse('not_found', 'There is no such connection that this API key may use.');
}

type Opened = { connection: ClientConnection; tags: Map<ConnectionListId, ListTag> };

async function open(db: Db, client: ClientActor, named: Named): Promise<Opened> {
  const connection = await connectionOfClient(db, client, named);
  const of = { sectionId: named.sectionId, connectionId: connection.id, keyspaceId: connection.keyspace.id };
  return { connection, tags: await tagsOfLists(db, of) };
}

/** A list with its tag as clients name it; null if the tag is hidden. */
export type ClientList = Omit<ListView, 'tag'> & Pick<ListTag, 'tag'>;

/** The lists that a connection keeps, by name, without those whose tag may not be read. */
export async function listsOfClient(db: Db, client: ClientActor, named: Named): Promise<ClientList[]> {
  const { connection, tags } = await open(db, client, named);
  const { lists } = await listsOfConnection(db, named.sectionId, connection.id);
  return lists.flatMap((list) => seen(list, tags.get(list.id)));
}

/** A list with its tag, or nothing if the tag may not be read. */
const seen = <List>(list: List, known: ListTag | undefined): (List & Pick<ListTag, 'tag'>)[] =>
  known?.readable ? [{ ...list, tag: known.tag }] : [];

/** A run. `counts` and `changes`: null unless the tags of all its lists may be read, as they are sums over these. */
export type ClientRun = Omit<RunView, 'counts' | 'changes'> & {
  counts: RunView['counts'] | null;
  changes: RunView['changes'] | null;
};

/** Runs of a connection, newest first. `next`: the last of this page; null at the end. */
export async function runsOfClient(
  db: Db,
  client: ClientActor,
  { after, limit, ...named }: Named & { after?: SyncRunId; limit: number },
): Promise<{ runs: ClientRun[]; next: SyncRunId | null }> {
  const { connection, tags } = await open(db, client, named);
  const found = await listRuns(db, named.sectionId, connection.id, { before: after, limit: limit + 1 });
  const page = found.slice(0, limit);
  const closed = [...tags.values()].flatMap(({ listId, readable }) => (readable ? [] : [listId]));
  const partly = await rows<{ id: SyncRunId }>(
    db,
    sql`
      select distinct run_id as id from sync_run_list
      where section_id = ${named.sectionId} and run_id = any(${page.map(({ id }) => id)}::int[])
        and list_id = any(${closed}::int[])`,
  );
  const hidden = new Set(partly.map(({ id }) => id));
  return {
    runs: page.map((run) => (hidden.has(run.id) ? withoutCounts(run) : run)),
    next: found.length > limit ? page.at(-1)!.id : null,
  };
}

const withoutCounts = (run: RunView): ClientRun => ({ ...run, counts: null, changes: null });

export type ClientRunList = Omit<RunListView, 'tag'> & Pick<ListTag, 'tag'>;
type NamedRun = Named & { runId: SyncRunId | null };

/** A run with its lists, without those whose tag may not be read. */
export async function runOfClient(
  db: Db,
  client: ClientActor,
  named: NamedRun,
): Promise<{ run: ClientRun; lists: ClientRunList[] }> {
  const { run, tags } = await openRun(db, client, named);
  const { lists: all } = await listsOfRun(db, named.sectionId, run.id);
  const lists = all.flatMap((list) => seen(list, tags.get(list.listId)));
  return { run: lists.length < all.length ? withoutCounts(run) : run, lists };
}

async function openRun(db: Db, client: ClientActor, named: NamedRun): Promise<Opened & { run: RunView }> {
  const opened = await open(db, client, named);
  const run = named.runId === null ? undefined : await getRun(db, named.sectionId, named.runId);
  if (run?.connectionId !== opened.connection.id) return refuse('not_found', 'This connection has no such run.');
  return { ...opened, run };
}

/** A page of keys; `next`: where the following page begins, null at the end. */
export type PeoplePage = { keys: string[]; next: string | null; tagId: TagId };

type PeopleOf = NamedRun & {
  keyspace: InKeyspace;
  listId: ConnectionListId | null;
  group: PeopleGroup;
  after?: string;
  limit: number;
};

/**
 * A page of a group of people of a list in a run, by their keys in a keyspace: without those who have none. The list's tag must be
 * readable through this keyspace too.
 */
export async function peopleOfClient(db: Db, client: ClientActor, asked: PeopleOf): Promise<PeoplePage> {
  const { keyspace, listId, group, after, limit, sectionId } = asked;
  const { run, tags, connection } = await openRun(db, client, asked);
  const list = listId === null ? undefined : tags.get(listId);
  if (!list?.readable || list.tag === null) return refuse('not_found', 'This run has no such list.');
  const tagId = allowedTag(await findTags(db, keyspace, [String(list.tagId)]), keyspace, String(list.tagId), 'read');
  const of = { runId: run.id, listId: list.listId, after, limit };
  const found = isChangeGroup(group)
    ? await changedKeys(db, keyspace, group, of)
    : await contactKeys(db, sectionId, { outcome: OUTCOME_OF[group], key: contactKey(keyspace, connection) }, of);
  return {
    keys: found.flatMap(({ key }) => key ?? []),
    next: found.length === limit ? found.at(-1)!.place : null,
    tagId,
  };
}

type Page = { runId: SyncRunId; listId: ConnectionListId; after?: string; limit: number };
type Found = { place: string; key: string | null };

async function changedKeys(db: Db, inKeyspace: InKeyspace, group: ChangeGroup, page: Page): Promise<Found[]> {
  const { runId, listId, after, limit } = page;
  const { sectionId } = inKeyspace;
  const found = await rows<{ id: ProfileId; key: string | null }>(
    db,
    sql`
      with page as materialized (
        select change.profile_id as id from sync_change change
        where change.section_id = ${sectionId} and change.run_id = ${runId} and change.list_id = ${listId}
          and change.profile_id > ${profileBefore(after)} and ${IN_GROUP[group]}
        order by change.profile_id
        limit ${limit}
      )
      select page.id, ${oneKey(inKeyspace, sql`page.id`)} as key from page order by page.id`,
  );
  return found.map(({ id, key }) => ({ place: String(id), key: key === null ? null : shownKey(inKeyspace, key) }));
}

/** What of a contact is its key in a keyspace, also while no profile has it. */
function contactKey({ keyspace }: InKeyspace, connection: ClientConnection): Sql {
  if (keyspace.id === connection.keyspace.id) return sql`key`;
  switch (keyspace.kind) {
    case 'email':
      return sql`emails[1]`;
    case 'mobile':
      return sql`mobiles[1]`;
    case 'crm_id':
      return sql`crm_id`;
    default:
      return sql`null::text`;
  }
}

function contactKeys(
  db: Db,
  sectionId: SectionId,
  { outcome, key }: { outcome: number; key: Sql },
  { runId, listId, after = '', limit }: Page,
): Promise<Found[]> {
  return rows<Found>(
    db,
    sql`
      select key as place, ${key} as key from sync_member
      where section_id = ${sectionId} and run_id = ${runId} and list_id = ${listId}
        and outcome = ${outcome} and key > ${after}
      order by sync_member.key
      limit ${limit}`,
  );
}
