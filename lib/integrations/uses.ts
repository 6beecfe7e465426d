// What lists of integrations use: each the tag that it keeps.
import type { ConnectionListId, SectionId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { LIST_NAME } from '@/lib/tags/held-by';
import type { NamedUser } from '@/lib/uses/schema';
import { writeUses } from '@/lib/uses/uses';

/** Records which tag each list keeps; null: none any more. */
export const writeListUses = (
  tx: Tx,
  sectionId: SectionId,
  lists: readonly { id: ConnectionListId; tagId: TagId | null }[],
): Promise<void> =>
  writeUses(
    tx,
    sectionId,
    'list',
    lists.map(({ id, tagId }) => ({ id, uses: tagId === null ? [] : [{ kind: 'tag', id: tagId }] })),
  );

/** Lists by id with their connection's name: 'Dynamics: Trade Show'. In the order of these names. */
export function namedLists(db: Db, sectionId: SectionId, ids: readonly number[]): Promise<NamedUser[]> {
  return rows(
    db,
    sql`
      select list.id, ${LIST_NAME} as name, list.status <> 'left' as active
      from connection_list list
      join connection on connection.section_id = ${sectionId} and connection.id = list.connection_id
      where list.section_id = ${sectionId} and list.id = any(${ids}::int[])
      order by lower(${LIST_NAME}), list.id`,
  );
}
