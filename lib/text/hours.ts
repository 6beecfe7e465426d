// Hours of the day by the clock of a zone: when something may happen. Pure, so that the browser can use it too.
import { z } from 'zod';

const Hour = z.number().int().min(0).max(23);

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' });
    formats.set(zone, format);
  }
  return format;
}

function isNamedZone(zone: string): boolean {
  try {
    return /^[A-Za-z]/.test(zone) && formatOf(zone) !== undefined;
  } catch {
    return false;
  }
}

/** From the first hour to before the second, also over midnight. The same twice: all of them. */
export const HoursSchema = z.object({
  from: Hour,
  to: Hour,
  /** The IANA name, such as Europe/Stockholm. */
  zone: z
    .string()
    .max(60)
    .refine(isNamedZone, 'This time zone does not exist. Use one such as Europe/Stockholm.')
    .default('UTC'),
});
export type Hours = z.output<typeof HoursSchema>;

/** The hour that the clock of a zone shows, from 0 to 23. */
const hourIn = (time: Date, zone: string): number => Number(formatOf(zone).format(time));

/** Whether a moment is within the hours. Null: any moment is. */
export function isWithin(hours: Hours | null, at: Date): boolean {
  if (hours === null || hours.from === hours.to) return true;
  const hour = hourIn(at, hours.zone);
  return hours.from < hours.to ? hour >= hours.from && hour < hours.to : hour >= hours.from || hour < hours.to;
}

/** The offsets of all zones are multiples of this, and so are the steps by which their clocks change. */
export const QUARTER_MS = 15 * 60_000;
/** Days until hours surely begin or end: clocks that are put forward may pass over them. */
const DAYS = 3;

/** This moment, or the next quarter of an hour at which `isSo`. */
function nextQuarter(at: Date, isSo: (at: Date) => boolean): Date {
  const latest = at.getTime() + DAYS * 86_400_000;
  let next = at;
  while (!isSo(next) && next.getTime() < latest) {
    next = new Date(Math.floor(next.getTime() / QUARTER_MS) * QUARTER_MS + QUARTER_MS);
  }
  return next;
}

/** This moment, or the next one within the hours. */
export const firstWithin = (hours: Hours | null, at: Date): Date => nextQuarter(at, (next) => isWithin(hours, next));

/** When the hours end that a moment is within; null: they never do. */
export const endOfHours = (hours: Hours | null, at: Date): Date | null =>
  hours === null || hours.from === hours.to ? null : nextQuarter(at, (next) => !isWithin(hours, next));
