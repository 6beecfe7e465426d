// Announcements of CRMs: a genuine one starts the next sync earlier, and says nothing about what has changed.
import type { ConnectionId, SectionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, sql } from '@/lib/db/sql';
import { firstWithin } from '@/lib/text/hours';
import type { Delivery } from './connector';
import { connectorNamed } from './connectors';
import { readHookName, unsealHookKeys } from './hook';
import { ConnectionOptionsSchema, type ConnectionOptions } from './schema';
import { isSame, isSigned } from './signature';
import { lockConnection } from './start';
import { wakeAt } from './wake';

const MINUTE = 60_000;

type Known = {
  kind: string;
  sealed: Buffer;
  status: string;
  options: unknown;
  nextSyncAt: Date | null;
  lastStart: Date | null;
  heardAt: Date | null;
  wokenAt: Date | null;
};

/**
 * Takes a delivery to the address with this name. Returns whether it is genuine. For an unknown address about as much is computed as
 * for a wrong signature.
 */
export async function receiveDelivery(name: string, delivery: Delivery, now: Date = new Date()): Promise<boolean> {
  const place = readHookName(name);
  const known = place && (await findKnown(place));
  const keys = known && unsealHookKeys(known.sealed);
  const isToken = isSame(place?.token ?? '', keys?.token ?? NOBODY);
  if (!place || !known || !keys || !isToken) {
    isSigned(delivery.body, NOBODY, delivery.headers['x-signature']);
    return false;
  }
  const hint = connectorNamed(known.kind).readWebhook?.(delivery, keys.secret) ?? null;
  if (hint === null) return false;
  const at = wakeTime(ConnectionOptionsSchema.parse(known.options), known.lastStart, now);
  const waits = known.wokenAt !== null && known.nextSyncAt !== null && at !== null && known.nextSyncAt <= at;
  // Of many announcements, one makes the sync due, and one a minute is noted.
  if (at !== null && known.status === 'active' && !waits) await wake(place, at, now);
  else if (known.heardAt === null || now.getTime() - known.heardAt.getTime() > MINUTE) await noteHeard(place, now);
  return true;
}

/** Fits no token and no signature. */
const NOBODY = 'nobody';

type Place = { sectionId: SectionId; connectionId: ConnectionId };

const findKnown = ({ sectionId, connectionId }: Place): Promise<Known | undefined> =>
  maybeOne<Known>(
    pool(),
    sql`
      select connection.kind, hook.sealed, connection.status, connection.options,
        connection.next_sync_at as "nextSyncAt", hook.heard_at as "heardAt", hook.woken_at as "wokenAt",
        (
          select run.created_at from sync_run run
          where run.section_id = ${sectionId} and run.connection_id = ${connectionId} and run.cause <> 'changes'
          order by run.id desc
          limit 1
        ) as "lastStart"
      from connection_hook hook
      join connection on connection.section_id = ${sectionId} and connection.id = hook.connection_id
      where hook.section_id = ${sectionId} and hook.connection_id = ${connectionId} and connection.status <> 'removed'`,
  );

/** When an announcement of now starts a sync; null: never, as the connection is synced by hand only. */
export function wakeTime(
  { everyMinutes, hours, wakeMinutes }: Pick<ConnectionOptions, 'everyMinutes' | 'hours' | 'wakeMinutes'>,
  lastStart: Date | null,
  now: Date,
): Date | null {
  if (everyMinutes === null) return null;
  const earliest = lastStart === null ? now.getTime() : lastStart.getTime() + wakeMinutes * MINUTE;
  return firstWithin(hours, new Date(Math.max(now.getTime(), earliest)));
}

/** Makes the next sync due at this time, unless it is due earlier. */
function wake({ sectionId, connectionId }: Place, at: Date, now: Date): Promise<void> {
  return transaction(async (tx) => {
    const { status } = await lockConnection(tx, sectionId, connectionId);
    if (status !== 'active') return;
    await wakeAt(tx, { sectionId, connectionId }, { at, since: now });
    await execute(
      tx,
      sql`
        update connection_hook set heard_at = ${now}
        where section_id = ${sectionId} and connection_id = ${connectionId}`,
    );
  });
}

async function noteHeard({ sectionId, connectionId }: Place, now: Date): Promise<void> {
  await execute(
    pool(),
    sql`
      update connection_hook set heard_at = ${now}
      where section_id = ${sectionId} and connection_id = ${connectionId}`,
  );
}
