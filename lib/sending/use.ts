// Limits of a sender, over all processes: mails and SMS are taken from a second, an hour and a day before they are handed over.
import { refuse } from '@/lib/access/refusal';
import { pool, transaction } from '@/lib/db/pool';
import { allSections } from '@/lib/db/sections';
import { execute, one, sql, type Tx } from '@/lib/db/sql';
import { ALWAYS, gentleRate, gentleSince } from './gentle';
import type { OpenSender, ServerSettings } from './schema';

export const DAY = 86_400;
const HOUR = 3_600;
const SECOND = 1;

/** During a warm-up each day allows half as much again as the one before. */
const WARM_UP_GROWTH = 1.5;

/** How many mails a day allows at a moment: the limit, and what a warm-up allows. Infinity: any number. */
export function capOfDay({ perDay, warmUp }: Pick<ServerSettings, 'perDay' | 'warmUp'>, at: Date): number {
  const limit = perDay ?? Number.POSITIVE_INFINITY;
  if (!warmUp) return limit;
  const day = Math.max(0, Math.floor(at.getTime() / 86_400_000) - Math.floor(Date.parse(warmUp.since) / 86_400_000));
  return Math.min(limit, Math.floor(warmUp.first * WARM_UP_GROWTH ** Math.min(day, 60)));
}

/** `granted`: how many of the wanted mails may go now. `nextAt`: if not all, when to ask again. */
export type Room = { granted: number; nextAt: Date | null };

/**
 * Takes room for up to `wanted` mails from all limits of a sender. The caller locks nothing: the counters do. Take what goes out in the next
 * moments only, and give back what is not used. `share`: the part of each limit that may be used up. Call it in a short transaction of its own: others wait for its rows.
 */
export async function takeRoom(
  tx: Tx,
  sender: Pick<OpenSender, 'sectionId' | 'id' | 'settings'>,
  wanted: number,
  at = new Date(),
  share = 1,
): Promise<Room> {
  let granted = wanted;
  let nextAt: Date | null = null;
  const { server, sms } = sender.settings;
  const limited = server ?? (sms && { ...sms, warmUp: null });
  const since = gentleSince(sender.settings);
  const always = since && { seconds: ALWAYS, since };
  // First, as it is the longest: so nobody waits for each other.
  const proven = always ? gentleRate(await lockUse(tx, sender, ALWAYS, always.since)) : Number.POSITIVE_INFINITY;
  // Longest first: a day that is used up costs no hour and no second.
  const limits = [
    { seconds: DAY, most: limited ? capOfDay(limited, at) : Number.POSITIVE_INFINITY },
    { seconds: HOUR, most: limited?.perHour ?? Number.POSITIVE_INFINITY },
    { seconds: SECOND, most: limited?.perSecond ?? proven },
  ];
  const periods = limits
    .filter(({ seconds, most }) => seconds === DAY || Number.isFinite(most))
    .map(({ seconds, most }) => ({ seconds, most: partOf(most, share), start: startOf(seconds, at) }));
  for (const { seconds, start, most } of periods) {
    const taken = await lockUse(tx, sender, seconds, start);
    const left = Math.max(0, most - taken);
    if (left >= granted) continue;
    granted = left;
    nextAt = new Date(start.getTime() + seconds * 1_000);
  }
  if (granted > 0) {
    if (always) await addUse(tx, sender, always, granted);
    for (const { seconds, start } of periods) await addUse(tx, sender, { seconds, since: start }, granted);
  }
  return { granted, nextAt };
}

/** How long somebody waits for the seconds in which their few mails may go. */
const FEW_WAIT_MS = 30_000;

/**
 * Takes room for a few mails that somebody waits for, over the next seconds if one has too little, and returns for each how long it is to wait, in milliseconds.
 * Refuses with `conflict`, and takes nothing, if the hour or the day has too little.
 */
