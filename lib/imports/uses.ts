// How imports use tags: the tags of their mapping, and the imports' names for the list of uses.
import type { ImportId, SectionId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db, type Tx } from '@/lib/db/sql';
import type { NamedUser } from '@/lib/uses/schema';
import { writeUses } from '@/lib/uses/uses';
import { columnTags } from './mapping';
import type { Mapping } from './schema';

/** All tags in a mapping: for every row, by column, and chosen for names in the file. */
export function tagsOf(mapping: Mapping): TagId[] {
  const chosen = Object.values(mapping.names).flatMap((decision) => (decision.to === 'tag' ? [decision.tagId] : []));
  return [...mapping.apply, ...mapping.remove, ...chosen, ...columnTags(mapping)];
}

/** Records which tags an import uses. Skips those that do not exist, which are refused when it is started. */
export async function writeImportUses(
  tx: Tx,
  sectionId: SectionId,
  importId: ImportId,
  tagIds: readonly TagId[],
): Promise<void> {
  const known =
    tagIds.length === 0
      ? []
      : await rows<{ id: TagId }>(
          tx,
          sql`select id from tag where section_id = ${sectionId} and id = any(${tagIds}::int[])`,
        );
  await writeUses(tx, sectionId, 'import', [{ id: importId, uses: known.map(({ id }) => ({ kind: 'tag', id })) }]);
}

/** Imports by id, newest first. */
export function namedImports(db: Db, sectionId: SectionId, ids: readonly number[]): Promise<NamedUser[]> {
  return rows(
    db,
    sql`
      select id, file_name as name, status in ('mapping', 'running') as active from import
      where section_id = ${sectionId} and id = any(${ids}::int[])
      order by id desc`,
  );
}
