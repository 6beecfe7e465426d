'use client';
// An operation, live until it ends.
import { useQuery } from '@tanstack/react-query';
import { getJson } from '@/components/ui/json';
import type { OperationView } from '@/lib/operations/schema';

const POLL_MS = 700;

/** Whether nothing more will happen to it. */
export function hasEnded(operation: Pick<OperationView, 'status'> | undefined): boolean {
  return operation !== undefined && operation.status !== 'queued' && operation.status !== 'running';
}

export function useOperation(slug: string, operationId: number | null, initial?: OperationView) {
  return useQuery({
    queryKey: ['operation', slug, operationId],
    queryFn: () => getJson<OperationView>(`/data/${slug}/operations/${operationId}`),
    enabled: operationId !== null,
    initialData: initial,
    refetchInterval: (query) => (hasEnded(query.state.data) ? false : POLL_MS),
    retry: true,
  });
}
