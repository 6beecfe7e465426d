'use client';
// By whose clock the times in forms are: the browser's, and the section's.
import { createContext, use, useSyncExternalStore } from 'react';

const never = () => () => undefined;

/** The time zone of the browser; UTC until the page is in use. */
export const useZone = (): string =>
  useSyncExternalStore(
    never,
    () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    () => 'UTC',
  );

/** The zone that somebody has chosen for the section; null: nobody has. */
export const SectionZone = createContext<string | null>(null);

/** What times are by unless somebody chooses another zone: the section's, otherwise the browser's. */
export function useSectionZone(): string {
  const own = useZone();
  return use(SectionZone) ?? own;
}
