// Calls that Allowed Operations refused, by day and key, so that an Admin sees who breaks.
import type { ApiKeyId, KeyspaceId, SectionId, TagId } from '@/lib/db/ids';
import { execute, rows, sql, type Db } from '@/lib/db/sql';

type DeniedCall = {
  sectionId: SectionId;
  tagId: TagId;
  keyspaceId: KeyspaceId;
  apiKeyId: ApiKeyId;
  operation: 'read' | 'write';
};

/** Counts one call that was refused. */
export async function countDenied(db: Db, call: DeniedCall): Promise<void> {
  const [writes, reads] = call.operation === 'write' ? [1, 0] : [0, 1];
  await execute(
    db,
    sql`
      insert into denied_call as counted (section_id, tag_id, keyspace_id, api_key_id, day, writes, reads)
      values (${call.sectionId}, ${call.tagId}, ${call.keyspaceId}, ${call.apiKeyId}, (now() at time zone 'utc')::date,
              ${writes}, ${reads})
      on conflict (section_id, tag_id, keyspace_id, api_key_id, day) do update
      set writes = counted.writes + excluded.writes, reads = counted.reads + excluded.reads`,
  );
}

export type DeniedView = { apiKey: string; keyspace: string; writes: number; reads: number };

/** Who was refused on a tag in the last 30 days. */
export function deniedOnTag(db: Db, sectionId: SectionId, tagId: TagId): Promise<DeniedView[]> {
  return rows<DeniedView>(
    db,
    sql`
      select api_key.name as "apiKey", keyspace.name as keyspace, sum(writes)::int as writes, sum(reads)::int as reads
      from denied_call
      join api_key on api_key.id = denied_call.api_key_id
      join keyspace on keyspace.id = denied_call.keyspace_id
      where section_id = ${sectionId} and tag_id = ${tagId} and day > (now() at time zone 'utc')::date - 30
      group by api_key.name, keyspace.name
      order by 3 desc, 1`,
  );
}
