// Which API keys use a tag, and which are refused it by Allowed Operations, per day, so that an Admin sees whom a change would
// break.
import type { ApiKeyId, KeyspaceId, SectionId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql, type Db } from '@/lib/db/sql';

type KeyUse = { sectionId: SectionId; keyspaceId: KeyspaceId; apiKeyId: ApiKeyId };
type Use = KeyUse & { tagId: TagId };
type Counts = { writes: number; reads: number; deniedWrites: number; deniedReads: number };

/** What this process has counted since it last flushed. */
let seen = new Map<string, Use & Counts>();
let timer: NodeJS.Timeout | undefined;
const WRITE_EVERY_MS = 5_000;

/** Counts permitted calls in memory first: the figures may lag, and a process that dies loses a few seconds of them. */
export function recordUse(place: KeyUse, tagIds: readonly TagId[], operation: 'read' | 'write'): void {
  for (const tagId of tagIds) {
    const name = [place.sectionId, tagId, place.keyspaceId, place.apiKeyId].join(':');
    const counts = seen.get(name) ?? { ...place, tagId, writes: 0, reads: 0, deniedWrites: 0, deniedReads: 0 };
    counts[operation === 'write' ? 'writes' : 'reads']++;
    seen.set(name, counts);
  }
  timer ??= setTimeout(() => void writeUse().catch(() => undefined), WRITE_EVERY_MS).unref();
}

/** Flushes what `noteUse` has counted. On failure the counts are kept for the next flush. */
export async function writeUse(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const counted = seen;
  seen = new Map();
  try {
    await transaction((tx) => addUse(tx, [...counted.values()]));
  } catch (error) {
    for (const [name, counts] of counted) if (!seen.has(name)) seen.set(name, counts);
    throw error;
  }
}

/** Counts refused calls immediately. */
export async function countDenied(denied: readonly (Use & { operation: 'read' | 'write' })[]): Promise<void> {
  const counted = new Map<string, Use & Counts>();
  for (const { operation, ...use } of denied) {
    const name = [use.sectionId, use.tagId, use.keyspaceId].join(':');
    const counts = counted.get(name) ?? { ...use, writes: 0, reads: 0, deniedWrites: 0, deniedReads: 0 };
    counts[operation === 'write' ? 'deniedWrites' : 'deniedReads']++;
    counted.set(name, counts);
  }
  await addUse(pool(), [...counted.values()]);
}

/** A statement for each section: they may be on different nodes. */
async function addUse(db: Db, uses: readonly (Use & Counts)[]): Promise<void> {
  for (const sectionId of new Set(uses.map((use) => use.sectionId))) {
    const own = uses.filter((use) => use.sectionId === sectionId);
    await addUseOfSection(db, sectionId, own);
  }
}

async function addUseOfSection(db: Db, sectionId: SectionId, uses: readonly (Use & Counts)[]): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  await execute(
    db,
    sql`
      insert into tag_use as counted
        (section_id, tag_id, keyspace_id, api_key_id, day, writes, reads, denied_writes, denied_reads)
      select ${sectionId}::int, use."tagId", use."keyspaceId", use."apiKeyId", ${day}::date,
        use.writes, use.reads, use."deniedWrites", use."deniedReads"
      from jsonb_to_recordset(${JSON.stringify(uses)}::jsonb) use (
        "tagId" int, "keyspaceId" int, "apiKeyId" int,
        writes int, reads int, "deniedWrites" int, "deniedReads" int
      )
      order by 2, 3, 4
      on conflict (section_id, tag_id, keyspace_id, api_key_id, day) do update
      set writes = counted.writes + excluded.writes, reads = counted.reads + excluded.reads,
          denied_writes = counted.denied_writes + excluded.denied_writes,
          denied_reads = counted.denied_reads + excluded.denied_reads`,
  );
}

/** What an API key did with a tag through a keyspace in the last 30 days. */
export type TagUseView = Counts & { apiKey: string; keyspaceId: KeyspaceId; keyspace: string };

/** Who used a tag, or was refused it, in the last 30 days. Revoked keys are left out. */
export function usesOfTag(db: Db, sectionId: SectionId, tagId: TagId): Promise<TagUseView[]> {
  return rows<TagUseView>(
    db,
    sql`
      select api_key.name as "apiKey", keyspace.id as "keyspaceId", keyspace.name as keyspace,
        sum(writes)::int as writes, sum(reads)::int as reads,
        sum(denied_writes)::int as "deniedWrites", sum(denied_reads)::int as "deniedReads"
      from tag_use
      join api_key on api_key.id = tag_use.api_key_id and api_key.revoked_at is null
      join keyspace on keyspace.id = tag_use.keyspace_id
      where section_id = ${sectionId} and tag_id = ${tagId} and day > (now() at time zone 'utc')::date - 30
      group by api_key.id, keyspace.id
      order by keyspace.id, api_key.name`,
  );
}
