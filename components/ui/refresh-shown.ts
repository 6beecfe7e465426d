'use client';
// Reads again what the page shows, when something else has changed it. What has been typed, the selection and the scroll
// position stay.
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useCallback, useEffect, useRef } from 'react';
import { isEditing, watchTyping } from './is-editing';

/** A tab that was left for a shorter time is not read again. */
const FRESH_MS = 5_000;

/**
 * Reads the page's server components and the mounted queries again. Not while somebody edits: forms compare what they
 * send with what they were opened with, to find what others have changed since. And not without a connection: Next
 * would load the whole page, and lose it.
 */
export function useRefreshShown(): () => void {
  const router = useRouter();
  const client = useQueryClient();
  return useCallback(() => {
    if (isEditing() || !navigator.onLine) return;
    router.refresh();
    // What is being read at the moment is not cancelled.
    void client.invalidateQueries({ predicate: ({ meta }) => meta?.background !== true }, { cancelRefetch: false });
  }, [router, client]);
}

/** Reads the page again when somebody comes back to its tab. */
export function RefreshOnReturn() {
  const refresh = useRefreshShown();
  const leftAt = useRef<number | null>(null);
  useEffect(watchTyping, []);
  useEffect(() => {
    const leave = () => {
      leftAt.current ??= Date.now();
    };
    const comeBack = () => {
      const left = leftAt.current;
      leftAt.current = null;
      if (left !== null && Date.now() - left >= FRESH_MS) refresh();
    };
    const turn = () => (document.visibilityState === 'hidden' ? leave() : comeBack());
    document.addEventListener('visibilitychange', turn);
    window.addEventListener('blur', leave);
    window.addEventListener('focus', comeBack);
    return () => {
      document.removeEventListener('visibilitychange', turn);
      window.removeEventListener('blur', leave);
      window.removeEventListener('focus', comeBack);
    };
  }, [refresh]);
  return null;
}

/** Reads the page again every so often while its tab is visible. */
export function RefreshEvery({ seconds }: { seconds: number }) {
  const refresh = useRefreshShown();
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') refresh();
    }, seconds * 1_000);
    return () => clearInterval(timer);
  }, [refresh, seconds]);
  return null;
}
