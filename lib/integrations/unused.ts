// Lists whose tag nobody uses: they cost calls at every sync.
import { namedImports } from '@/lib/imports/uses';
import type { ConnectionId, ConnectionListId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { TagLabel } from '@/lib/tags/schema';
import { directUsers } from '@/lib/uses/uses';

export type UnusedList = {
  id: ConnectionListId;
  name: string;
  connectionId: ConnectionId;
  tag: TagLabel;
};

/** How to narrow the lists: of one connection, chosen before a time, at most so many. */
type Asked = { sectionId: SectionId; connectionId?: ConnectionId; chosenBefore?: Date; limit?: number };

/** The lists whose visible tag is in no segment, flow, form or unfinished import, by name. `total`: without the limit. */
export async function unusedLists(
  db: Db,
  { sectionId, connectionId, chosenBefore, limit }: Asked,
): Promise<{ lists: UnusedList[]; total: number }> {
  const users = await directUsers(db, sectionId, 'tag');
  const importIds = users.flatMap(({ kind, ids }) => (kind === 'import' ? ids : []));
  // A finished import no longer depends on its tags.
  const imports = importIds.length === 0 ? [] : await namedImports(db, sectionId, importIds);
  const active = new Set(imports.flatMap((item) => (item.active ? [item.id] : [])));
  const used = users.flatMap(({ usedId, kind, ids }) =>
    kind === 'segment' || (kind === 'import' && ids.some((id) => active.has(id))) ? [usedId] : [],
  );
  const found = await rows<UnusedList & { total: number }>(
    db,
    sql`
      select list.id, list.name, list.connection_id as "connectionId",
        json_build_object('id', tag.id, 'name', tag.name, 'colour', tag.colour) as tag,
        count(*) over () as total
      from connection_list list
      join tag on tag.section_id = ${sectionId} and tag.id = list.tag_id and tag.hidden_at is null
      where list.section_id = ${sectionId} and list.status <> 'left' and not list.tag_id = any(${used}::int[])
        ${connectionId === undefined ? sql`` : sql`and list.connection_id = ${connectionId}`}
        ${chosenBefore === undefined ? sql`` : sql`and list.created_at < ${chosenBefore}`}
      order by lower(list.name), list.id
      ${limit === undefined ? sql`` : sql`limit ${limit}`}`,
  );
  return { lists: found.map(({ total: _, ...list }) => list), total: found[0]?.total ?? 0 };
}
