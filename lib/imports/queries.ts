// Reads of imports: history, the wizard, the report.
import type { ImportId, SectionId, TagId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import { nameKey } from '@/lib/naming/names';
import { tagLabels } from '@/lib/tags/labels';
import type { TagLabel } from '@/lib/tags/schema';
import { lastUndo, undoneBy } from '@/lib/work/queries';
import type { FileEvidence } from './evidence';
import { storedFormat, type FileFormat } from './format';
import { newNames } from './mapping';
import { MappingSchema, type ColumnSample, type ImportView, type Mapping, type Reject } from './schema';
import { tagsOf } from './uses';

/** The number of first rows that the wizard examines. */
export const SAMPLE_ROWS = 200;
const SAMPLES = 3;

const viewIn = (sectionId: SectionId) => sql`
  select import.id, import.status, import.file_name as "fileName", import.file_bytes as "fileBytes", import.rows,
    import.checked, import.error as "fileError", import.dry_operation_id as "dryOperationId",
    import.format, import.mapping, app_user.name as "userName", import.created_at as "createdAt",
    import.operation_id as "operationId", operation.status as "operationStatus",
    coalesce(operation.counts, '{}') as counts, operation.error,
    ${undoneBy(sectionId, sql`import.operation_id`)} as "undoneBy",
    ${lastUndo(sectionId, sql`import.operation_id`)} as "lastUndo"
  from import
  left join operation on operation.section_id = import.section_id and operation.id = import.operation_id
  left join app_user on app_user.id = import.user_id
  where import.section_id = ${sectionId}`;

const withMapping = (row: ImportView): ImportView => ({
  ...row,
  format: storedFormat(row.format),
  mapping: MappingSchema.parse(row.mapping),
});

/** The section's imports, newest first; at most `most`. */
export async function listImports(db: Db, sectionId: SectionId, most = 200): Promise<ImportView[]> {
  const found = await rows<ImportView>(
    db,
    sql`${viewIn(sectionId)} and import.status <> 'uploading' order by import.id desc limit ${most}`,
  );
  return found.map(withMapping);
}

/** One import of the section. */
export async function getImport(db: Db, sectionId: SectionId, id: ImportId): Promise<ImportView | undefined> {
  const found = await maybeOne<ImportView>(db, sql`${viewIn(sectionId)} and import.id = ${id}`);
  return found && withMapping(found);
}

/** The visible tags that an import's mapping applies to all rows, by name. */
export async function tagsOfMapping(
  db: Db,
  sectionId: SectionId,
  { apply, remove }: Pick<Mapping, 'apply' | 'remove'>,
): Promise<{ apply: TagLabel[]; remove: TagLabel[] }> {
  const found = await tagLabels(db, sectionId, [...apply, ...remove]);
  const of = (ids: readonly TagId[]) => found.filter(({ id }) => ids.includes(id));
  return { apply: of(apply), remove: of(remove) };
}

/**
 * The tags that were created for names in the file and that no profile has, by name: for example, if every row with the
 * name was rejected.
 */
export function unusedNewTags(db: Db, sectionId: SectionId, mapping: Pick<Mapping, 'names'>): Promise<TagLabel[]> {
  return rows(
    db,
    sql`
      select id, name, colour from tag
      where section_id = ${sectionId} and hidden_at is null and name_key = any(${newNames(mapping).map(nameKey)}::text[])
        and not exists (select from profile_tag where section_id = ${sectionId} and tag_id = tag.id)
      order by name_key
      limit 50`,
  );
}

/** The file's evidence; null until it has been read to its end. */
export async function getEvidence(db: Db, sectionId: SectionId, id: ImportId): Promise<FileEvidence | null> {
  const found = await maybeOne<{ evidence: FileEvidence | null }>(
    db,
    sql`select evidence from import where section_id = ${sectionId} and id = ${id}`,
  );
  return found?.evidence ?? null;
}

/** An earlier import of a file with the same columns, and its mapping. */
export type SimilarImport = { id: ImportId; fileName: string; createdAt: Date; mapping: Mapping };

/**
 * The newest import of a file with the same columns, without its tags, which are chosen for each file. Files without a
 * header have no columns to compare.
 */
export async function mappingOfSimilarFile(
  db: Db,
  sectionId: SectionId,
  { header, columns }: Pick<FileFormat, 'header' | 'columns'>,
): Promise<SimilarImport | undefined> {
  if (!header) return undefined;
  const found = await maybeOne<Omit<SimilarImport, 'mapping'> & { mapping: unknown }>(
    db,
    sql`
      select id, file_name as "fileName", created_at as "createdAt", mapping
      from import
      where section_id = ${sectionId} and status = 'done' and format -> 'columns' = ${JSON.stringify(columns)}::jsonb
        and (format -> 'header')::boolean and jsonb_array_length(mapping -> 'columns') > 0
      order by id desc
      limit 1`,
  );
  if (!found) return undefined;
  return {
    ...found,
    mapping: { ...MappingSchema.parse(found.mapping), apply: [], remove: [], names: {} },
  };
}

/**
 * The settings of an earlier import, for a file to be imported in the same way: with its tags, except those hidden
 * since. `sameColumns`: whether the file has the columns of the earlier one, without which nothing can be reused.
 */
export async function settingsOfImport(
  db: Db,
  sectionId: SectionId,
  id: ImportId,
  columns: readonly string[],
): Promise<{ fileName: string; mapping: Mapping; sameColumns: boolean } | undefined> {
  const earlier = await getImport(db, sectionId, id);
  if (!earlier) return undefined;
  const { mapping } = earlier;
  const found = await rows<{ id: TagId }>(
    db,
    sql`
      select id from tag
      where section_id = ${sectionId} and hidden_at is null and id = any(${tagsOf(mapping)}::int[])`,
  );
  const visible = new Set(found.map((tag) => tag.id));
  const isThere = (tagId: TagId) => visible.has(tagId);
  return {
    fileName: earlier.fileName,
    sameColumns: JSON.stringify(earlier.format.columns) === JSON.stringify(columns),
    mapping: {
      ...mapping,
      apply: mapping.apply.filter(isThere),
      remove: mapping.remove.filter(isThere),
      columns: mapping.columns.map((column) =>
        column.to === 'tag' && !isThere(column.tagId) ? { to: 'nothing' } : column,
      ),
      names: Object.fromEntries(
        Object.entries(mapping.names).filter(([, decision]) => decision.to !== 'tag' || isThere(decision.tagId)),
      ),
    },
  };
}

/** Samples of each column in the file's first rows. */
export function sampleColumns(columns: readonly string[], first: readonly { cells: string[] }[]): ColumnSample[] {
  return columns.map((name, index) => {
    const values = first.map(({ cells }) => cells[index]?.trim() ?? '').filter((value) => value !== '');
    return {
      name,
      filled: first.length === 0 ? 0 : values.length / first.length,
      samples: [...new Set(values)].slice(0, SAMPLES),
    };
  });
}

/** Rejected rows in file order; `after`: only those after this line. */
export function listRejects(
  db: Db,
  sectionId: SectionId,
  id: ImportId,
  { after = 0, limit }: { after?: number; limit: number },
): Promise<(Reject & { row: number })[]> {
  return rows(
    db,
    sql`
      select row, line, cells, reason from import_reject
      where section_id = ${sectionId} and import_id = ${id} and row > ${after}
      order by row
      limit ${limit}`,
  );
}
