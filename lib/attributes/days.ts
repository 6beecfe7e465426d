// Days ('YYYY-MM-DD') relative to the time of evaluation.

const DAY_MS = 86_400_000;

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

/**
 * The day `count` days later (negative: earlier), limited to 1000-01-01 to 9999-12-31, the range of date attributes.
 */
export function addDays(day: string, count: number): string {
  const time = Date.parse(`${day}T00:00:00Z`) + count * DAY_MS;
  const bounded = Math.min(Math.max(time, Date.parse('1000-01-01T00:00:00Z')), Date.parse('9999-12-31T00:00:00Z'));
  return new Date(bounded).toISOString().slice(0, 10);
}

/** The range of month and day ('MM-DD') of anniversaries from `today` within `within` days (0: today only). */
export function anniversaries(today: string, within: number): { from: string; to: string; wraps: boolean } {
  const end = addDays(today, within);
  const [from, to] = [today.slice(5), end.slice(5)];
  const leap = new Date(Date.UTC(Number(end.slice(0, 4)), 1, 29)).getUTCMonth() === 1;
  // In other years, a birthday on 29 February counts as the 28th.
  return { from, to: to === '02-28' && !leap ? '02-29' : to, wraps: end.slice(0, 4) !== today.slice(0, 4) };
}
