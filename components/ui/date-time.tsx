'use client';
// A moment in everyday words, with the exact time in the title. The server writes it as the browser will, except for the time
// zone, so that nothing moves once the page is in use.
import { useSyncExternalStore } from 'react';

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' });
/** Made once: `toLocaleString` would make one at each call, and tables have hundreds of times. */
const inFull = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const inFullUtc = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

function ago(date: Date): string {
  const seconds = (date.getTime() - Date.now()) / 1_000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return 'just now';
}

const everyMinute = (changed: () => void) => {
  const timer = setInterval(changed, 60_000);
  return () => clearInterval(timer);
};

/** `exact`: shows date and time instead of the relative time. */
export function DateTime({ value, exact = false }: { value: Date | string; exact?: boolean }) {
  const date = typeof value === 'string' ? new Date(value) : value;
  const title = useSyncExternalStore(
    everyMinute,
    () => inFull.format(date),
    () => inFullUtc.format(date),
  );
  const relation = useSyncExternalStore(
    everyMinute,
    () => ago(date),
    () => ago(date),
  );
  return (
    // A minute may have passed since the server wrote it.
    <time dateTime={date.toISOString()} title={title} className="whitespace-nowrap" suppressHydrationWarning>
      {exact ? title : relation}
    </time>
  );
}
