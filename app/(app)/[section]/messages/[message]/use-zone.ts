'use client';
import { useSyncExternalStore } from 'react';

const never = () => () => undefined;

/** The time zone of the browser; UTC until the page is in use. */
export const useZone = (): string =>
  useSyncExternalStore(
    never,
    () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    () => 'UTC',
  );
