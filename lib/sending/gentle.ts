// A new sender starts gently: a few mails a second over two connections, and more the more its server has taken. Nothing is assumed of a server that
// nobody has tried. Where an Admin has set a rate, that one holds instead.
import type { SectionId, SenderId } from '@/lib/db/ids';
import { execute, maybeOne, sql, type Db } from '@/lib/db/sql';
import type { OpenSender, SenderSettings } from './schema';

/** The period of `sender_use` that counts all that a sender was given since it began, in seconds: longer than any other. */
export const ALWAYS = 2_147_483_647;

const FIRST_PER_SECOND = 5;
const FIRST_CONNECTIONS = 2;
/** Each second a twentieth of what was taken: it doubles in fourteen seconds. */
const SECONDS_OF_PROOF = 20;
/** After this many mails there is no limit but those that were set. */
const PROVEN = 20_000;
/** One more connection for so many mails. */
const MAILS_PER_CONNECTION = 100;

/** When a sender began, if its pace is its own; null: it keeps to what was set, or was here before. */
export function gentleSince({ server, sms }: Pick<SenderSettings, 'server' | 'sms'>): Date | null {
  const limits = server ?? sms;
  return limits?.perSecond === null && limits.gentleSince !== null ? new Date(limits.gentleSince) : null;
}

/** How many a second, after so many. */
export const gentleRate = (taken: number): number =>
  taken >= PROVEN ? Number.POSITIVE_INFINITY : Math.max(FIRST_PER_SECOND, Math.floor(taken / SECONDS_OF_PROOF));

/** How many connections, of those that were set. */
export const gentleConnections = (all: number, taken: number): number =>
  taken >= PROVEN ? all : Math.min(all, Math.max(FIRST_CONNECTIONS, Math.floor(taken / MAILS_PER_CONNECTION)));

/** How many connections a sender may have now, over all its slots; undefined: it has none. */
export async function connectionsNow(
  db: Db,
  { sectionId, id, settings }: Pick<OpenSender, 'sectionId' | 'id' | 'settings'>,
): Promise<{ connections: number | undefined; isGentle: boolean }> {
  const all = (settings.server ?? settings.sms)?.connections;
  const since = gentleSince(settings);
  if (all === undefined || since === null) return { connections: all, isGentle: false };
  const known = await maybeOne<{ taken: number }>(
    db,
    sql`
      select taken from sender_use
      where section_id = ${sectionId} and sender_id = ${id} and seconds = ${ALWAYS} and since = ${since}`,
  );
  const taken = known?.taken ?? 0;
  return { connections: gentleConnections(all, taken), isGentle: taken < PROVEN };
}

/** The server has asked for less: half of what it took proves nothing any more. */
export async function proveAgain(
  db: Db,
  { sectionId, senderId }: { sectionId: SectionId; senderId: SenderId },
): Promise<void> {
  await execute(
    db,
    sql`
      update sender_use set taken = least(taken, ${PROVEN}) / 2
      where section_id = ${sectionId} and sender_id = ${senderId} and seconds = ${ALWAYS}`,
  );
}
