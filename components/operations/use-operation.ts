'use client';
// An operation, polled until it ends.
import { useQuery } from '@tanstack/react-query';
import { getJson } from '@/components/ui/json';
import type { OperationView } from '@/lib/activity/schema';
import { useShownHere } from './shown-here';

const POLL_MS = 700;

/** Whether the operation has ended. */
export function hasEnded(operation: Pick<OperationView, 'status'> | undefined): boolean {
  return operation !== undefined && operation.status !== 'queued' && operation.status !== 'running';
}

/** For what shows the operation and its end: the shell then does not announce the end as well. */
export function useOperation(slug: string, operationId: number | null, initial?: OperationView) {
  const found = useQuery({
    queryKey: ['operation', slug, operationId],
    queryFn: () => getJson<OperationView>(`/data/${slug}/operations/${operationId}`),
    enabled: operationId !== null,
    initialData: initial,
    refetchInterval: (query) => (hasEnded(query.state.data) ? false : POLL_MS),
    retry: true,
  });
  useShownHere(slug, operationId, hasEnded(found.data));
  return found;
}
