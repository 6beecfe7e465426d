'use client';
// A moment in everyday words, with the exact time in the title. Absolute on the server, relative once in the browser.
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

const utcDay = (date: Date) => date.toISOString().slice(0, 10);

/** `exact`: shows date and time instead of the relative time. */
export function DateTime({ value, exact = false }: { value: Date | string; exact?: boolean }) {
  const date = typeof value === 'string' ? new Date(value) : value;
  const local = () => date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
  const shown = useSyncExternalStore(everyMinute, exact ? local : () => ago(date), () => utcDay(date));
  const title = useSyncExternalStore(everyMinute, local, () => date.toISOString());
  return (
    <time dateTime={date.toISOString()} title={title} className="whitespace-nowrap">
      {shown}
    </time>
  );
}
