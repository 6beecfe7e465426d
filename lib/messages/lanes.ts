// Mailbox providers. Each has a lane of its own, so that one that asks for less does not hold up the others. What holds a lane up
// is in the database, for all processes.
import type { Channel } from '@/lib/consents/schema';
import type { SectionId, SenderId } from '@/lib/db/ids';
import { execute, rows, sql, type Db, type Sql } from '@/lib/db/sql';

/** Stands for all lanes of a sender: its own server does not take mails. */
export const WHOLE_SENDER = -1;

/** Providers with several domains. */
const PROVIDERS: { lane: number; name: string; domains: readonly string[] }[] = [
  { lane: 1, name: 'Gmail', domains: ['gmail.com', 'googlemail.com'] },
  {
    lane: 2,
    name: 'Outlook',
    domains: [
      'outlook.com',
      'hotmail.com',
      'live.com',
      'msn.com',
      'hotmail.se',
      'live.se',
      'outlook.fr',
      'hotmail.fr',
      'hotmail.co.uk',
      'live.nl',
    ],
  },
  {
    lane: 3,
    name: 'Yahoo',
    domains: ['yahoo.com', 'ymail.com', 'rocketmail.com', 'aol.com', 'yahoo.se', 'yahoo.co.uk', 'yahoo.fr', 'yahoo.de'],
  },
  { lane: 4, name: 'iCloud', domains: ['icloud.com', 'me.com', 'mac.com'] },
  { lane: 5, name: 'GMX and web.de', domains: ['gmx.de', 'gmx.net', 'gmx.at', 'web.de'] },
];
/** All other domains share these. */
const FIRST_OTHER = 16;
const OTHERS = 64;

/** Every lane that a recipient may be in. */
export const LANES: readonly number[] = [
  ...PROVIDERS.map(({ lane }) => lane),
  ...Array.from({ length: OTHERS }, (_, index) => FIRST_OTHER + index),
];

/** Mails of single calls have the same lanes for themselves: what holds up a newsletter does not hold them up. */
export const SERVICE_LANES = 100;
export const LANES_OF_SERVICE: readonly number[] = LANES.map((lane) => SERVICE_LANES + lane);

/** What a lane is called; null: one of several other domains. */
export const laneName = (lane: number): string | null =>
  lane === WHOLE_SENDER
    ? 'The sender’s server'
    : (PROVIDERS.find((provider) => provider.lane === lane % SERVICE_LANES)?.name ?? null);

/** The lane of an address, as SQL. `address`: a column of the statement. All SMS are in one: there is one provider. */
export function laneOf(channel: Channel, address: Sql): Sql {
  if (channel === 'sms') return sql`${FIRST_OTHER}::smallint`;
  const domain = sql`lower(substring(${address} from '[^@]*$'))`;
  const known = PROVIDERS.flatMap(({ lane, domains }) => domains.map((one) => ({ lane, domain: one })));
  return sql`coalesce(
    (${known.map(({ lane }) => lane)}::smallint[])[array_position(${known.map((one) => one.domain)}::text[], ${domain})],
    (${FIRST_OTHER}::int + (hashtext(${domain}) & ${OTHERS - 1}::int))::smallint
  )`;
}

/** A lane that is held up, or was lately. `step`: how often in a row. */
export type SlowLane = { lane: number; step: number; until: Date; answer: string };

type Of = { sectionId: SectionId; senderId: SenderId };

/** The lanes of a sender that are held up, or take only a few mails until one was taken. */
export const slowLanes = (db: Db, { sectionId, senderId }: Of): Promise<SlowLane[]> =>
  rows(
    db,
    sql`
      select lane, step, until, answer from sender_lane
      where section_id = ${sectionId} and sender_id = ${senderId} and step > 0`,
  );

const PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
const MOST_STEPS = 10;

/**
 * Holds up a lane: 15 s, twice as long each time, 15 minutes at most. Answers that came while it was held up already were
 * to mails under way, and make it no longer. `atLeastMs`: what the other side asked for.
 */
export async function slowDown(
  db: Db,
  { sectionId, senderId }: Of,
  lane: number,
  answer: string,
  now: Date,
  atLeastMs = 0,
): Promise<void> {
  const untils = Array.from(
    { length: MOST_STEPS },
    (_, step) => new Date(now.getTime() + Math.max(atLeastMs, Math.min(PAUSE_MS * 2 ** step, LONGEST_PAUSE_MS))),
  );
  await execute(
    db,
    sql`
      insert into sender_lane as known (section_id, sender_id, lane, step, until, answer)
      values (${sectionId}, ${senderId}, ${lane}, 1, ${untils[0]}, ${answer})
      on conflict (section_id, sender_id, lane) do update set
        step = least(known.step + 1, ${MOST_STEPS}),
        until = (${untils}::timestamptz[])[least(known.step + 1, ${MOST_STEPS})],
        answer = excluded.answer
      where known.until <= ${now}`,
  );
}
/** Mails of these lanes were taken: one step faster again each. */
export async function speedUp(db: Db, { sectionId, senderId }: Of, lanes: readonly number[], now: Date): Promise<void> {
  await execute(
    db,
    sql`
      update sender_lane set step = greatest(step - 1, 0)
      where section_id = ${sectionId} and sender_id = ${senderId} and lane = any(${lanes}::smallint[])
        and step > 0 and until <= ${now}`,
  );
}

/** How many mails a lane takes at a time: `most`, and few after it was held up, until it has taken those. */
export const roomInLane = (most: number, step: number): number => (step === 0 ? most : Math.max(1, 32 >> step));
