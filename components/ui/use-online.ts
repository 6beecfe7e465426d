'use client';
// Whether the browser has a connection.
import { useSyncExternalStore } from 'react';

/**
 * Whether the browser has a connection, kept up to date. While it has none, a navigation by the router would replace the page
 * by the browser's error page.
 */
export const useOnline = (): boolean =>
  useSyncExternalStore(
    watch,
    () => navigator.onLine,
    () => true,
  );

function watch(changed: () => void): () => void {
  window.addEventListener('online', changed);
  window.addEventListener('offline', changed);
  return () => {
    window.removeEventListener('online', changed);
    window.removeEventListener('offline', changed);
  };
}
