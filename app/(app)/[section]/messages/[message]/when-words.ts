// Moments by the clock of a zone, in words.
import type { Wish } from '@/lib/messages/schema';
import { momentIn } from '@/lib/messages/when';
import type { Hours } from '@/lib/text/hours';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatted(moment: Date, zone: string, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify([zone, options]);
  const format = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
  formats.set(key, format);
  return format.format(moment);
}

/** 'Friday 27 November 2026 at 09:00'. */
export const momentInWords = (moment: Date, zone: string): string =>
  formatted(moment, zone, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }) +
  ` at ${clockOf(moment, zone)}`;

/** '09:00'. */
export const clockOf = (moment: Date, zone: string): string =>
  formatted(moment, zone, { hour: '2-digit', minute: '2-digit', hour12: false });

/** 'Friday 27 November 2026 at 09:00, Stockholm time'. `moment`: of a wish for everybody at the same time. */
export function wishInWords(wish: Extract<Wish, { when: 'at' }>, moment: Date): string {
  if (wish.byPerson === undefined) return `${momentInWords(moment, wish.zone)}, ${zoneInWords(wish.zone)} time`;
  const local = momentIn(wish.local, wish.zone) ?? moment;
  return `${momentInWords(local, wish.zone)}, by each person’s clock`;
}

/** '2026-11-27', for a field. */
export function dayOf(moment: Date, zone: string): string {
  const [day, month, year] = formatted(moment, zone, { day: '2-digit', month: '2-digit', year: 'numeric' }).split('/');
  return `${year}-${month}-${day}`;
}

/** 'Stockholm' of 'Europe/Stockholm'. */
export const zoneInWords = (zone: string): string => zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ');

/** '08:00 to 20:00, Stockholm time'. */
export function hoursInWords({ from, to, zone }: Hours): string {
  const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`;
  return `${clock(from)} to ${clock(to)}, ${zoneInWords(zone)} time`;
}

const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'always' });

/** 'in 3 hours', 'in 2 days'. */
export function fromNow(moment: Date, now: Date): string {
  const minutes = Math.round((moment.getTime() - now.getTime()) / 60_000);
  if (Math.abs(minutes) < 90) return relative.format(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 48 ? relative.format(hours, 'hour') : relative.format(Math.round(hours / 24), 'day');
}
