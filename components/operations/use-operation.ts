'use client';
// An operation, polled until it ends.
import { useQuery } from '@tanstack/react-query';
import { getJson } from '@/components/ui/json';
import type { OperationView } from '@/lib/activity/schema';

const POLL_MS = 700;

/** Whether the operation has ended. */
export function hasEnded(operation: Pick<OperationView, 'status'> | undefined): boolean {
  return operation !== undefined && operation.status !== 'queued' && operation.status !== 'running';
}

const readOperation = (slug: string, operationId: number) =>
  getJson<OperationView>(`/data/${slug}/operations/${operationId}`);

export function useOperation(slug: string, operationId: number | null, initial?: OperationView) {
  return useQuery({
    queryKey: ['operation', slug, operationId],
    queryFn: () => readOperation(slug, operationId!),
    enabled: operationId !== null,
    initialData: initial,
    refetchInterval: (query) => (hasEnded(query.state.data) ? false : POLL_MS),
    retry: true,
  });
}

/** Waits until an operation has ended, for callers without a place in the page. Keeps polling after errors. */
export async function waitForOperation(slug: string, operationId: number): Promise<OperationView> {
  for (;;) {
    const operation = await readOperation(slug, operationId).catch(() => undefined);
    if (operation && hasEnded(operation)) return operation;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
