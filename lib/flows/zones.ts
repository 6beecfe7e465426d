// When a wait is over, by the clock of somebody's zone. Pure, so that the editor can show it. Days are days of the calendar; hours and minutes are that
// long. A time that the clocks skip is the first one after the gap, and one that they show twice is the first of the two.
import { addDays } from '@/lib/attributes/days';
import { momentIn, zoneNamed } from '@/lib/messages/when';
import { WEEKDAYS, type Duration, type FlowSettings, type Hours, type Weekday } from './schema';

const MINUTE_MS = 60_000;
const LENGTH_MS = { minutes: MINUTE_MS, hours: 60 * MINUTE_MS };
const DAYS = { days: 1, weeks: 7 };

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    const two = '2-digit';
    format = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone: zone, year: 'numeric', month: two, day: two, hour: two, minute: two, hourCycle: 'h23' },
    });
    formats.set(zone, format);
  }
  return format;
}

/** The day and the time that the clock of a zone shows. */
function shownAt(moment: Date, zone: string): { day: string; clock: string } {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, value]),
  );
  const [year, month, day, hour, minute] = ['year', 'month', 'day', 'hour', 'minute'].map((part) =>
    parts.get(part as 'day')!,
  );
  return { day: `${year}-${month}-${day}`, clock: `${hour}:${minute}` };
}

/** The zone, if there is one of that name; otherwise the other one. */
export const zoneOr = (zone: string | null, other: string): string =>
  zone !== null && /^(?:UTC$|[A-Za-z]+\/)/.test(zone) && zoneNamed(zone) !== undefined ? zone : other;

/** When the clock of a zone shows a time on a day. Of a day that the zone has skipped: on the day after it. */
export function clockOn(day: string, clock: string, zone: string): Date {
  const isSkipped = shownAt(momentIn(`${day}T12:00`, zone)!, zone).day !== day;
  return momentIn(`${isSkipped ? addDays(day, 1) : day}T${clock}`, zone)!;
}

/** This moment, or the next one at which the clock of a zone shows a time. */
export function nextClock(at: Date, clock: string, zone: string): Date {
  let { day } = shownAt(at, zone);
  for (;;) {
    const moment = clockOn(day, clock, zone);
    if (moment >= at) return moment;
    day = addDays(day, 1);
  }
}

/**
 * When a time after a moment is over. `clock`: then at this time of the day. Of days: on that day of the calendar, or if the time has passed then, on
 * the next.
 */
export function timeAfter(at: Date, { count, unit }: Duration, clock: string | null, zone: string): Date {
  if (unit === 'minutes' || unit === 'hours') {
    const end = new Date(at.getTime() + count * LENGTH_MS[unit]);
    return clock === null ? end : nextClock(end, clock, zone);
  }
  const shown = shownAt(at, zone);
  const day = addDays(shown.day, count * DAYS[unit]);
  if (clock !== null) {
    const moment = clockOn(day, clock, zone);
    return moment >= at ? moment : nextClock(at, clock, zone);
  }
  if (count === 0) return at;
  const moment = clockOn(day, shown.clock, zone);
  return new Date(moment.getTime() + (at.getTime() % MINUTE_MS));
}

/** At a time of the day, some days after a date. */
export const daysAfter = (date: string, days: number, clock: string, zone: string): Date =>
  clockOn(addDays(date, days), clock, zone);

/** The same once a year: the first one that is not before a moment. 29 February is the 28th in other years. */
export function yearlyAfter(date: string, days: number, clock: string, zone: string, at: Date): Date {
  const year = Number(shownAt(at, zone).day.slice(0, 4));
  for (let next = year - 2; ; next++) {
    const moment = daysAfter(inYear(date, next), days, clock, zone);
    if (moment >= at) return moment;
  }
}

/** The day of a date in a year. */
export function inYear(date: string, year: number): string {
  const day = `${String(year).padStart(4, '0')}-${date.slice(5)}`;
  return date.endsWith('-02-29') && addDays(day, 0) !== day ? `${day.slice(0, 4)}-02-28` : day;
}

/**
 * This moment, or the next one within the hours of a zone's clock: from the first to before the second, also over midnight. The same twice: all of them.
 * `days`: on which they begin; none given: on all.
 */
export function openFrom(at: Date, hours: (Hours & { days?: readonly Weekday[] }) | null, zone: string): Date {
  if (hours === null) return at;
  const isAllDay = hours.from === hours.to;
  const { days = WEEKDAYS } = hours;
  if (isAllDay && days.length === WEEKDAYS.length) return at;
  const open = { ...hours, days, from: isAllDay ? '00:00' : hours.from, to: isAllDay ? '24:00' : hours.to };
  let moment = at;
  while (!isOpen(shownAt(moment, zone), open)) {
    const next = nextClock(moment, open.from, zone);
    // Clocks that are put forward may skip all of the hours, and the hours of this day may not count.
    moment = next > moment ? next : nextClock(new Date(moment.getTime() + MINUTE_MS), open.from, zone);
  }
  return moment;
}

/** Why a flow lets nobody in at a moment: it is before its first day, or after its last one. Null: it does. */
export function whyClosed(
  { opensOn, closesOn }: Pick<FlowSettings, 'opensOn' | 'closesOn'>,
  zone: string,
  at: Date,
): 'early' | 'late' | null {
  if (opensOn !== null && at < clockOn(opensOn, '00:00', zone)) return 'early';
  return closesOn !== null && at >= clockOn(addDays(closesOn, 1), '00:00', zone) ? 'late' : null;
}

/** Hours over midnight belong to the day on which they began. */
function isOpen(
  { day, clock }: { day: string; clock: string },
  { from, to, days }: Hours & { days: readonly Weekday[] },
): boolean {
  const isOn = (one: string) => days.includes(weekdayOf(one));
  if (from < to) return isOn(day) && clock >= from && clock < to;
  return (isOn(day) && clock >= from) || (isOn(addDays(day, -1)) && clock < to);
}

const weekdayOf = (day: string): Weekday => WEEKDAYS[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7]!;
