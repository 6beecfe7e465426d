// Starts the syncs that are due.
import { Refusal } from '@/lib/access/refusal';
import type { ConnectionId, ConnectionListId, SectionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { firstWithin, isWithin, QUARTER_MS } from '@/lib/text/hours';
import { openConnection } from './queries';
import type { ConnectionOptions } from './schema';
import { lockConnection, startChanges, startRun } from './start';
import { UNDONE, wasUndone } from './undone';
import { takeWake, wakeAt } from './wake';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Connections that are looked at in one turn. */
const AT_ONCE = 50;

type Due = { sectionId: SectionId; id: ConnectionId };

/** One turn: starts a run of each connection whose time has come. A connection that cannot be started does not hold up others. */
export async function startDueSyncs(now: Date = new Date()): Promise<void> {
  const due = await rows<Due>(
    pool(),
    sql`
      select section_id as "sectionId", id from connection
      where status = 'active' and least(next_sync_at, next_changes_at) <= ${now}
      order by least(next_sync_at, next_changes_at)
      limit ${AT_ONCE}`,
  );
  const failures: unknown[] = [];
  for (const connection of due) {
    try {
      await transaction((tx) => startDue(tx, connection, now));
    } catch (error) {
      // It was removed in the meantime.
      if (error instanceof Refusal) continue;
      failures.push(error);
      await putOff(connection, now);
    }
  }
  // For the log, after all others had their turn.
  if (failures.length > 0) throw new AggregateError(failures, 'Some connections could not be started.');
}

/** What is due of a connection that could not be started is tried again in an hour: not in each turn, before all others. */
async function putOff({ sectionId, id }: Due, now: Date): Promise<void> {
  const later = new Date(now.getTime() + HOUR);
  await execute(
    pool(),
    sql`
      update connection
      set next_sync_at = case when next_sync_at <= ${now} then ${later}::timestamptz else next_sync_at end,
        next_changes_at = case when next_changes_at <= ${now} then ${later}::timestamptz else next_changes_at end
      where section_id = ${sectionId} and id = ${id}`,
  );
}

async function startDue(tx: Tx, { sectionId, id }: Due, now: Date): Promise<void> {
  await lockConnection(tx, sectionId, id);
  const connection = await openConnection(tx, sectionId, id);
  if (!connection) return;
  const { options } = connection;
  const ofConnection = sql`section_id = ${sectionId} and id = ${id}`;
  const due = await one<{ lists: boolean; changes: boolean }>(
    tx,
    sql`
      select coalesce(next_sync_at <= ${now}, false) as lists, coalesce(next_changes_at <= ${now}, false) as changes
      from connection where ${ofConnection}`,
  );
  if (due.changes) {
    await execute(tx, sql`update connection set next_changes_at = ${nextChanges(options, now)} where ${ofConnection}`);
  }
  if (due.lists) {
    await execute(tx, sql`update connection set next_sync_at = ${nextSync(options, now)} where ${ofConnection}`);
  }
  const place = { sectionId, connectionId: id };
  const since = due.lists ? await takeWake(tx, place) : null;
  if (!isWithin(options.hours, now)) {
    if (since !== null) await wakeAt(tx, place, { at: firstWithin(options.hours, now), since });
    return;
  }
  const { undone } = await one<{ undone: boolean }>(tx, sql`select ${wasUndone(sectionId, sql`${id}`)} as undone`);
  if (undone) {
    await execute(
      tx,
      sql`
        update connection set status = 'waiting', attention = ${UNDONE}
        where section_id = ${sectionId} and id = ${id}`,
    );
    return;
  }
  // Only lists whose dry run somebody has seen are synced without anybody watching.
  const lists = await rows<{ id: ConnectionListId }>(
    tx,
    sql`
      select id from connection_list
      where section_id = ${sectionId} and connection_id = ${id} and confirmed and status not in ('left', 'paused')`,
  );
  if (lists.length === 0) return;
  if (!due.lists) return startChanges(tx, sectionId, id);
  const busyUntil = await lookedAtUntil(tx, { sectionId, id }, now);
  if (busyUntil !== null) {
    const at = firstWithin(options.hours, busyUntil);
    await execute(tx, sql`update connection set next_sync_at = ${at} where ${ofConnection}`);
    if (since !== null) await wakeAt(tx, place, { at, since });
    return due.changes ? startChanges(tx, sectionId, id) : undefined;
  }
  try {
    const listIds = lists.map((list) => list.id);
    const cause = since === null ? 'schedule' : 'webhook';
    await startRun(tx, { sectionId, connectionId: id, dry: false, startedBy: null, cause, listIds });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // Another run of it is under way. The next time is as good, but what was announced may be missing in that run.
    const soon = new Date(now.getTime() + options.wakeMinutes * MINUTE);
    if (since !== null) await wakeAt(tx, place, { at: firstWithin(options.hours, soon), since });
  }
}

/** A dry run is left alone for so long: somebody is looking at it, and a sync would replace it. Milliseconds. */
const LOOKED_AT_MS = 2 * HOUR;

/** Until when somebody may be looking at the last dry run; null: nobody is. */
async function lookedAtUntil(tx: Tx, { sectionId, id }: Due, now: Date): Promise<Date | null> {
  const shown = await maybeOne<{ at: Date }>(
    tx,
    sql`
      select finished_at as at from sync_run
      where section_id = ${sectionId} and connection_id = ${id} and status = 'planned'
        and finished_at > ${new Date(now.getTime() - LOOKED_AT_MS)}
      order by id desc
      limit 1`,
  );
  return shown ? new Date(shown.at.getTime() + LOOKED_AT_MS) : null;
}

/**
 * When a connection is to be synced next; null: only by hand. With allowed hours, an interval of a day or more means once in the hours of
 * the day on which it ends, at their beginning: by the minute it would pass over the hours of a day now and then.
 */
export function nextSync(
  { everyMinutes, hours }: Pick<ConnectionOptions, 'everyMinutes' | 'hours'>,
  now: Date,
): Date | null {
  if (everyMinutes === null) return null;
  const due = new Date(now.getTime() + everyMinutes * MINUTE);
  const start = everyMinutes < DAY_MINUTES ? null : lastStart({ hours }, now, due);
  return start ?? firstWithin(hours, due);
}

const DAY_MINUTES = 24 * 60;

/** When the allowed hours begin for the last time after one time and until another; null: never, or there is no limit. */
function lastStart({ hours }: Pick<ConnectionOptions, 'hours'>, after: Date, until: Date): Date | null {
  if (hours === null || hours.from === hours.to) return null;
  let at = Math.floor(until.getTime() / QUARTER_MS) * QUARTER_MS;
  let isAllowed = isWithin(hours, new Date(at));
  for (; at > after.getTime(); at -= QUARTER_MS) {
    const wasAllowed = isWithin(hours, new Date(at - QUARTER_MS));
    if (isAllowed && !wasAllowed) return new Date(at);
    isAllowed = wasAllowed;
  }
  return null;
}

type Schedule = Pick<ConnectionOptions, 'everyMinutes' | 'changesEveryMinutes' | 'hours'>;

/** When the contacts that have changed are to be read next; null: never. */
const nextChanges = ({ changesEveryMinutes, hours }: Schedule, now: Date): Date | null =>
  nextSync({ everyMinutes: changesEveryMinutes, hours }, now);

/** Assignments of an `update connection`: its next times after a change of its schedule. */
export const nextTimes = (schedule: Schedule, now: Date): Sql =>
  sql`next_sync_at = ${nextSync(schedule, now)}, next_changes_at = ${nextChanges(schedule, now)}`;
