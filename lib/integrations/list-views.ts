// What pages show of the lists that a connection keeps: how many there are, a page of them, and what a running sync changes in them.
import type { ConnectionId, ConnectionListId, SectionId } from '@/lib/db/ids';
import { one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { nameKey } from '@/lib/naming/names';
import type { TagLabel } from '@/lib/tags/schema';
import { ListCountsSchema, type DryRunReason, type ListFilter, type ListStatus } from './schema';

/**
 * What the last sync of a list has found: contacts on it, those who are here, also since it created a profile for them, and people who are
 * kept off its tag.
 */
export type LastFound = { seen: number; matched: number; keptOff: number };

/** Runs in which the last sync of a list is looked for. */
const RUNS_SEARCHED = 100;

/**
 * What a sync may change in a list. `waits`: its removals wait for an answer. `last`: null if none of the latest runs has synced it, or it was
 * linked to another list of the CRM since.
 */
export type ListNow = {
  id: ConnectionListId;
  status: ListStatus;
  /** ISO 8601. */
  statusSince: string;
  newName: string | null;
  confirmed: boolean;
  /** What has changed since it was synced, if it needs a dry run again. */
  dryRunReason: DryRunReason | null;
  waits: boolean;
  /** Allowed Operations do not let the connection write its tag. */
  refused: boolean;
  last: LastFound | null;
};

/** A list that a connection keeps. `chosenAt`: ISO 8601. */
export type ListView = ListNow & {
  externalId: string;
  name: string;
  kind: string;
  addOnly: boolean;
  /** People who get its tag enter the flows that listen for it. */
  startsFlows: boolean;
  chosenAt: string;
  tag: TagLabel & { hidden: boolean };
};

/**
 * How many lists a connection keeps. `troubled`: the CRM no longer has them or calls them otherwise, or their tag was hidden or may not be
 * written. Of those that syncs read: `fresh` ones wait for a dry run, `ready` ones do not.
 */
export type ListTotals = { kept: number; troubled: number; fresh: number; ready: number };

export const NO_LISTS: ListTotals = { kept: 0, troubled: 0, fresh: 0, ready: 0 };

/** Allowed Operations do not let the connection of `list` write its tag. */
const isRefused = (sectionId: SectionId): Sql => sql`
  exists (
    select from tag_permission permission
    join connection own
      on own.section_id = ${sectionId} and own.id = list.connection_id and own.keyspace_id = permission.keyspace_id
    where permission.section_id = ${sectionId} and permission.tag_id = list.tag_id and not permission.can_write
  )`;

const isTroubled = (sectionId: SectionId): Sql => sql`
  (list.status in ('inactive', 'missing', 'gone') or list.new_name is not null or tag.hidden_at is not null
    or (list.status = 'active' and ${isRefused(sectionId)}))`;

/** `ListTotals` as JSON. For statements with `list` and `tag`. */
export const totalsOf = (sectionId: SectionId): Sql => sql`
  json_build_object(
    'kept', count(*),
    'troubled', count(*) filter (where ${isTroubled(sectionId)}),
    'fresh', count(*) filter (where list.status = 'active' and not list.confirmed),
    'ready', count(*) filter (where list.status = 'active' and list.confirmed)
  )`;

export async function listTotals(db: Db, sectionId: SectionId, id: ConnectionId): Promise<ListTotals> {
  const { totals } = await one<{ totals: ListTotals }>(
    db,
    sql`
      select ${totalsOf(sectionId)} as totals
      from connection_list list
      join tag on tag.section_id = ${sectionId} and tag.id = list.tag_id
      where list.section_id = ${sectionId} and list.connection_id = ${id} and list.status <> 'left'`,
  );
  return totals;
}

/** Which lists of a connection are asked for: `search`: words of the name or the tag; `listId`: only this one. By default all of them. */
export type ListPage = {
  search?: string;
  listId?: ConnectionListId;
  show?: ListFilter;
  offset?: number;
  limit?: number;
};

const isShown = (sectionId: SectionId): Record<ListFilter, Sql> => ({
  all: sql`true`,
  kept: sql`list.status = 'active' and list.confirmed`,
  fresh: sql`list.status = 'active' and not list.confirmed and list.id not in (select list_id from waiting)`,
  paused: sql`list.status = 'paused'`,
  attention: sql`(${isTroubled(sectionId)} or list.id in (select list_id from waiting))`,
});

/** The words of a search, as names are compared. */
export const wordsOf = (search = ''): string[] => nameKey(search).split(' ').filter(Boolean);

/** Whether a text has all of these words in it. */
export const hasWords = (text: Sql, words: readonly string[]): Sql =>
  words.length === 0
    ? sql`true`
    : sql`not exists (select from unnest(${words}::text[]) word where strpos(lower(${text}), word) = 0)`;

/** Lists of a connection whose removals wait for an answer. */
const waiting = (sectionId: SectionId, id: ConnectionId): Sql => sql`
  select item.list_id
  from sync_run run
  join sync_run_list item on item.section_id = ${sectionId} and item.run_id = run.id
  where run.section_id = ${sectionId} and run.connection_id = ${id} and run.status = 'held'
    and item.status = 'held' and item.answered_at is null`;

/** Lists of a connection, by name, and how many there are on all pages. */
export async function listsOfConnection(
  db: Db,
  sectionId: SectionId,
  id: ConnectionId,
  { search, listId, show = 'all', offset = 0, limit }: ListPage = {},
): Promise<{ lists: ListView[]; total: number }> {
  const found = sql`
    from connection_list list
    join tag on tag.section_id = ${sectionId} and tag.id = list.tag_id
    where list.section_id = ${sectionId} and list.connection_id = ${id} and list.status <> 'left'
      and ${isShown(sectionId)[show]} and ${hasWords(sql`list.name || ' ' || tag.name`, wordsOf(search))}
      ${listId === undefined ? sql`` : sql`and list.id = ${listId}`}`;
  const held = sql`waiting as materialized (${waiting(sectionId, id)})`;
  const lists = await rows<Omit<ListView, 'statusSince' | 'chosenAt' | 'last'> & { statusSince: Date; chosenAt: Date }>(
    db,
    sql`
      with ${held}
      select list.id, list.external_id as "externalId", list.name, list.kind, list.status,
        list.status_since as "statusSince", list.new_name as "newName", list.add_only as "addOnly", list.starts_flows as "startsFlows", list.confirmed,
        list.dry_run_reason as "dryRunReason",
        list.created_at as "chosenAt", list.id in (select list_id from waiting) as waits,
        ${isRefused(sectionId)} as refused,
        json_build_object(
          'id', tag.id, 'name', tag.name, 'colour', tag.colour, 'hidden', tag.hidden_at is not null
        ) as tag
      ${found}
      order by lower(list.name), list.id
      ${limit === undefined ? sql`` : sql`limit ${limit} offset ${offset}`}`,
  );
  const isAll = limit === undefined || (offset === 0 && lists.length < limit);
  const { total } = isAll
    ? { total: lists.length }
    : await one<{ total: number }>(db, sql`with ${held} select count(*) as total ${found}`);
  const last = await lastFound(db, sectionId, { connectionId: id, ids: lists.map((list) => list.id) });
  return {
    lists: lists.map(({ statusSince, chosenAt, ...list }) => ({
      ...list,
      statusSince: statusSince.toISOString(),
      chosenAt: chosenAt.toISOString(),
      last: last.get(list.id) ?? null,
    })),
    total,
  };
}

/** What a sync may have changed in these lists of a connection, in any order. */
export async function listsNow(
  db: Db,
  sectionId: SectionId,
  { connectionId, ids }: { connectionId: ConnectionId; ids: readonly ConnectionListId[] },
): Promise<ListNow[]> {
  const lists = await rows<Omit<ListNow, 'statusSince' | 'last'> & { statusSince: Date }>(
    db,
    sql`
      with waiting as materialized (${waiting(sectionId, connectionId)})
      select list.id, list.status, list.status_since as "statusSince", list.new_name as "newName", list.confirmed,
        list.dry_run_reason as "dryRunReason",
        list.id in (select list_id from waiting) as waits, ${isRefused(sectionId)} as refused
      from connection_list list
      where list.section_id = ${sectionId} and list.connection_id = ${connectionId} and list.status <> 'left'
        and list.id = any(${ids}::int[])`,
  );
  const last = await lastFound(db, sectionId, { connectionId, ids });
  return lists.map(({ statusSince, ...list }) => ({
    ...list,
    statusSince: statusSince.toISOString(),
    last: last.get(list.id) ?? null,
  }));
}

/** What the last sync of each of these lists has found. */
async function lastFound(
  db: Db,
  sectionId: SectionId,
  { connectionId, ids }: { connectionId: ConnectionId; ids: readonly ConnectionListId[] },
): Promise<Map<ConnectionListId, LastFound>> {
  const found = await rows<{ id: ConnectionListId; counts: unknown }>(
    db,
    sql`
      with recent as materialized (
        -- As an array, so that a list without a result costs one look for each of these runs, not for all.
        select array(
          select run.id from sync_run run
          where run.section_id = ${sectionId} and run.connection_id = ${connectionId} and not run.dry
            and run.cause <> 'changes' and run.status in ('done', 'held', 'superseded')
          order by run.id desc
          limit ${RUNS_SEARCHED}
        ) as ids
      )
      select list.id, last.counts
      from connection_list list
      cross join lateral (
        select item.counts
        from sync_run_list item
        where item.section_id = ${sectionId} and item.run_id = any((select recent.ids from recent)::int[])
          and item.list_id = list.id and item.status in ('done', 'held')
        order by item.run_id desc
        limit 1
      ) last
      where list.section_id = ${sectionId} and list.id = any(${ids}::int[])
        -- What was found on another list of the CRM says nothing of this one.
        and (list.confirmed or list.dry_run_reason is distinct from 'list')`,
  );
  return new Map(
    found.map(({ id, counts }) => {
      const { seen, matched, create, keptOff } = ListCountsSchema.parse(counts);
      return [id, { seen, matched: matched + create, keptOff }];
    }),
  );
}
