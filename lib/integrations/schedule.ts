// Starts the syncs that are due.
import { Refusal } from '@/lib/access/refusal';
import type { ConnectionId, ConnectionListId, SectionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { undoneBy } from '@/lib/work/queries';
import { openConnection } from './queries';
import type { ConnectionOptions } from './schema';
import { lockConnection, startChanges, startRun } from './start';
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
  for (const connection of due) await transaction((tx) => startDue(tx, connection, now));
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
  if (!isAllowedHour(options, now)) {
    if (since !== null) await wakeAt(tx, place, { at: firstAllowed(options, now), since });
    return;
  }
  const undone = await wasUndone(tx, { sectionId, id });
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
  try {
    const listIds = lists.map((list) => list.id);
    const cause = since === null ? 'schedule' : 'webhook';
    await startRun(tx, { sectionId, connectionId: id, dry: false, startedBy: null, cause, listIds });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // Another run of it is under way. The next time is as good, but what was announced may be missing in that run.
    const soon = new Date(now.getTime() + options.wakeMinutes * MINUTE);
    if (since !== null) await wakeAt(tx, place, { at: firstAllowed(options, soon), since });
  }
}

const UNDONE =
  'The last sync was undone, and the next one would do the same again. Look into the CRM, then start a dry run here.';

/** Whether the last sync that changed something has been undone, or is being undone. */
async function wasUndone(tx: Tx, { sectionId, id }: Due): Promise<boolean> {
  const last = await maybeOne<{ undone: boolean }>(
    tx,
    sql`
      select ${undoneBy(sectionId, sql`run.operation_id`)} is not null as undone
      from sync_run run
      where run.section_id = ${sectionId} and run.connection_id = ${id} and run.status in ('done', 'held', 'superseded')
        and not run.dry and run.cause <> 'changes'
      order by run.id desc
      limit 1`,
  );
  return last?.undone ?? false;
}

/** When a connection is to be synced next; null: only by hand. */
export function nextSync(
  { everyMinutes, hours }: Pick<ConnectionOptions, 'everyMinutes' | 'hours'>,
  now: Date,
): Date | null {
  return everyMinutes === null ? null : firstAllowed({ hours }, new Date(now.getTime() + everyMinutes * MINUTE));
}

/** This time, or the next full hour at which a sync may start. */
export function firstAllowed({ hours }: Pick<ConnectionOptions, 'hours'>, at: Date): Date {
  let next = at;
  for (let waited = 0; waited < 24 && !isAllowedHour({ hours }, next); waited++) {
    next = new Date(Math.floor(next.getTime() / HOUR) * HOUR + HOUR);
  }
  return next;
}

type Schedule = Pick<ConnectionOptions, 'everyMinutes' | 'changesEveryMinutes' | 'hours'>;

/** When the contacts that have changed are to be read next; null: never. */
const nextChanges = ({ changesEveryMinutes, hours }: Schedule, now: Date): Date | null =>
  nextSync({ everyMinutes: changesEveryMinutes, hours }, now);

/** Assignments of an `update connection`: its next times after a change of its schedule. */
export const nextTimes = (schedule: Schedule, now: Date): Sql =>
  sql`next_sync_at = ${nextSync(schedule, now)}, next_changes_at = ${nextChanges(schedule, now)}`;

/** Whether a sync may start at this hour. The window may go over midnight. */
export function isAllowedHour({ hours }: Pick<ConnectionOptions, 'hours'>, at: Date): boolean {
  if (hours === null || hours.from === hours.to) return true;
  const hour = at.getUTCHours();
  return hours.from < hours.to ? hour >= hours.from && hour < hours.to : hour >= hours.from || hour < hours.to;
}
