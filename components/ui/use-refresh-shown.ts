'use client';
// Reads again what the page shows. What has been typed, the selection and the scroll position stay.
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useCallback } from 'react';

/** Reads the page's server components and the mounted queries again. */
export function useRefreshShown(): () => void {
  const router = useRouter();
  const client = useQueryClient();
  return useCallback(() => {
    router.refresh();
    void client.invalidateQueries({ predicate: ({ meta }) => meta?.background !== true });
  }, [router, client]);
}
