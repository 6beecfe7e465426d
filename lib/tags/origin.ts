// Where a change came from, as the ledger tells it: what it came through, and which of its rows brought a tag to a profile.
import type { ApiKeyId, OperationId, SectionId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';
import { SOURCES, type Source } from './source';

type WrittenCause = {
  source: Source;
  originId?: number;
  operationId?: OperationId | null;
  apiKeyId?: ApiKeyId | null;
};

/** `origin_id` of a ledger row; the row's source says which table it refers to. */
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
 * The name of what a change came through, as a value for `sourceInWords`: an import's file, a list, an API key, or else the
 * operation. `entry`: a row with source, origin_id, operation_id, api_key_id and holder_id, of the ledger or of a profile's
 * history. Rows without an origin (written before there was one) are read by their operation and API key.
 */
export function throughOf(sectionId: SectionId, entry: Sql): Sql {
  const ofSource = (source: Source) => sql`case when ${entry}.source = ${SOURCES[source]} then ${entry}.origin_id end`;
  return sql`coalesce(
    case ${entry}.source
      when ${SOURCES.import} then coalesce(
        (select file_name from import where section_id = ${sectionId} and id = ${entry}.origin_id),
        (select file_name from import where section_id = ${sectionId} and operation_id = ${entry}.operation_id)
      )
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
 * A ledger row by which a tag came to a profile. What an undo brings back had come before: it is passed over, so that the
 * last such row tells since when, from where and by whom the profile has the tag.
 */
export const brought = (entry: Sql): Sql =>
  sql`(${entry}.visible and ${entry}.action = 1 and ${entry}.source <> ${SOURCES.undo})`;

/** The ledger row that tells since when, from where and by whom a profile has a tag. For `left join lateral (…)`. */
export const arrival = (sectionId: SectionId, profileId: Sql, tagId: Sql): Sql => sql`
  select came.* from tag_change came
  where came.section_id = ${sectionId} and came.profile_id = ${profileId} and came.tag_id = ${tagId}
    and ${brought(sql`came`)}
  order by came.id desc
  limit 1`;
