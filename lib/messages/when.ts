// When a message goes: what somebody asked for by the clock of a zone, as a moment.
import type { Wish } from './schema';

/**
 * The moment of a wish. A time that the clocks skip is the first one after the gap; one that they show twice is the first of the two.
 * Undefined: the zone or the date does not exist.
 */
export function momentOf(wish: Wish, now: Date): Date | undefined {
  return wish.when === 'now' ? now : momentIn(wish.local, wish.zone);
}

/** Its clocks are ahead of all others. */
const FIRST_ZONE = 'Pacific/Kiritimati';

/** When the first people may get it. By each person's clock that is where the day begins first. Undefined: the zone or the date does not exist. */
export function startOf(wish: Wish, now: Date): Date | undefined {
  const moment = momentOf(wish, now);
  if (!moment || wish.when === 'now' || wish.byPerson === undefined) return moment;
  const first = momentIn(wish.local, FIRST_ZONE)!;
  return first < now ? now : first;
}

/** The moment of a local time such as '2026-03-29T02:30' by the clock of a zone. */
export function momentIn(local: string, zone: string): Date | undefined {
  const asUtc = Date.parse(`${local}:00Z`);
  // '2026-02-30' is read as a day of March.
  if (Number.isNaN(asUtc) || !new Date(asUtc).toISOString().startsWith(local) || !zoneNamed(zone)) return undefined;
  const offsets = [offsetAt(asUtc - DAY, zone), offsetAt(asUtc + DAY, zone)];
  const moments = offsets.map((offset) => asUtc - offset);
  const shown = moments.filter((moment) => moment + offsetAt(moment, zone) === asUtc);
  return new Date(
    shown.length > 0 ? Math.min(...shown) : changeBetween(Math.min(...moments), Math.max(...moments), zone),
  );
}

/** The name of a zone as this server knows it; undefined if it does not know it. */
export function zoneNamed(zone: string): string | undefined {
  try {
    return formatOf(zone).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

const DAY = 86_400_000;

/** The first moment after the clocks of a zone have changed, between two moments. */
function changeBetween(before: number, after: number, zone: string): number {
  const old = offsetAt(before, zone);
  let [from, to] = [before, after];
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    if (offsetAt(middle, zone) === old) from = middle;
    else to = middle;
  }
  return to;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  return format;
}

/** Milliseconds that a zone is ahead of UTC at a moment. */
function offsetAt(moment: number, zone: string): number {
  const name = formatOf(zone)
    .formatToParts(moment)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const parts = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name ?? '');
  if (!parts) return 0;
  const seconds = Number(parts[2]) * 3_600 + Number(parts[3]) * 60 + Number(parts[4] ?? 0);
  return (parts[1] === '-' ? -1 : 1) * seconds * 1_000;
}
