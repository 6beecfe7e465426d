// Moments and days in rules, relative to the time of evaluation.
import type { Unit } from './schema';

const HOUR_MS = 3_600_000;
const LENGTH_MS: Record<Exclude<Unit, 'months'>, number> = {
  hours: HOUR_MS,
  days: 24 * HOUR_MS,
  weeks: 7 * 24 * HOUR_MS,
};

/** The moment a given period before `now`. A month before 31 March is the last day of February. */
export function ago(now: Date, count: number, unit: Unit): Date {
  if (unit !== 'months') return new Date(now.getTime() - count * LENGTH_MS[unit]);
  const months = now.getUTCFullYear() * 12 + now.getUTCMonth() - count;
  const last = new Date(0);
  last.setUTCFullYear(Math.floor(months / 12), (months % 12) + 1, 0);
  const then = new Date(now);
  then.setUTCFullYear(Math.floor(months / 12), months % 12, Math.min(now.getUTCDate(), last.getUTCDate()));
  return then;
}

/** The current day in a time zone: 'YYYY-MM-DD'. */
export function dayIn(timeZone: string, now: Date): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(now);
  const part = (type: string) => parts.find((item) => item.type === type)!.value;
  return `${part('year')}-${part('month')}-${part('day')}`;
}

/** The day so many days later (negative: earlier), within 1000-01-01 and 9999-12-31, the range of date attributes. */
export function addDays(day: string, count: number): string {
  const time = Date.parse(`${day}T00:00:00Z`) + count * LENGTH_MS.days;
  const bounded = Math.min(Math.max(time, Date.parse('1000-01-01T00:00:00Z')), Date.parse('9999-12-31T00:00:00Z'));
  return new Date(bounded).toISOString().slice(0, 10);
}

/** The range of month and day ('MM-DD') of anniversaries from `today` within so many days (0: today only). */
export function anniversaries(today: string, within: number): { from: string; to: string; wraps: boolean } {
  const end = addDays(today, within);
  const [from, to] = [today.slice(5), end.slice(5)];
  const leap = new Date(Date.UTC(Number(end.slice(0, 4)), 1, 29)).getUTCMonth() === 1;
  // A birthday on 29 February is on the 28th in other years.
  return { from, to: to === '02-28' && !leap ? '02-29' : to, wraps: end.slice(0, 4) !== today.slice(0, 4) };
}
