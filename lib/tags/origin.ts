// Where a change came from according to the ledger, and which ledger row applied a tag to a profile.
import type { ApiKeyId, OperationId, SectionId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';
import { SOURCES, type Source } from './source';

type WrittenCause = {
  source: Source;
  originId?: number;
  operationId?: OperationId | null;
  apiKeyId?: ApiKeyId | null;
};

/** `origin_id` of a ledger row; its source decides which table this refers to. */
export function writtenOrigin({ source, originId, operationId, apiKeyId }: WrittenCause): number | null {
  if (originId !== undefined) return originId;
  switch (source) {
    case 'api':
      return apiKeyId ?? null;
    case 'user':
    case 'bulk':
    case 'merge':
    case 'undo':
    case 'erasure':
      return operationId ?? null;
    case 'import':
    case 'form':
    case 'flow':
    case 'integration':
      return null;
  }
}

/**
 * The name of a change's origin, as `through` for `sourceInWords`: an import's file, a list, an API key, or the
 * operation. `entry`: a row of the ledger or of a profile's history with source, origin_id, operation_id, api_key_id
 * and holder_id. Rows written before origins existed are resolved by operation and API key.
 */
export function throughOf(sectionId: SectionId, entry: Sql): Sql {
  const ofSource = (source: Source) => sql`case when ${entry}.source = ${SOURCES[source]} then ${entry}.origin_id end`;
  return sql`coalesce(
    case ${entry}.source
      when ${SOURCES.import} then coalesce(
        (select file_name from import where section_id = ${sectionId} and id = ${entry}.origin_id),
        (select file_name from import where section_id = ${sectionId} and operation_id = ${entry}.operation_id)
      )
      when ${SOURCES.form} then (select name from form where section_id = ${sectionId} and id = ${entry}.origin_id)
      when ${SOURCES.integration} then (
        select name from claim_holder
        where section_id = ${sectionId} and id = coalesce(${entry}.origin_id, ${entry}.holder_id)
      )
    end,
    (select name from api_key where id = coalesce(${ofSource('api')}, ${entry}.api_key_id)),
    (select summary from operation where section_id = ${sectionId} and id = ${entry}.operation_id)
  )`;
}

/**
 * Whether a ledger row applied a tag for the first time. Skips what an undo restored, so that the last such row says
 * when, from where and by whom the profile got the tag.
 */
export const isApplication = (entry: Sql): Sql =>
  sql`(${entry}.visible and ${entry}.action = 1 and ${entry}.source <> ${SOURCES.undo})`;

/** The ledger row that says when, from where and by whom a profile got a tag. For `left join lateral (…)`. */
export const appliedFrom = (sectionId: SectionId, profileId: Sql, tagId: Sql): Sql => sql`
  select entry.* from tag_change entry
  where entry.section_id = ${sectionId} and entry.profile_id = ${profileId} and entry.tag_id = ${tagId}
    and ${isApplication(sql`entry`)}
  order by entry.id desc
  limit 1`;