export function takeRoomForFew(
  sender: Parameters<typeof takeRoom>[1],
  mails: number,
  now = new Date(),
): Promise<number[]> {
  return transaction(async (tx) => {
    const waits: number[] = [];
    for (let at = now; waits.length < mails;) {
      const { granted, nextAt } = await takeRoom(tx, sender, mails - waits.length, at);
      const wait = at.getTime() - now.getTime();
      for (let index = 0; index < granted; index++) waits.push(wait);
      if (waits.length === mails) break;
      if (!nextAt || nextAt.getTime() - at.getTime() > 1_000 || nextAt.getTime() - now.getTime() > FEW_WAIT_MS) {
        refuse('conflict', 'The sender has reached its limit. Try it again later.');
      }
      at = nextAt;
    }
    return waits;
  });
}

/** Gives back room that was taken and not used: nothing was handed over. `at`: when it was taken. */
export async function giveRoom(
  tx: Tx,
  { sectionId, id }: Of,
  unused: readonly { at: Date; mails: number }[],
): Promise<void> {
  const periods = new Map<string, { seconds: number; since: Date; mails: number }>();
  for (const { at, mails } of unused) {
    for (const seconds of [DAY, HOUR, SECOND]) {
      const since = startOf(seconds, at);
      const key = `${seconds} ${since.getTime()}`;
      periods.set(key, { seconds, since, mails: mails + (periods.get(key)?.mails ?? 0) });
    }
  }
  if (unused.length > 0) {
    const mails = unused.reduce((sum, each) => sum + each.mails, 0);
    await execute(
      tx,
      sql`
        update sender_use set taken = greatest(0, taken - ${mails}::int)
        where section_id = ${sectionId} and sender_id = ${id} and seconds = ${ALWAYS}`,
    );
  }
  // In the order in which they are taken, so that nobody waits for each other.
  const ordered = [...periods.values()].toSorted(
    (one, other) => other.seconds - one.seconds || one.since.getTime() - other.since.getTime(),
  );
  for (const { seconds, since, mails } of ordered) {
    await execute(
      tx,
      sql`
        update sender_use set taken = greatest(0, taken - ${mails}::int)
        where section_id = ${sectionId} and sender_id = ${id} and seconds = ${seconds} and since = ${since}`,
    );
  }
}

/** At least one, of a limit that allows any. */
const partOf = (most: number, share: number): number => Math.min(most, Math.max(1, Math.floor(most * share)));

const startOf = (seconds: number, at: Date): Date =>
  new Date(Math.floor(at.getTime() / (seconds * 1_000)) * seconds * 1_000);

type Of = Pick<OpenSender, 'sectionId' | 'id'>;

async function lockUse(tx: Tx, { sectionId, id }: Of, seconds: number, since: Date): Promise<number> {
  const { taken } = await one<{ taken: number }>(
    tx,
    sql`
      insert into sender_use as known (section_id, sender_id, seconds, since, taken)
      values (${sectionId}, ${id}, ${seconds}, ${since}, 0)
      on conflict (section_id, sender_id, seconds, since) do update set taken = known.taken
      returning taken`,
  );
  return taken;
}

async function addUse(
  tx: Tx,
  { sectionId, id }: Of,
  { seconds, since }: { seconds: number; since: Date },
  mails: number,
): Promise<void> {
  await execute(
    tx,
    sql`
      update sender_use set taken = taken + ${mails}::int
      where section_id = ${sectionId} and sender_id = ${id} and seconds = ${seconds} and since = ${since}`,
  );
}

/** Removes the counters of past periods. */
export async function removeOldUse(now = new Date()): Promise<void> {
  const before = new Date(now.getTime() - 3 * DAY * 1_000);
  for (const id of await allSections()) {
    await execute(
      pool(),
      sql`delete from sender_use where section_id = ${id} and since < ${before} and seconds <= ${DAY}`,
    );
  }
}

/** Senders that were removed can be brought back for a while; then their secrets go. */
const REMOVED_DAYS = 7;

/** Forgets the secrets of senders that were removed some days ago. */
export async function forgetRemovedSenders(now = new Date()): Promise<void> {
  const before = new Date(now.getTime() - REMOVED_DAYS * DAY * 1_000);
  for (const id of await allSections()) {
    await execute(
      pool(),
      sql`update sender set secrets = null where section_id = ${id} and removed_at < ${before} and secrets is not null`,
    );
  }
}
