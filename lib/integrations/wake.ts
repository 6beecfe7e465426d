// What an announcement of a CRM leaves behind until a sync starts.
import type { ConnectionId, SectionId } from '@/lib/db/ids';
import { execute, maybeOne, sql, type Tx } from '@/lib/db/sql';

type Place = { sectionId: SectionId; connectionId: ConnectionId };

/** Makes the next sync of a connection, which the caller has locked, due at this time, unless it is due earlier. `since`: of the announcement. */
export async function wakeAt(
  tx: Tx,
  { sectionId, connectionId }: Place,
  { at, since }: { at: Date; since: Date },
): Promise<void> {
  await execute(
    tx,
    sql`
      update connection set next_sync_at = ${at}
      where section_id = ${sectionId} and id = ${connectionId} and (next_sync_at is null or next_sync_at > ${at})`,
  );
  await execute(
    tx,
    sql`
      update connection_hook set woken_at = coalesce(woken_at, ${since})
      where section_id = ${sectionId} and connection_id = ${connectionId}`,
  );
}

/** Takes the announcement that waits for a sync of a connection, if there is one: since when. */
export async function takeWake(tx: Tx, { sectionId, connectionId }: Place): Promise<Date | null> {
  const waiting = await maybeOne<{ since: Date }>(
    tx,
    sql`
      select woken_at as since from connection_hook
      where section_id = ${sectionId} and connection_id = ${connectionId} and woken_at is not null
      for update`,
  );
  if (!waiting) return null;
  await execute(
    tx,
    sql`
      update connection_hook set woken_at = null
      where section_id = ${sectionId} and connection_id = ${connectionId}`,
  );
  return waiting.since;
}
