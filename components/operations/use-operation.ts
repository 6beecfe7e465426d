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

/** The one that was read later: what an earlier page left in the cache may be older than what the server rendered. */
export function laterOf<View extends Pick<OperationView, 'readAt'>>(left: View | undefined, right: View | undefined) {
  return left && right ? (left.readAt > right.readAt ? left : right) : (left ?? right);
}

/**
 * For what shows the operation and its end: the shell then does not announce the end as well. `initial`: as the server rendered it.
 */
export function useOperation(slug: string, operationId: number | null, initial?: OperationView) {
  const found = useQuery({
    queryKey: ['operation', slug, operationId],
    queryFn: () => getJson<OperationView>(`/data/${slug}/operations/${operationId}`),
    enabled: operationId !== null,
    initialData: initial,
    refetchInterval: (query) => (hasEnded(laterOf(initial, query.state.data)) ? false : POLL_MS),
    retry: true,
  });
  const data = laterOf(initial, found.data);
  useShownHere(slug, operationId, hasEnded(data));
  return { data, refetch: found.refetch };
}
