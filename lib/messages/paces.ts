// Rates that an Admin has set for mailbox providers, such as 100 a minute for gmail.com: kept over all processes and connections of a sender. Each mail that is claimed
// moves the moment at which the next one is due; those of a second or so may go together. What is claimed and not sent in the end is not given back: it is a moment's rate.
import type { OpenSender } from '@/lib/sending/schema';
import { execute, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { laneOf, SERVICE_LANES, slowLanes, type SlowLane } from './lanes';

const MINUTE_MS = 60_000;

type Sender = Pick<OpenSender, 'sectionId' | 'id'> & { settings: Pick<OpenSender['settings'], 'server'> };

/** How far a lane is ahead of its rate. `perMinute`: of the domains in it, the least. */
type Pace = { lane: number; perMinute: number; freeAt: Date };

const ratesOf = ({ settings }: Sender) => settings.server?.rates ?? [];

/** The lanes with a rate, and how many a minute, as SQL. A domain shares its lane with others of its provider, or with a few that nobody has named. */
function ratedLanes(sender: Sender) {
  const rates = ratesOf(sender);
  return sql`
    select ${laneOf('email', sql`rate.domain`)} as lane, min(rate.per_minute) as per_minute
    from unnest(
      ${rates.map(({ domain }) => domain)}::text[], ${rates.map(({ perMinute }) => perMinute)}::int[]
    ) rate (domain, per_minute)
    group by 1`;
}

/** So many mails of a lane may leave at once: those of a second. Mails of single calls may go before a newsletter's: by a tenth of a minute more. */
function mostAtOnce(perMinute: number, isService: boolean): number {
  return Math.max(1, Math.ceil(perMinute / 60)) + (isService ? Math.max(1, Math.ceil(perMinute / 10)) : 0);
}

/** From when on a lane has room for one more mail. */
function roomFrom({ perMinute, freeAt }: Pace, isService: boolean): Date {
  return new Date(freeAt.getTime() - ((mostAtOnce(perMinute, isService) - 1) * MINUTE_MS) / perMinute);
}

/** What holds up lanes of a sender: what their servers have answered, and rates that are used up. */
export async function heldLanes(db: Db, sender: Sender, now: Date): Promise<SlowLane[]> {
  const slow = await slowLanes(db, { sectionId: sender.sectionId, senderId: sender.id });
  if (ratesOf(sender).length === 0) return slow;
  const paces = await rows<Pace>(
    db,
    sql`
      select pace.lane, rated.per_minute as "perMinute", pace.free_at as "freeAt"
      from (${ratedLanes(sender)}) rated
      join sender_pace pace
        on pace.section_id = ${sender.sectionId} and pace.sender_id = ${sender.id} and pace.lane = rated.lane`,
  );
  const held = new Map(slow.map((lane) => [lane.lane, lane]));
  for (const pace of paces) {
    for (const isService of [false, true]) {
      const lane = pace.lane + (isService ? SERVICE_LANES : 0);
      const [until, known] = [roomFrom(pace, isService), held.get(lane)];
      if (until <= now || (known && known.until >= until)) continue;
      held.set(lane, { lane, step: known?.step ?? 0, answer: known?.answer ?? '', until });
    }
  }
  return [...held.values()];
}

/** What lanes that have a rate may claim now. */
export type LaneRooms = ReadonlyMap<number, Pace & { room: number }>;

const UNLIMITED: LaneRooms = new Map();

/** How many mails each lane with a rate may claim now. Locks them until the transaction ends: call it in a short one, and then `usePaces`. */
export async function lockPaces(tx: Tx, sender: Sender, isService: boolean, now: Date): Promise<LaneRooms> {
  if (ratesOf(sender).length === 0) return UNLIMITED;
  const paces = await rows<Pace>(
    tx,
    sql`
      with rated as materialized (${ratedLanes(sender)}),
      locked as (
        insert into sender_pace as known (section_id, sender_id, lane, free_at)
        select ${sender.sectionId}::int, ${sender.id}::int, rated.lane, ${now}::timestamptz from rated order by rated.lane
        on conflict (section_id, sender_id, lane) do update set free_at = known.free_at
        returning lane, free_at
      )
      select locked.lane, rated.per_minute as "perMinute", locked.free_at as "freeAt"
      from locked join rated on rated.lane = locked.lane`,
  );
  return new Map(
    paces.map((pace) => {
      const most = mostAtOnce(pace.perMinute, isService);
      const ahead = Math.max(0, pace.freeAt.getTime() - now.getTime());
      const room = Math.max(0, Math.floor(most - (ahead * pace.perMinute) / MINUTE_MS + 1e-6));
      return [pace.lane + (isService ? SERVICE_LANES : 0), { ...pace, room }];
    }),
  );
}

/** Mails of these lanes were claimed, in the transaction that has locked them. */
export async function usePaces(
  tx: Tx,
  { sectionId, id }: Pick<Sender, 'sectionId' | 'id'>,
  locked: LaneRooms,
  claimed: readonly { lane: number }[],
  now: Date,
): Promise<void> {
  const used = [...locked].flatMap(([lane, { lane: shared, perMinute, freeAt }]) => {
    const mails = claimed.filter((each) => each.lane === lane).length;
    const from = Math.max(freeAt.getTime(), now.getTime());
    return mails === 0 ? [] : [{ lane: shared, freeAt: new Date(from + (mails * MINUTE_MS) / perMinute) }];
  });
  if (used.length === 0) return;
  await execute(
    tx,
    sql`
      update sender_pace pace set free_at = used.free_at
      from unnest(
        ${used.map(({ lane }) => lane)}::smallint[], ${used.map(({ freeAt }) => freeAt)}::timestamptz[]
      ) used (lane, free_at)
      where pace.section_id = ${sectionId} and pace.sender_id = ${id} and pace.lane = used.lane`,
  );
}
