// Moments in rules, relative to the time of evaluation.
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
