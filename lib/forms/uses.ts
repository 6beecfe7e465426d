// What forms use: recorded with the draft and what is published, and their names for lists of users.
import type { FormId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db, type Tx } from '@/lib/db/sql';
import type { NamedUser } from '@/lib/uses/schema';
import { writeUses } from '@/lib/uses/uses';
import { referencesOf } from './references';
import type { FormDocument } from './schema';

/** Records what the documents of a form refer to: its draft, and the version that people get. None: it is deleted. */
export function writeFormUses(
  tx: Tx,
  sectionId: SectionId,
  id: FormId,
  documents: readonly FormDocument[],
): Promise<void> {
  const references = documents.map(referencesOf);
  return writeUses(tx, sectionId, 'form', [
    {
      id,
      uses: references.flatMap(({ tagIds, attributeIds, topicIds }) => [
        ...tagIds.map((tag) => ({ kind: 'tag' as const, id: tag })),
        ...attributeIds.map((attribute) => ({ kind: 'attribute' as const, id: attribute })),
        ...topicIds.map((topic) => ({ kind: 'topic' as const, id: topic })),
      ]),
    },
  ]);
}

/** Forms by id, in the order of their names. Those that were deleted depend on nothing. */
export function namedForms(db: Db, sectionId: SectionId, ids: readonly number[]): Promise<NamedUser[]> {
  return rows(
    db,
    sql`
      select id, name, deleted_at is null as active from form
      where section_id = ${sectionId} and id = any(${ids}::int[])
      order by name_key, id`,
  );
}
